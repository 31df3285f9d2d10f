// Questions in Anthropic's format: bodies as they are sent to each family of models, and how they
// change when a server refuses something of them.
#include "llm/anthropic_request.h"

#include <gtest/gtest.h>

#include <utility>

namespace caesar {
namespace {

class AnthropicRequestTest : public testing::Test {
 protected:
  AnthropicRequestTest() {
    config_.model = "claude-sonnet-4-6";
    config_.max_tokens = 100;
    request_.messages.push_back({ChatMessage::Role::kUser, "hi"});
  }

  Result<std::string> TryBody() {
    return kAnthropic.body(config_, request_, kAnthropic.guess(config_, ""));
  }
  std::string Body(const Dialect& dialect) {
    const auto body = kAnthropic.body(config_, request_, dialect);
    if (!body.ok()) return "error: " + body.error().message + " " + body.error().detail;
    return body.value();
  }
  std::string Body() { return Body(kAnthropic.guess(config_, "")); }
  // The members that say something about thinking, for a model and an effort.
  std::string Thinking(const std::string& model, const std::string& effort) {
    config_.model = model;
    config_.reasoning_effort = effort;
    config_.max_tokens.reset();
    std::string body = Body();
    const std::string messages = R"("messages":[{"content":"hi","role":"user"}],)";
    for (const std::string& part :
         {messages, "\"model\":\"" + model + "\",", std::string("\"stream\":true,"),
          std::string(",\"stream\":true")}) {
      if (const std::size_t at = body.find(part); at != std::string::npos)
        body.erase(at, part.size());
    }
    return body;
  }

  static CallFailure Refusal(const std::string& message) {
    CallFailure failure;
    failure.status = 400;
    failure.error =
        ParseApiError(R"({"type":"error","error":{"type":"invalid_request_error","message":")" +
                      message + R"("},"request_id":"req_1"})");
    return failure;
  }
  std::optional<Repair> RepairFor(const Dialect& dialect, const std::string& message) {
    return kAnthropic.repair(dialect, config_, Refusal(message));
  }

  ModelConfig config_;
  ModelRequest request_;
};

TEST_F(AnthropicRequestTest, Addresses) {
  for (const char* base : {"https://api.anthropic.com", "https://api.anthropic.com/v1"})
    EXPECT_EQ(kAnthropic.url(base, "m"), "https://api.anthropic.com/v1/messages");
  EXPECT_EQ(kAnthropic.url("http://localhost:8080/anthropic", ""),
            "http://localhost:8080/anthropic/v1/messages");
  EXPECT_EQ(kAnthropic.url_tail, "/v1/messages");
  EXPECT_EQ(kAnthropic.headers(), (Headers{{"anthropic-version", "2023-06-01"}}));
}

TEST_F(AnthropicRequestTest, PlainBody) {
  EXPECT_EQ(
      Body(),
      R"({"max_tokens":100,"messages":[{"content":"hi","role":"user"}],"model":"claude-sonnet-4-6",)"
      R"("stream":true})");
}

TEST_F(AnthropicRequestTest, ASeedCannotBeSaid) {
  config_.seed = 7;
  const auto body = kAnthropic.body(config_, request_, {});
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.error().code, ErrorCode::kUsage);
}

TEST_F(AnthropicRequestTest, EveryOption) {
  config_.temperature = 0.5;
  config_.top_p = 0.9;
  config_.reasoning_effort = "medium";
  config_.extra_json = R"({"top_k":20,"stream":null,"thinking":{"display":"omitted"}})";
  request_.messages = {{ChatMessage::Role::kSystem, "be brief"},
                       {ChatMessage::Role::kUser, "a"},
                       {ChatMessage::Role::kAssistant, "b"},
                       {ChatMessage::Role::kSystem, "be kind"},
                       {ChatMessage::Role::kUser, "c \"\n"}};
  EXPECT_EQ(Body(),
            R"({"max_tokens":100,"messages":[{"content":"a","role":"user"},)"
            R"({"content":"b","role":"assistant"},{"content":"c \"\n","role":"user"}],)"
            R"("model":"claude-sonnet-4-6","output_config":{"effort":"medium"},)"
            R"("system":"be brief\n\nbe kind","temperature":0.5,)"
            R"("thinking":{"display":"omitted","type":"adaptive"},"top_k":20,"top_p":0.9})");
}

TEST_F(AnthropicRequestTest, ExtraJsonMustBeAnObject) {
  config_.extra_json = "[1]";
  ASSERT_FALSE(TryBody().ok());
  EXPECT_EQ(TryBody().error().code, ErrorCode::kUsage);
}

TEST_F(AnthropicRequestTest, StableStartIsCached) {
  request_.messages[0].text = "stable, then not";
  request_.messages.push_back({ChatMessage::Role::kAssistant, "stable, then not"});
  request_.messages.push_back({ChatMessage::Role::kUser, "stable, then not"});
  request_.stable_bytes = 7;
  const std::string rest =
      R"({"content":"stable, then not","role":"assistant"},)"
      R"({"content":"stable, then not","role":"user"}],"model":"claude-sonnet-4-6","stream":true})";
  EXPECT_EQ(
      Body(),
      R"({"max_tokens":100,"messages":[{"content":[{"cache_control":{"type":"ephemeral"},)"
      R"("text":"stable,","type":"text"},{"text":" then not","type":"text"}],"role":"user"},)" +
          rest);
  Dialect dialect;
  dialect.dropped.insert("cache_control");
  EXPECT_EQ(
      Body(dialect),
      R"({"max_tokens":100,"messages":[{"content":"stable, then not","role":"user"},)" + rest);
}

// The text as it is cut, with '|' where it is; "" if the content is one string.
TEST_F(AnthropicRequestTest, CutsAreBetweenCharactersAndNeverBlank) {
  const auto parts = [&](const std::string& text, std::size_t stable_bytes) {
    request_.messages[0].text = text;
    request_.stable_bytes = stable_bytes;
    const std::string body = Body();
    std::string joined;
    const std::string key = R"("text":")";
    for (std::size_t at = body.find(key); at != std::string::npos; at = body.find(key, at + 1)) {
      const std::size_t begin = at + key.size();
      joined += (joined.empty() ? "" : "|") + body.substr(begin, body.find('"', begin) - begin);
    }
    return joined;
  };
  const std::string text = "aé\xF0\x9F\x9A\x80z";  // characters begin at 0, 1, 3 and 7
  EXPECT_EQ(parts(text, 0), "");
  EXPECT_EQ(parts(text, 1), "a|é\xF0\x9F\x9A\x80z");
  EXPECT_EQ(parts(text, 2), "a|é\xF0\x9F\x9A\x80z");
  for (const std::size_t inside : {3U, 4U, 5U, 6U})
    EXPECT_EQ(parts(text, inside), "aé|\xF0\x9F\x9A\x80z");
  EXPECT_EQ(parts(text, 7), "aé\xF0\x9F\x9A\x80|z");
  for (const std::size_t behind : {std::size_t{8}, std::size_t{9}, ~std::size_t{0}})
    EXPECT_EQ(parts(text, behind), "");
  EXPECT_EQ(parts("ab \n", 2), "") << "the rest is blank";
  EXPECT_EQ(parts(" \nab", 2), "") << "the start is blank";
  EXPECT_EQ(parts("", 3), "");
  EXPECT_EQ(parts("\x80\x80\x80z", 3), "\uFFFD\uFFFD\uFFFD|z") << "and no end of bad UTF-8";
  EXPECT_EQ(parts("\x80\x80\x80\x80", 2), "");
}

TEST_F(AnthropicRequestTest, LimitOfEachFamily) {
  config_.max_tokens.reset();
  const std::pair<const char*, int> cases[] = {
      {"claude-3-opus-20240229", 4096},  {"claude-2.1", 4096},
      {"anthropic.claude-v2:1", 4096},   {"claude-3-5-sonnet-20241022", 8192},
      {"claude-3.5-haiku", 8192},        {"claude-3-7-sonnet-20250219", 32000},
      {"claude-opus-4-20250514", 32000}, {"claude-sonnet-4-5", 32000},
      {"claude-opus-5-5", 32000},        {"claude-mythos-preview", 32000},
      {"deepseek-chat", 32000}};
  for (const auto& [model, limit] : cases) {
    config_.model = model;
    EXPECT_EQ(kAnthropic.output_limit(config_, kAnthropic.guess(config_, "")), limit) << model;
    EXPECT_NE(Body().find("\"max_tokens\":" + std::to_string(limit) + ","), std::string::npos);
  }
}

TEST_F(AnthropicRequestTest, WhoseLimitCounts) {
  Dialect dialect;
  EXPECT_EQ(kAnthropic.output_limit(config_, dialect), 100);
  dialect.max_tokens = 50;
  EXPECT_EQ(kAnthropic.output_limit(config_, dialect), 50);
  EXPECT_NE(Body(dialect).find("\"max_tokens\":50,"), std::string::npos);
  config_.extra_json = R"({"max_tokens":7})";
  EXPECT_EQ(kAnthropic.output_limit(config_, dialect), std::nullopt) << "none that can be changed";
  EXPECT_NE(Body(dialect).find("\"max_tokens\":7,"), std::string::npos);
}

TEST_F(AnthropicRequestTest, ThinkingOfEachFamily) {
  struct Case {
    const char* model;
    const char* effort;
    const char* body;
  };
  const Case cases[] = {
      // 4.6 and later, and what is not known: an effort.
      {"claude-sonnet-4-6", "low",
       R"({"max_tokens":36096,"output_config":{"effort":"low"},)"
       R"("thinking":{"display":"summarized","type":"adaptive"}})"},
      {"claude-opus-4-7", "xhigh",
       R"({"max_tokens":64000,"output_config":{"effort":"xhigh"},)"
       R"("thinking":{"display":"summarized","type":"adaptive"}})"},
      {"claude-mythos-preview", "minimal",
       R"({"max_tokens":34048,"output_config":{"effort":"low"},)"
       R"("thinking":{"display":"summarized","type":"adaptive"}})"},
      {"claude-opus-6", " Max ",
       R"({"max_tokens":64000,"output_config":{"effort":"max"},)"
       R"("thinking":{"display":"summarized","type":"adaptive"}})"},
      {"glm-5", "high",
       R"({"max_tokens":48000,"output_config":{"effort":"high"},)"
       R"("thinking":{"display":"summarized","type":"adaptive"}})"},
      {"claude-opus-7", "extreme",
       R"({"max_tokens":32000,"output_config":{"effort":"extreme"},)"
       R"("thinking":{"display":"summarized","type":"adaptive"}})"},
      // 3.7 to 4.5: a budget, which leaves something to the answer.
      {"claude-3-7-sonnet-20250219", "minimal",
       R"({"max_tokens":34048,"thinking":{"budget_tokens":2048,"type":"enabled"}})"},
      {"us.anthropic.claude-sonnet-4-20250514-v1:0", "medium",
       R"({"max_tokens":32000,"thinking":{"budget_tokens":10000,"type":"enabled"}})"},
      {"claude-opus-4-1", "max",
       R"({"max_tokens":32000,"thinking":{"budget_tokens":24000,"type":"enabled"}})"},
      {"anthropic/claude-sonnet-4.5", "high",
       R"({"max_tokens":48000,"thinking":{"budget_tokens":16000,"type":"enabled"}})"},
      {"claude-haiku-4-5@20251001", "xhigh",
       R"({"max_tokens":64000,"thinking":{"budget_tokens":32000,"type":"enabled"}})"},
      // A number of tokens.
      {"claude-sonnet-4-5", "12345",
       R"({"max_tokens":44345,"thinking":{"budget_tokens":12345,"type":"enabled"}})"},
      {"claude-sonnet-4-6", "1024",
       R"({"max_tokens":33024,"thinking":{"budget_tokens":1024,"type":"enabled"}})"},
      {"glm-5", "2000",
       R"({"max_tokens":34000,"thinking":{"budget_tokens":2000,"type":"enabled"}})"},
      // Off, which has to be said only to those that think unasked.
      {"claude-3-5-haiku-latest", "none", R"({"max_tokens":8192})"},
      {"claude-sonnet-4-6", "none", R"({"max_tokens":32000})"},
      {"claude-sonnet-4-5", "0", R"({"max_tokens":32000})"},
      {"claude-opus-4-7", "none", R"({"max_tokens":32000,"thinking":{"type":"disabled"}})"},
      {"glm-5", "None", R"({"max_tokens":32000,"thinking":{"type":"disabled"}})"},
      {"claude-opus-5", "0", R"({"max_tokens":32000,"thinking":{"type":"disabled"}})"},
      {"claude-opus-5", "", R"({"max_tokens":32000})"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.model) + " " + c.effort);
    EXPECT_EQ(Thinking(c.model, c.effort), c.body);
  }
}

TEST_F(AnthropicRequestTest, BudgetStaysBelowTheLimit) {
  config_.model = "claude-sonnet-4-5";
  config_.reasoning_effort = "high";
  const auto budget = [&](std::int64_t limit) {
    config_.max_tokens = limit;
    const std::string body = Body();
    const std::string key = R"("budget_tokens":)";
    const std::size_t at = body.find(key);
    return at == std::string::npos ? 0 : std::stoll(body.substr(at + key.size()));
  };
  EXPECT_EQ(budget(100'000), 16'000);
  EXPECT_EQ(budget(8000), 6000);
  EXPECT_EQ(budget(1200), 1024);
  EXPECT_EQ(budget(1025), 1024);
  config_.reasoning_effort = "5000";
  EXPECT_EQ(budget(5001), 5000) << "a number is what was asked for";
}

TEST_F(AnthropicRequestTest, EffortsThatAModelCannotTake) {
  struct Case {
    const char* model;
    const char* effort;
    std::int64_t limit;
    const char* todo;
  };
  const Case cases[] = {{"claude-3-5-sonnet-20241022", "low", 4000, "does not think"},
                        {"claude-3-haiku", "2000", 4000, "does not think"},
                        {"claude-opus-4-7", "2000", 4000, "takes no number of tokens"},
                        {"claude-sonnet-4-5", "turbo", 4000, "minimal, low, medium"},
                        {"claude-sonnet-4-5", "low", 1024, "--max-tokens"},
                        {"claude-sonnet-4-5", "1023", 4000, "1,024 tokens at least"},
                        {"claude-sonnet-4-5", "-1", 4000, "1,024 tokens at least"},
                        {"claude-sonnet-4-5", "4000", 4000, "less than its whole output of 4,000"},
                        {"claude-sonnet-4-5", "99999999999999999999", 4000, "minimal, low"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.model) + " " + c.effort);
    config_.model = c.model;
    config_.reasoning_effort = c.effort;
    config_.max_tokens = c.limit;
    const auto body = TryBody();
    ASSERT_FALSE(body.ok());
    EXPECT_EQ(body.error().code, ErrorCode::kUsage);
    EXPECT_NE(body.error().message.find(c.model), std::string::npos);
    EXPECT_NE(body.error().message.find(c.effort), std::string::npos);
    EXPECT_NE(body.error().detail.find(c.todo), std::string::npos) << body.error().detail;
  }
}

TEST_F(AnthropicRequestTest, SamplingThatIsRefused) {
  config_.temperature = 0.5;
  config_.top_p = 0.9;
  const std::pair<const char*, const char*> cases[] = {
      {"`temperature` is deprecated for this model.", "temperature"},
      {"`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. Please "
       "consult our documentation at https://docs.claude.com/en/extended-thinking",
       "temperature"},
      {"`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.", "top_p"},
      {"`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
       "top_p"},
      {"temperature: Extra inputs are not permitted", "temperature"}};
  for (const char* effort : {"", "high"}) {
    config_.reasoning_effort = effort;
    for (const auto& [message, field] : cases) {
      SCOPED_TRACE(message);
      const auto repair = RepairFor({}, message);
      ASSERT_TRUE(repair);
      EXPECT_EQ(repair->dialect.dropped, std::set<std::string>{field});
      EXPECT_EQ(repair->what, std::string("without ") + field);
      EXPECT_TRUE(repair->loses) << "the user asked for it";
      EXPECT_EQ(Body(repair->dialect).find(field), std::string::npos);
      EXPECT_NE(Body({}).find(field), std::string::npos);
    }
  }
  EXPECT_FALSE(RepairFor({}, "temperature: range: 0..1")) << "a value is the user's to correct";
  config_.temperature.reset();
  EXPECT_FALSE(RepairFor({}, "`temperature` is deprecated for this model.")) << "it was not sent";
}

// Both ways round, and as servers of several kinds say it.
TEST_F(AnthropicRequestTest, FormsOfThinkingThatAreRefused) {
  config_.max_tokens = 9000;
  config_.reasoning_effort = "medium";
  config_.model = "claude-sonnet-4-6";
  for (const char* message :
       {"adaptive thinking is not supported on this model",
        "Adaptive Thinking is not supported on this model",
        "thinking: Input tag 'adaptive' found using 'type' does not match any of the expected "
        "tags: 'disabled', 'enabled'",
        "Only 'enabled' and 'disabled' are supported for thinking; 'adaptive' is not supported.",
        "Validation: `thinking.type` must be `enabled` or `disabled`"}) {
    SCOPED_TRACE(message);
    const auto repair = RepairFor(kAnthropic.guess(config_, ""), message);
    ASSERT_TRUE(repair);
    EXPECT_EQ(repair->what, "with thinking.enabled");
    EXPECT_FALSE(repair->loses);
    EXPECT_NE(Body(repair->dialect).find(R"("thinking":{"budget_tokens":6750,"type":"enabled"}})"),
              std::string::npos);
  }
  config_.model = "claude-sonnet-4-5";
  const std::string message =
      R"(\"thinking.type.enabled\" is not supported for this model. Use )"
      R"(\"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior.)";
  auto repair = RepairFor(kAnthropic.guess(config_, ""), message);
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "with thinking.adaptive");
  EXPECT_FALSE(repair->loses);
  EXPECT_NE(Body(repair->dialect).find(R"("output_config":{"effort":"medium"})"),
            std::string::npos);
  // And no way back.
  repair = RepairFor(repair->dialect, "adaptive thinking is not supported on this model");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "without thinking");
  EXPECT_TRUE(repair->loses);
  EXPECT_EQ(Body(repair->dialect).find("thinking"), std::string::npos);
  EXPECT_EQ(Body(repair->dialect).find("effort"), std::string::npos);
  EXPECT_FALSE(RepairFor(repair->dialect, "thinking is not supported"))
      << "it is not sent any more";
}

TEST_F(AnthropicRequestTest, FormOfANumberThatIsRefused) {
  config_.max_tokens = 9000;
  config_.reasoning_effort = "3000";
  config_.model = "glm-5";
  const auto repair = RepairFor({}, "thinking.enabled.budget_tokens: not supported");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "with thinking.adaptive");
  EXPECT_TRUE(repair->loses) << "nothing says 3000 any more";
  EXPECT_NE(Body(repair->dialect).find(R"("thinking":{"display":"summarized","type":"adaptive"}})"),
            std::string::npos);
  EXPECT_FALSE(RepairFor(
      {}, "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"));
}

TEST_F(AnthropicRequestTest, EffortWithoutABudgetOfItsOwn) {
  config_.model = "claude-opus-7";
  config_.reasoning_effort = "extreme";
  const auto repair = RepairFor({}, "adaptive thinking is not supported on this model");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "without thinking");
  EXPECT_TRUE(repair->loses);
  EXPECT_EQ(Body(repair->dialect).find("thinking"), std::string::npos);
}

TEST_F(AnthropicRequestTest, DisplayThatIsRefused) {
  config_.reasoning_effort = "low";
  const auto repair = RepairFor({}, "thinking.adaptive.display: Extra inputs are not permitted");
  ASSERT_TRUE(repair);
  EXPECT_FALSE(repair->loses);
  EXPECT_NE(Body(repair->dialect).find(R"("thinking":{"type":"adaptive"})"), std::string::npos);
}

TEST_F(AnthropicRequestTest, TurningOffThatIsRefused) {
  config_.model = "claude-sonnet-5-5";
  config_.reasoning_effort = "none";
  auto repair = RepairFor(
      {},
      "thinking.type.disabled is not supported for this model. Use thinking.type.between_tools");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "with thinking.between_tools");
  EXPECT_FALSE(repair->loses);
  EXPECT_NE(Body(repair->dialect).find(R"("thinking":{"type":"between_tools"})"),
            std::string::npos);
  repair = RepairFor(repair->dialect, "thinking.type.between_tools is not supported");
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->loses);
  config_.model = "claude-opus-5-5";
  repair = RepairFor({}, "thinking.type.disabled is not supported for this model.");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "without turning its thinking off");
  EXPECT_TRUE(repair->loses);
  EXPECT_EQ(Body(repair->dialect).find("thinking"), std::string::npos);
}

TEST_F(AnthropicRequestTest, EffortThatIsRefused) {
  config_.reasoning_effort = "xhigh";
  auto repair = RepairFor({}, "output_config.effort: Input should be 'low', 'medium' or 'high'");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "with an effort of high");
  EXPECT_TRUE(repair->loses);
  EXPECT_NE(Body(repair->dialect).find(R"("output_config":{"effort":"high"})"), std::string::npos);
  repair = RepairFor(repair->dialect, "This model does not support the effort parameter.");
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->what, "without output_config.effort");
  EXPECT_TRUE(repair->loses);
  EXPECT_EQ(Body(repair->dialect).find("output_config"), std::string::npos);
  EXPECT_NE(Body(repair->dialect).find(R"("type":"adaptive")"), std::string::npos);
  EXPECT_FALSE(RepairFor(repair->dialect, "This model does not support the effort parameter."));
}

TEST_F(AnthropicRequestTest, CacheControlThatIsRefused) {
  request_.stable_bytes = 1;
  for (const char* message :
       {"messages.0.content.0.text.cache_control: Extra inputs are not permitted",
        "*.cache_control: Extra inputs are not permitted",
        "messages.0.content: Input should be a valid string"}) {
    SCOPED_TRACE(message);
    const auto repair = RepairFor({}, message);
    ASSERT_TRUE(repair);
    EXPECT_FALSE(repair->loses) << "it only costs more";
    EXPECT_NE(Body(repair->dialect).find(R"("content":"hi")"), std::string::npos);
    EXPECT_FALSE(RepairFor(repair->dialect, message));
  }
}

TEST_F(AnthropicRequestTest, LimitBelowABudgetOfTheUsers) {
  const std::string message =
      "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
      "documentation";
  config_.extra_json = R"({"thinking":{"type":"enabled","budget_tokens":50000}})";
  EXPECT_FALSE(RepairFor({}, message)) << "the user set both";
  config_.max_tokens.reset();
  const auto repair = RepairFor({}, message);
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->dialect.max_tokens, 64'000);
  EXPECT_EQ(repair->what, "for at most 64,000 tokens");
  config_.extra_json = R"({"max_tokens":10,"thinking":{"type":"enabled","budget_tokens":50000}})";
  EXPECT_FALSE(RepairFor({}, message));
}

TEST_F(AnthropicRequestTest, OtherRefusalsAreNotRepaired) {
  config_.temperature = 2;
  config_.reasoning_effort = "high";
  for (const char* message :
       {"", "messages: at least one message is required", "model: claude-x",
        "Your credit balance is too low to access the Anthropic API.",
        "prompt is too long: 200251 tokens > 200000 maximum", "temperature: range: 0..1",
        "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for "
        "claude-3-5-sonnet-20241022",
        "anthropic-version: header is required"})
    EXPECT_FALSE(RepairFor({}, message)) << message;
}

}  // namespace
}  // namespace caesar
