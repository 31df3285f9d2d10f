#include <gtest/gtest.h>

#include "base/strings.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "llm/http_model.h"
#include "unit/llm/decoded.h"

namespace caesar {
namespace {

constexpr const char* kBase = "https://generativelanguage.googleapis.com";

Decoded Read(std::string_view body, std::size_t step = 7) { return Decode(kGemini, body, step); }

std::string Data(const std::string& json) { return "data: " + json + "\r\n\r\n"; }
std::string Candidate(const std::string& fields) {
  return Data(R"({"candidates":[{)" + fields + "}]}");
}
std::string Part(const std::string& fields) {
  return Candidate(R"("content":{"role":"model","parts":[{)" + fields + "}]}");
}
std::string Say(const std::string& text) { return Part(R"("text":")" + text + "\""); }
std::string Finish(const std::string& reason) {
  return Candidate(R"("finishReason":")" + reason + "\"");
}
const std::string kStop = Finish("STOP");

const std::string kOverloaded =
    "{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"The model is overloaded.\",\n"
    "    \"status\": \"UNAVAILABLE\"\n  }\n}\n";

TEST(GeminiAnswer, Stream) {
  const Decoded read = Read(
      Data(R"({"candidates":[{"content":{"parts":[{"text":"plan","thought":true}],"role":"model"},)"
           R"("index":0}],"usageMetadata":{"promptTokenCount":20,"totalTokenCount":20},)"
           R"("modelVersion":"gemini-2.5-pro","responseId":"r-1"})") +
      Say("Hel") +
      Data(R"({"candidates":[{"content":{"parts":[{"text":"lo","thoughtSignature":"xx"}]},)"
           R"("finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,)"
           R"("candidatesTokenCount":3,"thoughtsTokenCount":40,"cachedContentTokenCount":8,)"
           R"("toolUsePromptTokenCount":2,"totalTokenCount":65}})"));
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_EQ(read.answer.text, "Hello");
  EXPECT_EQ(read.sink.deltas, 2);
  EXPECT_EQ(read.answer.reasoning, "plan");
  EXPECT_EQ(read.answer.finish_reason, "stop");
  EXPECT_EQ(read.answer.model, "gemini-2.5-pro");
  EXPECT_EQ(read.answer.request_id, "r-1");
  EXPECT_FALSE(read.answer.done) << "nothing says that a chunk is the last one";
  const TokenUsage& tokens = read.answer.tokens;
  EXPECT_EQ(tokens.input, 22);
  EXPECT_EQ(tokens.cached, 8);
  EXPECT_EQ(tokens.output, 43);
  EXPECT_EQ(tokens.reasoning, 40);
}

TEST(GeminiAnswer, UsageIsOverwrittenNotAdded) {
  const auto usage = [](int candidates) {
    return Data(R"({"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":)" +
                std::to_string(candidates) + "}}");
  };
  const Decoded read = Read(usage(1) + kStop + usage(5) + Data(R"({"usageMetadata":{}})"));
  EXPECT_EQ(read.answer.tokens.input, 3);
  EXPECT_EQ(read.answer.tokens.output, 5) << "also after the reason to finish";
  EXPECT_FALSE(Read(Say("a") + kStop).answer.tokens.reported);
}

TEST(GeminiAnswer, CompleteFromItsFinishReasonOn) {
  const std::string end = Data(R"({"usageMetadata":{"promptTokenCount":3}})");
  const std::string body = Say("a\\n\\\"b\u2713\\ud83d\\ude00") + Say("c") + kStop;
  // The last byte of a chunk is the "\n" of its blank line, which the "\r" before it is already.
  ExpectCompleteFrom(kGemini, body + end, body.size() - 1);
}

TEST(GeminiAnswer, PiecesOfEverySize) {
  const std::string body = Say("\u2713\U0001F600 \\ud83d\\ude00 \\ud83dz") + kStop;
  for (const std::size_t step : {1, 2, 3, 5, 64}) {
    EXPECT_EQ(Read(body, step).answer.text, "\u2713\U0001F600 \U0001F600 \uFFFDz") << step;
  }
}

TEST(GeminiAnswer, FinishReasons) {
  EXPECT_EQ(Read(Finish("MAX_TOKENS")).answer.finish_reason, "length");
  EXPECT_EQ(Read(Finish("OTHER")).answer.finish_reason, "other");
  EXPECT_EQ(Read(Finish("MALFORMED_FUNCTION_CALL")).answer.finish_reason,
            "malformed_function_call");
  EXPECT_EQ(Read(Finish("MAX_TOKENS")).answer.refusal, "");
  EXPECT_TRUE(Read(Say("a") + Finish("FINISH_REASON_UNSPECIFIED")).failure.has_value());
  for (const char* reason : {"SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION"}) {
    const Decoded read = Read(Say("a") + Finish(reason));
    EXPECT_FALSE(read.failure.has_value());
    EXPECT_EQ(read.answer.finish_reason, "content_filter");
    EXPECT_EQ(read.answer.refusal, "Gemini stopped the reply: " + std::string(reason) + ".");
  }
  EXPECT_EQ(Read(Candidate(R"("finishReason":"RECITATION","finishMessage":"too close to a book")"))
                .answer.refusal,
            "Gemini stopped the reply: RECITATION (too close to a book).");
}

TEST(GeminiAnswer, BlockedPrompt) {
  const Decoded read = Read(Data(R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},)"
                                 R"("usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}})"));
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_EQ(read.answer.finish_reason, "content_filter");
  EXPECT_EQ(read.answer.refusal, "Gemini blocked the prompt: PROHIBITED_CONTENT.");
  EXPECT_EQ(read.answer.tokens.input, 9);
  EXPECT_EQ(Read(Data(R"({"promptFeedback":{"blockReason":"OTHER"},"candidates":[{"content":)"
                      R"({"parts":[{"text":"a"}]},"finishReason":"STOP"}]})"))
                .answer.refusal,
            "")
      << "there is an answer all the same";
}

TEST(GeminiAnswer, PartsThatAreNoText) {
  const Decoded read = Read(
      Candidate(R"("content":{"parts":[{"text":"a"},{"functionCall":{"name":"f"}},)"
                R"({"inlineData":{"data":"x"}},{"thought":true},{"text":"b","thought":false}]})") +
      Candidate(R"("content":{"role":"model"})") +
      Candidate(R"("index":1,"content":{"parts":[)"
                R"({"text":"other"}]})") +
      Data(R"({"candidates":null})") + Data("{}") + kStop);
  EXPECT_EQ(read.answer.text, "ab");
  EXPECT_EQ(read.answer.reasoning, "");
}

TEST(GeminiAnswer, ErrorAsAnEvent) {
  for (const char* json : {R"({"error":{"code":503,"message":"boom","status":"UNAVAILABLE"}})",
                           R"([{"error":{"code":503,"message":"boom","status":"UNAVAILABLE"}}])"}) {
    const Decoded read = Read(Say("a") + Data(json));
    ASSERT_TRUE(read.failure.has_value()) << json;
    EXPECT_EQ(read.failure->kind, CallFailure::Kind::kInStream);
    EXPECT_EQ(read.failure->error.message, "boom");
    EXPECT_EQ(read.failure->EffectiveStatus(), 503);
    EXPECT_EQ(Classify(*read.failure), FailureClass::kTransient);
  }
  EXPECT_EQ(Read("event: error\r\n" + Data(R"({"message":"boom"})")).failure->error.message,
            "boom");
}

TEST(GeminiAnswer, BareErrorInAStream) {
  for (const std::string& error :
       {kOverloaded, "[" + kOverloaded + "]\n", ReplaceAll(kOverloaded, "\n", "\r\n"),
        ReplaceAll(kOverloaded, "\n", ""), "\n" + kOverloaded + "\n"}) {
    for (const std::size_t step : {1, 7, 4096}) {
      const Decoded read = Read(Say("half") + error, step);
      ASSERT_TRUE(read.failure.has_value()) << error;
      EXPECT_EQ(read.failure->kind, CallFailure::Kind::kInStream) << error;
      EXPECT_EQ(read.failure->error.message, "The model is overloaded.");
      EXPECT_EQ(read.failure->EffectiveStatus(), 503);
    }
  }
}

TEST(GeminiAnswer, BareErrorCutAnywhereIsNoSuccess) {
  const std::string error(Trim(kOverloaded));
  const std::size_t size = error.size();
  for (std::size_t end = 0; end <= size; ++end) {
    const Decoded read = Read(Say("half") + error.substr(0, end));
    ASSERT_TRUE(read.failure.has_value());
    EXPECT_EQ(read.failure->kind,
              end < size ? CallFailure::Kind::kTruncated : CallFailure::Kind::kInStream)
        << end;
  }
}

TEST(GeminiAnswer, StrayTextThatIsNoError) {
  EXPECT_EQ(Read(Say("a") + "{\"ping\":1}\n").failure->kind, CallFailure::Kind::kTruncated);
  EXPECT_EQ(Read(Say("a") + "error\n\n").failure->kind, CallFailure::Kind::kTruncated);
  EXPECT_EQ(Read(Say("a") + "{\"ping\":1}\n" + Say("b") + kStop).answer.text, "ab");
}

TEST(GeminiAnswer, StrayTextAfterTheEndHarmsNothing) {
  EXPECT_FALSE(Read(Say("a") + kStop + kOverloaded).failure.has_value());
  EXPECT_FALSE(Read(Say("a") + kStop + Data("[DONE]")).failure.has_value());
  EXPECT_EQ(Read(Say("a") + Data("[DONE]")).failure->kind, CallFailure::Kind::kTruncated)
      << "the format's end is a reason to finish";
}

TEST(GeminiAnswer, StrayTextIsBounded) {
  std::string body = Say("a") + "{\n";
  for (int i = 0; i < 100000; ++i) body += "  \"error\": 1,\n";
  EXPECT_EQ(Read(body, 4096).failure->kind, CallFailure::Kind::kTruncated);
}

TEST(GeminiAnswer, Documents) {
  const std::string chunk =
      R"({"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"a"}]}}],)"
      R"("usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2},"modelVersion":"m"})";
  const std::string last =
      R"({"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],)"
      R"("usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":5,"thoughtsTokenCount":7}})";
  const Decoded one = Read(last);
  EXPECT_FALSE(one.failure.has_value());
  EXPECT_EQ(one.answer.text, "b");
  const Decoded list = Read("[" + chunk + "\n,\r\n" + last + "\n]");
  EXPECT_FALSE(list.failure.has_value());
  EXPECT_EQ(list.answer.text, "ab");
  EXPECT_EQ(list.answer.reasoning, "t");
  EXPECT_EQ(list.answer.model, "m");
  EXPECT_EQ(list.answer.finish_reason, "stop");
  EXPECT_EQ(list.answer.tokens.output, 12);
  EXPECT_EQ(list.answer.tokens.reasoning, 7);
  EXPECT_FALSE(Read("[" + chunk + "]").failure.has_value());  // whole: it needs no word of its end
  EXPECT_TRUE(Read("[" + chunk + ",").failure.has_value());
  const Decoded error = Read("[" + chunk + "," + kOverloaded + "]");
  EXPECT_EQ(error.failure->kind, CallFailure::Kind::kInStream);
  EXPECT_EQ(error.failure->error.message, "The model is overloaded.");
  EXPECT_EQ(Read("[" + kOverloaded + "]").failure->EffectiveStatus(), 503);
}

TEST(GeminiAnswer, WhatIsNoAnswer) {
  for (const char* body : {"\"a bare string\"", "{ not json", "[1,2]", R"({"status":"ok"})", "[]",
                           "<!doctype html><title>Hi</title>"}) {
    EXPECT_EQ(Read(body).failure->kind, CallFailure::Kind::kMalformed) << body;
  }
  for (const char* data : {"\"overloaded\"", "{broken", "7"}) {
    EXPECT_EQ(Read(Data(data)).failure->kind, CallFailure::Kind::kMalformed) << data;
  }
  EXPECT_EQ(Read("").failure->kind, CallFailure::Kind::kTruncated);
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(Read(Data(R"({"candidates":)" + deep + "}"), 4096).failure->kind,
            CallFailure::Kind::kMalformed);
}

ModelConfig Config(std::string model = "gemini-2.5-pro") {
  ModelConfig config;
  config.model = std::move(model);
  return config;
}

ModelRequest Question() {
  ModelRequest request;
  request.messages = {{ChatMessage::Role::kSystem, "sys"},
                      {ChatMessage::Role::kUser, "q"},
                      {ChatMessage::Role::kAssistant, "a"},
                      {ChatMessage::Role::kAssistant, ""},
                      {ChatMessage::Role::kUser, "q2"}};
  return request;
}

ModelRequest Hi() {
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, "hi"});
  return request;
}

std::string Body(const ModelConfig& config, const Dialect& dialect = {}) {
  return kGemini.body(config, Hi(), dialect).value();
}

const std::string kHiContents = R"({"contents":[{"parts":[{"text":"hi"}],"role":"user"}])";

// What is sent for an effort; empty: nothing.
std::string Thinking(const std::string& model, const std::string& effort,
                     const Dialect& dialect = {}) {
  ModelConfig config = Config(model);
  config.reasoning_effort = effort;
  const std::string head = kHiContents + R"(,"generationConfig":{"thinkingConfig":)";
  const std::string body = Body(config, dialect);
  if (!body.starts_with(head)) return "";
  return body.substr(head.size(), body.size() - head.size() - 2);
}

TEST(GeminiRequest, Url) {
  const std::string tail = ":streamGenerateContent?alt=sse";
  const std::string models = std::string(kBase) + "/v1beta/models/";
  EXPECT_EQ(kGemini.url(kBase, "gemini-2.5-pro"), models + "gemini-2.5-pro" + tail);
  EXPECT_EQ(kGemini.url(kBase, "models/gemini-2.5-pro"), models + "gemini-2.5-pro" + tail);
  EXPECT_EQ(kGemini.url(std::string(kBase) + "/v1beta", "m"), models + "m" + tail);
  EXPECT_EQ(kGemini.url("http://h/v1", "m"), "http://h/v1/models/m" + tail);
  EXPECT_EQ(kGemini.url(kBase, "tunedModels/t-1"),
            std::string(kBase) + "/v1beta/tunedModels/t-1" + tail);
  EXPECT_EQ(kGemini.url(kBase, "a b?key=1&c#d%\xC3\xA4"),
            models + "a%20b%3Fkey%3D1%26c%23d%25%C3%A4" + tail);
}

TEST(GeminiRequest, OnlyWhatWasAskedFor) {
  EXPECT_EQ(Body(Config()), kHiContents + "}");
  EXPECT_TRUE(kGemini.headers().empty());
}

TEST(GeminiRequest, Conversation) {
  EXPECT_EQ(kGemini.body(Config(), Question(), {}).value(),
            R"({"contents":[{"parts":[{"text":"q"}],"role":"user"},)"
            R"({"parts":[{"text":"a"}],"role":"model"},{"parts":[{"text":"q2"}],"role":"user"}],)"
            R"("systemInstruction":{"parts":[{"text":"sys"}]}})");
}

TEST(GeminiRequest, AllOptions) {
  ModelConfig config = Config();
  config.temperature = 0.5;
  config.top_p = 0.25;
  config.max_tokens = 100;
  config.seed = 7;
  config.reasoning_effort = "high";
  config.extra_json = R"({"generationConfig":{"topK":20,"seed":null},"safetySettings":[]})";
  EXPECT_EQ(Body(config), kHiContents +
                              R"(,"generationConfig":{"maxOutputTokens":100,"temperature":0.5,)"
                              R"("thinkingConfig":{"includeThoughts":true,"thinkingBudget":16000},)"
                              R"("topK":20,"topP":0.25},"safetySettings":[]})");
  config.extra_json = "[]";
  EXPECT_EQ(kGemini.body(config, Hi(), {}).error().code, ErrorCode::kUsage);
}

TEST(GeminiRequest, ThinkingOfEachFamily) {
  const auto level = [](const std::string& name) {
    return R"({"includeThoughts":true,"thinkingLevel":")" + name + "\"}";
  };
  const auto budget = [](int tokens) {
    return R"({"includeThoughts":true,"thinkingBudget":)" + std::to_string(tokens) + "}";
  };
  for (const char* model :
       {"gemini-3-pro-preview", "models/gemini-3.1-flash", "gemini-4", "gemini-flash-latest"}) {
    EXPECT_EQ(Thinking(model, "low"), level("LOW")) << model;
  }
  EXPECT_EQ(Thinking("gemini-3", "minimal"), level("MINIMAL"));
  EXPECT_EQ(Thinking("gemini-3", "Medium"), level("MEDIUM"));
  EXPECT_EQ(Thinking("gemini-3", "xhigh"), level("HIGH"));
  EXPECT_EQ(Thinking("gemini-3", "max"), level("HIGH"));
  EXPECT_EQ(Thinking("gemini-2.5-pro", "minimal"), budget(2048));
  EXPECT_EQ(Thinking("gemini-2.5-pro", "low"), budget(4096));
  EXPECT_EQ(Thinking("models/gemini-2.5-pro", "medium"), budget(10000));
  EXPECT_EQ(Thinking("gemini-2.5-pro", "max"), budget(32000));
  EXPECT_EQ(Thinking("gemini-2.5-flash", "max"), budget(24576)) << "its largest one";
  EXPECT_EQ(Thinking("gemini-2.5-flash", "none"), R"({"thinkingBudget":0})");
  EXPECT_EQ(Thinking("gemini-2.5-pro", "none"), budget(128)) << "it cannot stop thinking";
  EXPECT_EQ(Thinking("gemini-3-flash", "777"), budget(777));
  EXPECT_EQ(Thinking("gemini-2.5-flash", "-1"), budget(-1));
}

TEST(GeminiRequest, UnknownEffort) {
  for (const char* effort : {"hgih", "12345678", "-2", "1.5", "high "}) {
    ModelConfig config = Config();
    config.reasoning_effort = effort;
    const auto body = kGemini.body(config, Hi(), {});
    ASSERT_FALSE(body.ok()) << effort;
    EXPECT_EQ(body.error().code, ErrorCode::kUsage);
    EXPECT_NE(body.error().detail.find("none, minimal, low"), std::string::npos);
  }
}

TEST(GeminiRequest, InvalidUtf8) {
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, "a\xff"});
  EXPECT_NE(kGemini.body(Config(), request, {}).value().find("a\xEF\xBF\xBD"), std::string::npos);
}

std::string Invalid(const std::string& message) {
  return R"({"error":{"code":400,"message":")" + message + R"(","status":"INVALID_ARGUMENT"}})";
}

std::optional<Repair> RepairOf(const Dialect& dialect, const ModelConfig& config,
                               const std::string& message) {
  return kGemini.repair(dialect, config, RefusedWith(400, Invalid(message)));
}

TEST(GeminiRepair, LevelAndBudgetStandInForEachOther) {
  for (const char* message :
       {R"(Invalid JSON payload received. Unknown name \"thinkingLevel\" at )"
        R"('generation_config.thinking_config': Cannot find field.)",
        "Thinking level is not supported for this model.",
        "Unable to submit request because thinking_level MEDIUM is not supported by this model."}) {
    ModelConfig config = Config("gemini-3-pro-preview");
    config.reasoning_effort = "medium";
    const auto repair = RepairOf({}, config, message);
    ASSERT_TRUE(repair.has_value()) << message;
    EXPECT_FALSE(repair->loses);
    EXPECT_EQ(repair->what, "with thinkingBudget");
    EXPECT_EQ(Thinking(config.model, "medium", repair->dialect),
              R"({"includeThoughts":true,"thinkingBudget":10000})");
  }
  ModelConfig config = Config("gemini-2.5-flash");
  config.reasoning_effort = "low";
  const auto repair = RepairOf({}, config, "The thinking budget (4096) is invalid.");
  EXPECT_EQ(Thinking(config.model, "low", repair->dialect),
            R"({"includeThoughts":true,"thinkingLevel":"LOW"})");
  const auto second =
      RepairOf(repair->dialect, config, "Thinking level is not supported for this model.");
  EXPECT_TRUE(second->loses);
  EXPECT_EQ(Thinking(config.model, "low", second->dialect), "");
  EXPECT_FALSE(RepairOf(second->dialect, config, "Thinking is not supported.").has_value());
}

TEST(GeminiRepair, ModelsThatDoNotThink) {
  for (const char* message :
       {"thinking_config is not supported.", "Thinking is not enabled for models/gemini-2.0-flash",
        "Unable to submit request because Thinking_config.include_thoughts is only enabled when "
        "thinking is enabled."}) {
    ModelConfig config = Config("gemini-2.0-flash");
    config.reasoning_effort = "low";
    const auto repair = RepairOf({}, config, message);
    ASSERT_TRUE(repair.has_value()) << message;
    EXPECT_TRUE(repair->loses);
    EXPECT_EQ(repair->what, "without thinkingConfig");
    EXPECT_EQ(Body(config, repair->dialect), kHiContents + "}");
    EXPECT_FALSE(RepairOf({}, Config(), message).has_value()) << "it was not sent";
  }
}

TEST(GeminiRepair, ANumberOfTokensIsTheUsers) {
  ModelConfig config = Config();
  config.reasoning_effort = "99999";
  EXPECT_FALSE(RepairOf({}, config, "The thinking budget (99999) is invalid.").has_value());
  const auto repair = RepairOf({}, config, "thinking_budget is not supported.");
  EXPECT_TRUE(repair->loses);
  EXPECT_EQ(repair->what, "without thinkingConfig");
}

TEST(GeminiRepair, SamplingFields) {
  ModelConfig config = Config();
  config.temperature = 0.5;
  config.top_p = 0.5;
  config.seed = 1;
  const std::pair<const char*, const char*> cases[] = {
      {R"(Unknown name \"seed\" at 'generation_config': Cannot find field.)", "seed"},
      {"temperature is not supported by this model", "temperature"},
      {"top_p is not supported by this model", "topP"},
      {R"(Unknown name \"topP\" at 'generation_config': Cannot find field.)", "topP"}};
  for (const auto& [message, field] : cases) {
    const auto repair = RepairOf({}, config, message);
    ASSERT_TRUE(repair.has_value()) << message;
    EXPECT_TRUE(repair->loses);
    EXPECT_EQ(repair->what, std::string("without ") + field);
    EXPECT_EQ(Body(config, repair->dialect).find(field), std::string::npos);
  }
  EXPECT_FALSE(RepairOf({}, config, "temperature must be between 0 and 2").has_value());
}

TEST(GeminiRepair, InstructionsWhereThereAreNone) {
  const std::string message = "Developer instruction is not enabled for models/gemma-3-27b-it";
  const auto repair = RepairOf({}, Config("gemma-3-27b-it"), message);
  ASSERT_TRUE(repair.has_value());
  EXPECT_FALSE(repair->loses);
  const std::string body = kGemini.body(Config(), Question(), repair->dialect).value();
  EXPECT_EQ(body.find("systemInstruction"), std::string::npos);
  EXPECT_EQ(body.find(R"({"contents":[{"parts":[{"text":"sys"}],"role":"user"},)"), 0U);
  EXPECT_FALSE(RepairOf(repair->dialect, Config(), message).has_value());
}

class GeminiModelTest : public testing::Test {
 protected:
  GeminiModelTest() {
    config_ = Config("gemini-3-pro-preview");
    endpoint_.base_url = kBase;
    endpoint_.key = "AIza-secret";
    endpoint_.key_header = "x-goog-api-key";
    endpoint_.key_prefix = "";
  }
  Result<ModelOutcome> Ask() {
    HttpModel model(kGemini, config_, endpoint_, http_, clock_, [] { return 0.0; });
    return model.Ask(Hi(), sink_, {});
  }
  std::string LastBody() const { return http_.requests().back().body; }

  ModelConfig config_;
  Endpoint endpoint_;
  FakeHttp http_;
  FakeClock clock_;
  RecordingSink sink_;
};

TEST_F(GeminiModelTest, KeyGoesIntoAHeaderAlone) {
  http_.AddStream({Say("a"), kStop});
  EXPECT_EQ(std::get<ModelReply>(Ask().value()).text, "a");
  const HttpRequest request = http_.requests().at(0);
  EXPECT_EQ(request.url.find("secret"), std::string::npos);
  EXPECT_EQ(request.body.find("secret"), std::string::npos);
  EXPECT_EQ(std::count(request.headers.begin(), request.headers.end(),
                       std::pair<std::string, std::string>("x-goog-api-key", "AIza-secret")),
            1);
}

TEST_F(GeminiModelTest, RepairsInSequence) {
  config_.max_tokens = 100000;
  config_.seed = 1;
  config_.temperature = 0.5;
  config_.reasoning_effort = "medium";
  http_.AddStatus(400, Invalid("Thinking level is not supported for this model."));
  http_.AddStatus(400, Invalid("Unable to submit request because it has a maxOutputTokens value "
                               "of 100000 but the supported range is from 1 (inclusive) to 65537 "
                               "(exclusive). Update the value and try again."));
  http_.AddStatus(400, Invalid(R"(Unknown name \"seed\" at 'generation_config')"));
  http_.AddStatus(400, Invalid("Thinking budget is not supported for this model."));
  http_.AddStatus(400, Invalid("temperature is not supported by this model"));
  http_.AddStream({Say("a"), kStop});
  EXPECT_EQ(std::get<ModelReply>(Ask().value()).text, "a");
  EXPECT_EQ(LastBody(), kHiContents + R"(,"generationConfig":{"maxOutputTokens":65536}})");
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(GeminiModelTest, BareErrorIsTriedAgain) {
  http_.AddStream({Say("half"), kOverloaded});
  http_.AddFailure(HttpFailure::Kind::kCut, {Say("ha"), kOverloaded});
  http_.AddStream({Say("whole"), kStop});
  EXPECT_EQ(std::get<ModelReply>(Ask().value()).text, "whole");
  EXPECT_EQ(sink_.text, "whole");
  EXPECT_EQ(clock_.slept().size(), 2U);
}

TEST_F(GeminiModelTest, RefusalsAreOutcomes) {
  http_.AddStream({Data(R"({"promptFeedback":{"blockReason":"SAFETY"},)"
                        R"("usageMetadata":{"promptTokenCount":9}})")});
  const auto refused = std::get<ModelRefused>(Ask().value());
  EXPECT_EQ(refused.reason, "Gemini blocked the prompt: SAFETY.");
  EXPECT_EQ(refused.tokens.input, 9);
  http_.AddStream({Say("half"), Finish("RECITATION")});
  EXPECT_EQ(std::get<ModelRefused>(Ask().value()).reason, "Gemini stopped the reply: RECITATION.");
}

TEST_F(GeminiModelTest, ThoughtsThatTakeTheWholeOutput) {
  http_.AddStream({Data(R"({"candidates":[{"content":{},"finishReason":"MAX_TOKENS"}],)"
                        R"("usageMetadata":{"promptTokenCount":5,"thoughtsTokenCount":995}})")});
  const auto reply = std::get<ModelReply>(Ask().value());
  EXPECT_EQ(reply.finish_reason, "length");
  EXPECT_NE(reply.note.find("995 tokens"), std::string::npos) << reply.note;
}

}  // namespace
}  // namespace caesar
