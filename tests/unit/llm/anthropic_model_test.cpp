// Anthropic's format as HttpModel drives it: what goes over the wire, failures, repairs, costs.
#include <gtest/gtest.h>

#include <algorithm>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "llm/http_model.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

std::string Event(const std::string& name, const std::string& json) {
  return "event: " + name + "\ndata: " + json + "\n\n";
}
std::string Text(const std::string& text) {
  return Event(
      "content_block_delta",
      R"({"type":"content_block_delta","delta":{"type":"text_delta","text":")" + text + "\"}}");
}
std::string Thought(const std::string& text) {
  return Event("content_block_delta",
               R"({"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":")" +
                   text + "\"}}");
}
std::string Stop(const std::string& reason, int output = 2) {
  return Event("message_delta", R"({"type":"message_delta","delta":{"stop_reason":")" + reason +
                                    R"("},"usage":{"output_tokens":)" + std::to_string(output) +
                                    "}}");
}
std::string ErrorJson(const std::string& type, const std::string& message) {
  return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message +
         R"("},"request_id":"req_1"})";
}
const std::string kStart =
    Event("message_start",
          R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":)"
          R"({"input_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":40,)"
          R"("output_tokens":1}}})");
const std::string kEnd = Event("message_stop", R"({"type":"message_stop"})");

class AnthropicModelTest : public testing::Test {
 protected:
  AnthropicModelTest() {
    config_.model = "claude-sonnet-4-6";
    endpoint_.base_url = "https://api.anthropic.com";
    endpoint_.key = "sk-ant-secret";
    endpoint_.key_source = "ANTHROPIC_API_KEY";
    endpoint_.key_header = "x-api-key";
    endpoint_.key_prefix = "";
    request_.messages.push_back({ChatMessage::Role::kUser, "stable, hi"});
    request_.stable_bytes = 7;
  }

  HttpModel MakeModel() {
    return {kAnthropic, config_, endpoint_, http_, clock_, [] { return 0.0; }, pricing_};
  }
  Result<ModelOutcome> Ask() { return MakeModel().Ask(request_, sink_, {}); }
  ModelReply Reply() {
    const auto outcome = Ask();
    if (!outcome.ok()) ADD_FAILURE() << outcome.error().message << "\n" << outcome.error().detail;
    if (!outcome.ok() || !std::holds_alternative<ModelReply>(outcome.value())) return {};
    return std::get<ModelReply>(outcome.value());
  }
  void AddReply(const std::string& text) {
    http_.AddStream({kStart, Text(text), Stop("end_turn"), kEnd});
  }
  void AddRefusal(const std::string& message) {
    http_.AddStatus(400, ErrorJson("invalid_request_error", message));
  }
  std::string BodyOf(std::size_t call) { return http_.requests().at(call).body; }

  ModelConfig config_;
  Endpoint endpoint_;
  FakeHttp http_;
  FakeClock clock_;
  RecordingSink sink_;
  ModelRequest request_;
  Pricing pricing_;
};

TEST_F(AnthropicModelTest, Reply) {
  HttpResponse response;
  response.status = 200;
  response.headers = {{"request-id", "req_9"}};
  http_.Add({response,
             {kStart, Thought("hm"), Event("ping", "{}"), Text("Hel"), Text("lo"), Stop("end_turn"),
              kEnd, "<never read>"},
             {}});
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.text, "Hello");
  EXPECT_EQ(reply.reasoning, "hm");
  EXPECT_EQ(sink_.text, "Hello");
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_EQ(reply.request_id, "req_9");
  EXPECT_EQ(reply.model, "claude-x");
  EXPECT_EQ(reply.note, "");
  EXPECT_EQ(reply.tokens.input, 143);
  EXPECT_EQ(reply.tokens.output, 2);
  const HttpRequest request = http_.requests().at(0);
  EXPECT_EQ(request.url, "https://api.anthropic.com/v1/messages");
  const auto sent = [&](const std::string& name, const std::string& value) {
    return std::count(request.headers.begin(), request.headers.end(), std::pair(name, value));
  };
  EXPECT_EQ(sent("x-api-key", "sk-ant-secret"), 1);
  EXPECT_EQ(sent("anthropic-version", "2023-06-01"), 1);
  EXPECT_EQ(sent("Content-Type", "application/json"), 1);
  for (const auto& [name, value] : request.headers) EXPECT_NE(name, "Authorization");
  EXPECT_EQ(request.body,
            R"({"max_tokens":32000,"messages":[{"content":[{"cache_control":{"type":"ephemeral"},)"
            R"("text":"stable,","type":"text"},{"text":" hi","type":"text"}],"role":"user"}],)"
            R"("model":"claude-sonnet-4-6","stream":true})");
}

TEST_F(AnthropicModelTest, RequestIdIsTheMessagesWithoutAHeader) {
  AddReply("a");
  EXPECT_EQ(Reply().request_id, "msg_1");
}

TEST_F(AnthropicModelTest, CostCountsTheCacheAsPartOfTheInput) {
  pricing_ = [](const TokenUsage& tokens) -> std::optional<double> {
    EXPECT_EQ(tokens.input - tokens.cached - tokens.cache_written, 3);
    return static_cast<double>(tokens.input);
  };
  AddReply("a");
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.tokens.cached, 100);
  EXPECT_EQ(reply.tokens.cache_written, 40);
  EXPECT_EQ(reply.tokens.usd, 143);
  EXPECT_TRUE(reply.tokens.priced);
}

TEST_F(AnthropicModelTest, StreamWithoutItsEndIsAskedAgain) {
  http_.AddStream({kStart, Text("half")});
  http_.AddFailure(HttpFailure::Kind::kCut, {kStart, Text("other ha")});
  http_.AddStream({kStart, Text("whole"), Stop("end_turn", 7)});
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.text, "whole");
  EXPECT_EQ(sink_.text, "whole");
  EXPECT_EQ(reply.attempts, 3);
  // The stream's first count is one token; "other ha" is two by a guess.
  EXPECT_EQ(reply.tokens.output, 1 + 2 + 7) << "what broke off was paid for, too";
  EXPECT_TRUE(reply.tokens.estimated);
}

TEST_F(AnthropicModelTest, OverloadIsWaitedFor) {
  http_.AddStream(
      {kStart, Text("ha"), Event("error", ErrorJson("overloaded_error", "Overloaded"))});
  http_.AddStatus(529, ErrorJson("overloaded_error", "Overloaded"));
  http_.AddStatus(429, ErrorJson("rate_limit_error", "slow down"), {{"retry-after", "7"}});
  AddReply("a");
  EXPECT_EQ(Reply().text, "a");
  ASSERT_EQ(clock_.slept().size(), 3U);
  EXPECT_EQ(clock_.slept()[2], Milliseconds(7000));
  EXPECT_EQ(sink_.text, "a");
}

TEST_F(AnthropicModelTest, WrongKeyIsAnErrorAtOnce) {
  const std::string json = ErrorJson("authentication_error", "invalid x-api-key sk-ant-secret");
  http_.AddStatus(401, json);
  http_.AddStream({Event("error", json)});
  for (int i = 0; i < 2; ++i) {
    const auto outcome = Ask();
    ASSERT_FALSE(outcome.ok());
    const std::string text = outcome.error().message + outcome.error().detail;
    EXPECT_NE(text.find("invalid x-api-key"), std::string::npos) << text;
    EXPECT_EQ(text.find("sk-ant-secret"), std::string::npos) << text;
  }
  EXPECT_TRUE(clock_.slept().empty());
  EXPECT_EQ(http_.left(), 0U);
}

TEST_F(AnthropicModelTest, PromptThatIsTooLong) {
  AddRefusal("prompt is too long: 200251 tokens > 200000 maximum");
  http_.AddStream(
      {Event("error", ErrorJson("invalid_request_error", "prompt is too long: 2 tokens > 1"))});
  for (int i = 0; i < 2; ++i) {
    const auto outcome = Ask();
    ASSERT_TRUE(outcome.ok());
    EXPECT_TRUE(std::holds_alternative<PromptTooLong>(outcome.value()));
  }
  EXPECT_EQ(http_.left(), 0U);
}

TEST_F(AnthropicModelTest, Refusals) {
  http_.AddStream({kStart, Text("I"), Stop("refusal"), kEnd});
  auto outcome = Ask();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(std::get<ModelRefused>(outcome.value()).reason, "The model declined to answer.");
  http_.AddStream(
      {kStart,
       Event("message_delta",
             R"({"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":)"
             R"({"type":"refusal","category":"cyber","explanation":"An exploit."}},)"
             R"("usage":{"output_tokens":5}})"),
       kEnd});
  outcome = Ask();
  ASSERT_TRUE(outcome.ok());
  const auto& refused = std::get<ModelRefused>(outcome.value());
  EXPECT_EQ(refused.reason, "The model declined to answer (category cyber): An exploit.");
  EXPECT_EQ(refused.tokens.total(), 148);
}

TEST_F(AnthropicModelTest, RepairsInSequenceAreRemembered) {
  config_.temperature = 0.5;
  config_.reasoning_effort = "xhigh";
  config_.extra_json = R"({"top_k":5})";
  AddRefusal("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.");
  AddRefusal("output_config.effort: Input should be 'low', 'medium' or 'high'");
  AddRefusal("thinking.adaptive.display: Extra inputs are not permitted");
  AddRefusal("adaptive thinking is not supported on this model");
  AddRefusal("messages.0.content.0.text.cache_control: Extra inputs are not permitted");
  AddRefusal(
      "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for "
      "claude-sonnet-4-6");
  AddReply("a");
  AddReply("b");
  HttpModel model = MakeModel();
  ASSERT_TRUE(model.Ask(request_, sink_, {}).ok());
  ASSERT_TRUE(model.Ask(request_, sink_, {}).ok());
  EXPECT_TRUE(clock_.slept().empty());
  ASSERT_EQ(http_.requests().size(), 8U);
  EXPECT_NE(BodyOf(0).find(R"("max_tokens":64000,)"), std::string::npos);
  EXPECT_NE(BodyOf(0).find(R"("temperature":0.5)"), std::string::npos);
  EXPECT_NE(BodyOf(1).find(R"("output_config":{"effort":"xhigh"})"), std::string::npos);
  EXPECT_NE(BodyOf(2).find(R"("output_config":{"effort":"high"})"), std::string::npos);
  EXPECT_NE(BodyOf(3).find(R"("thinking":{"type":"adaptive"})"), std::string::npos);
  EXPECT_NE(BodyOf(4).find(R"("thinking":{"budget_tokens":32000,"type":"enabled"})"),
            std::string::npos);
  EXPECT_NE(BodyOf(5).find(R"("content":"stable, hi")"), std::string::npos);
  EXPECT_EQ(BodyOf(6), R"({"max_tokens":8192,"messages":[{"content":"stable, hi","role":"user"}],)"
                       R"("model":"claude-sonnet-4-6","stream":true,)"
                       R"("thinking":{"budget_tokens":6144,"type":"enabled"},"top_k":5})");
  EXPECT_EQ(BodyOf(7), BodyOf(6));
}

TEST_F(AnthropicModelTest, LimitAboveTheModelsIsLowered) {
  config_.max_tokens = 64000;
  AddRefusal(
      "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for "
      "claude-3-5-sonnet-20241022");
  AddReply("a");
  EXPECT_EQ(Reply().text, "a");
  EXPECT_NE(BodyOf(1).find(R"("max_tokens":8192,)"), std::string::npos);
}

TEST_F(AnthropicModelTest, LimitBelowABudgetOfTheUsersIsRaised) {
  config_.extra_json = R"({"thinking":{"type":"enabled","budget_tokens":50000}})";
  AddRefusal("`max_tokens` must be greater than `thinking.budget_tokens`.");
  AddReply("a");
  EXPECT_EQ(Reply().text, "a");
  EXPECT_NE(BodyOf(0).find(R"("max_tokens":32000,)"), std::string::npos);
  EXPECT_NE(BodyOf(1).find(R"("max_tokens":64000,)"), std::string::npos);
}

TEST_F(AnthropicModelTest, SamplingIsLeftOutWhereTheModelTakesNone) {
  config_.model = "claude-opus-4-8";
  config_.temperature = 0.5;
  config_.top_p = 0.9;
  AddRefusal("`temperature` is deprecated for this model.");
  AddRefusal("`top_p` is deprecated for this model.");
  AddReply("a");
  EXPECT_EQ(Reply().text, "a");
  EXPECT_EQ(BodyOf(2).find("temperature"), std::string::npos);
  EXPECT_EQ(BodyOf(2).find("top_p"), std::string::npos);
}

TEST_F(AnthropicModelTest, OtherBadRequestsAreErrors) {
  AddRefusal("messages.0.content.0.text: text content blocks must contain non-whitespace text");
  const auto outcome = Ask();
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().detail.find("non-whitespace"), std::string::npos);
  EXPECT_EQ(http_.requests().size(), 1U);
}

TEST_F(AnthropicModelTest, ThinkingThatUsesUpTheLimit) {
  http_.AddStream({kStart, Thought("hm"), Stop("max_tokens", 32000), kEnd});
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(reply.reasoning, "hm");
  EXPECT_EQ(reply.finish_reason, "length");
  for (const char* part : {"32000 tokens", "reasoning", "--max-tokens"})
    EXPECT_NE(reply.note.find(part), std::string::npos) << reply.note;
}

TEST_F(AnthropicModelTest, CutReplyIsAskedForOnceMoreWithTwiceTheLimit) {
  request_.sufficient = [](std::string_view text) { return text == "all"; };
  http_.AddStream({kStart, Text("ha"), Stop("max_tokens", 32000), kEnd});
  http_.AddStream({kStart, Text("all"), Stop("end_turn"), kEnd});
  EXPECT_EQ(Reply().text, "all");
  EXPECT_NE(BodyOf(1).find(R"("max_tokens":64000,)"), std::string::npos);
}

TEST_F(AnthropicModelTest, CutReplyIsKeptWhereExtraJsonHasTheLastWord) {
  config_.extra_json = R"({"max_tokens":50})";
  request_.sufficient = [](std::string_view text) { return text == "all"; };
  http_.AddStream({kStart, Text("ha"), Stop("max_tokens", 50), kEnd});
  EXPECT_EQ(Reply().text, "ha") << "the same question would be cut again";
  EXPECT_EQ(http_.requests().size(), 1U);
}

}  // namespace
}  // namespace caesar
