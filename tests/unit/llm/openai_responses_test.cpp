#include <gtest/gtest.h>

#include "base/strings.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "llm/http_model.h"
#include "unit/llm/decoded.h"

namespace caesar {
namespace {

Decoded Read(std::string_view body, std::size_t step = 7) {
  return Decode(kOpenAiResponses, body, step);
}

// An event as the servers send it: its type stands in both places.
std::string Event(const std::string& type, const std::string& fields) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" +
         (fields.empty() ? "" : "," + fields) + "}\n\n";
}
std::string Say(const std::string& text) {
  return Event("response.output_text.delta",
               R"("item_id":"msg_1","output_index":1,"content_index":0,"delta":")" + text + "\"");
}
std::string Think(const std::string& text) {
  return Event("response.reasoning_summary_text.delta",
               R"("output_index":0,"summary_index":0,"delta":")" + text + "\"");
}
std::string Response(const std::string& type, const std::string& fields) {
  return Event("response." + type,
               R"("response":{"id":"resp_1","object":"response",)" + fields + "}");
}
const std::string kUsage =
    R"("usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":10,)"
    R"("cache_write_tokens":4},"output_tokens":50,"output_tokens_details":)"
    R"({"reasoning_tokens":40},"total_tokens":80})";
const std::string kCompleted =
    Response("completed", R"("status":"completed","error":null,"output":[],)" + kUsage);
std::string Incomplete(const std::string& reason) {
  return Response("incomplete", R"("status":"incomplete","incomplete_details":{"reason":")" +
                                    reason + R"("},"output":[])");
}

TEST(Responses, Stream) {
  const Decoded read =
      Read(Response("created", R"("status":"in_progress","model":"gpt-5","output":[],)"
                               R"("error":null,"usage":null)") +
           Response("in_progress", R"("status":"in_progress","model":"gpt-5-2026","output":[])") +
           Event("response.output_item.added", R"("item":{"type":"reasoning","summary":[]})") +
           Event("response.reasoning_summary_part.added", R"("output_index":0,"summary_index":0)") +
           Think("first") +
           Event("response.reasoning_summary_text.done", R"("text":"first","summary_index":0)") +
           Event("response.reasoning_summary_part.added", R"("output_index":0,"summary_index":1)") +
           Think("second") +
           Event("response.content_part.added", R"("part":{"type":"output_text","text":""})") +
           Say("Hel") + Say("lo") + Event("response.output_text.done", R"("text":"Hello")") +
           kCompleted);
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_EQ(read.answer.text, "Hello");
  EXPECT_EQ(read.sink.deltas, 2);
  EXPECT_EQ(read.answer.reasoning, "first\n\nsecond");
  EXPECT_EQ(read.answer.finish_reason, "stop");
  EXPECT_EQ(read.answer.model, "gpt-5-2026");
  EXPECT_EQ(read.answer.request_id, "resp_1");
  EXPECT_TRUE(read.answer.done);
  const TokenUsage& tokens = read.answer.tokens;
  EXPECT_EQ(tokens.input, 30);
  EXPECT_EQ(tokens.cached, 10);
  EXPECT_EQ(tokens.cache_written, 4);
  EXPECT_EQ(tokens.output, 50);
  EXPECT_EQ(tokens.reasoning, 40);
}

TEST(Responses, CompleteFromItsLastEventOn) {
  const std::string body = Say("a\\n\\\"b\u2713\\ud83d\\ude00") + Say("c") + kCompleted;
  ExpectCompleteFrom(kOpenAiResponses, body, body.size());
  const std::string returns = ReplaceAll(body, "\n", "\r\n");
  ExpectCompleteFrom(kOpenAiResponses, returns, returns.size() - 1);
}

TEST(Responses, PiecesOfEverySize) {
  const std::string body = Say("\u2713\U0001F600 \\ud83d\\ude00 \\ud83dz") + kCompleted;
  for (const std::size_t step : {1, 2, 3, 5, 64}) {
    EXPECT_EQ(Read(body, step).answer.text, "\u2713\U0001F600 \U0001F600 \uFFFDz") << step;
  }
}

TEST(Responses, EndsOfAllKinds) {
  EXPECT_EQ(Read(Incomplete("max_output_tokens")).answer.finish_reason, "length");
  EXPECT_EQ(Read(Incomplete("content_filter")).answer.finish_reason, "content_filter");
  EXPECT_EQ(Read(Incomplete("Other")).answer.finish_reason, "other");
  EXPECT_EQ(Read(Response("incomplete", R"("status":"incomplete")")).answer.finish_reason,
            "incomplete");
  EXPECT_EQ(Read(Response("completed", R"("status":"incomplete","incomplete_details":)"
                                       R"({"reason":"max_output_tokens"})"))
                .answer.finish_reason,
            "length")
      << "vLLM: the event says one thing, the status another";
  EXPECT_EQ(Read(Response("completed", R"("output":[])")).answer.finish_reason, "stop");
  EXPECT_EQ(Read(Response("in_progress", R"("status":"completed")")).failure->kind,
            CallFailure::Kind::kTruncated)
      << "an event that is not the last one";
  EXPECT_EQ(Read(Say("a") + "data: [DONE]\n\n").failure->kind, CallFailure::Kind::kTruncated);
  EXPECT_FALSE(Read(Say("a") + kCompleted + "data: [DONE]\n\n").failure.has_value());
  EXPECT_EQ(Read(kCompleted + Say("late")).answer.text, "");
}

TEST(Responses, TypeFromTheEventsNameAlone) {
  const Decoded read = Read(
      "event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\n"
      "event: response.completed\ndata: {\"response\":{\"status\":\"completed\"}}\n\n");
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_EQ(read.answer.text, "a");
  EXPECT_EQ(Read(ReplaceAll(Say("b") + kCompleted, "event: ", ": ")).answer.text, "b")
      << "and from the data alone";
}

TEST(Responses, ServersThatStreamNothingOfIt) {
  const std::string output =
      R"("output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"s1"},)"
      R"({"type":"summary_text","text":"s2"}]},{"type":"message","role":"assistant","content":)"
      R"([{"type":"output_text","text":"Hel"},{"type":"output_text","text":"lo"}]}],)";
  const std::string last = Response("completed", R"("status":"completed",)" + output + kUsage);
  const Decoded silent = Read(last);
  EXPECT_EQ(silent.answer.text, "Hello");
  EXPECT_EQ(silent.answer.reasoning, "s1\n\ns2");
  const Decoded streamed = Read(Think("t") + Say("Hello") + last);
  EXPECT_EQ(streamed.answer.text, "Hello") << "it is not taken twice";
  EXPECT_EQ(streamed.answer.reasoning, "t");
  EXPECT_EQ(Read(Response("completed", R"("status":"completed","output":[{"type":"reasoning",)"
                                       R"("content":[{"type":"reasoning_text","text":"r"}]}])"))
                .answer.reasoning,
            "r");
}

TEST(Responses, ReasoningOfOpenModels) {
  EXPECT_EQ(Read(Event("response.reasoning_text.delta", R"("delta":"r1")") +
                 Event("response.reasoning_text.delta", R"("delta":"r2")") + kCompleted)
                .answer.reasoning,
            "r1r2");
}

TEST(Responses, Refusal) {
  const std::string last =
      Response("completed",
               R"("status":"completed","output":[{"type":"message","content":[{"type":"refusal",)"
               R"("refusal":"I won't."}]}])");
  EXPECT_EQ(Read(Event("response.refusal.delta", R"("delta":"I ")") +
                 Event("response.refusal.delta", R"("delta":"won't.")") +
                 Event("response.refusal.done", R"("refusal":"I won't.")") + last)
                .answer.refusal,
            "I won't.");
  EXPECT_EQ(Read(last).answer.refusal, "I won't.");
}

TEST(Responses, FailedResponse) {
  const auto failed = [](const std::string& code) {
    return Read(Say("half") +
                Response("failed", R"("status":"failed","output":[],"error":{"code":")" + code +
                                       R"(","message":"boom"})"));
  };
  const std::pair<const char*, FailureClass> cases[] = {
      {"rate_limit_exceeded", FailureClass::kRateLimit},
      {"server_error", FailureClass::kTransient},
      {"invalid_prompt", FailureClass::kPolicy},
      {"insufficient_quota", FailureClass::kQuota},
      {"context_length_exceeded", FailureClass::kContextTooLong}};
  for (const auto& [code, kind] : cases) {
    const Decoded read = failed(code);
    ASSERT_TRUE(read.failure.has_value());
    EXPECT_EQ(read.failure->kind, CallFailure::Kind::kInStream);
    EXPECT_EQ(read.failure->error.code, code);
    EXPECT_EQ(read.failure->error.message, "boom");
    EXPECT_EQ(Classify(*read.failure), kind) << code;
  }
  for (const char* type : {"failed", "cancelled"}) {
    const Decoded read = Read(Response(type, R"("error":null)"));
    ASSERT_TRUE(read.failure.has_value()) << type;
    EXPECT_EQ(read.failure->kind, CallFailure::Kind::kInStream);
  }
}

TEST(Responses, ErrorEvents) {
  for (const std::string& error :
       {Event("error", R"("code":"server_error","message":"boom","param":null)"),
        Event("error", R"("error":{"type":"server_error","code":"server_error","message":"boom"})"),
        std::string("data: {\"error\":{\"code\":\"server_error\",\"message\":\"boom\"}}\n\n"),
        std::string(
            "data: {\"object\":\"error\",\"code\":\"server_error\",\"message\":\"boom\"}\n\n"),
        std::string("{\n  \"error\": {\n    \"code\": \"server_error\",\n"
                    "    \"message\": \"boom\"\n  }\n}")}) {
    const Decoded read = Read(Say("half") + error);
    ASSERT_TRUE(read.failure.has_value()) << error;
    EXPECT_EQ(read.failure->kind, CallFailure::Kind::kInStream) << error;
    EXPECT_EQ(read.failure->error.message, "boom");
    EXPECT_EQ(read.failure->error.code, "server_error");
  }
  EXPECT_EQ(Read("event: error\ndata: {\"error\":\"boom\"}\n\n").failure->error.message, "boom");
}

TEST(Responses, Document) {
  const std::string head = R"({"id":"resp_2","object":"response","model":"m","error":null,)";
  const std::string output =
      R"("output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],)" + kUsage +
      "}";
  const Decoded read = Read(head + R"("status":"completed",)" + output);
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_EQ(read.answer.text, "Hi");
  EXPECT_EQ(read.answer.model, "m");
  EXPECT_EQ(read.answer.request_id, "resp_2");
  EXPECT_EQ(read.answer.finish_reason, "stop");
  EXPECT_EQ(read.answer.tokens.output, 50);
  EXPECT_EQ(Read(head +
                 R"("status":"incomplete","incomplete_details":{"reason":)"
                 R"("max_output_tokens"},)" +
                 output)
                .answer.finish_reason,
            "length");
  for (const char* status : {"in_progress", "queued"}) {
    EXPECT_EQ(Read(head + R"("status":")" + status + R"(",)" + output).failure->kind,
              CallFailure::Kind::kTruncated)
        << status;
  }
  EXPECT_EQ(Read(head + R"("status":"cancelled",)" + output).failure->kind,
            CallFailure::Kind::kInStream);
  EXPECT_EQ(Read(R"({"status":"failed","error":{"code":"server_error","message":"boom"}})")
                .failure->error.message,
            "boom");
}

TEST(Responses, WhatIsNoAnswer) {
  EXPECT_EQ(Read(R"({"error":{"message":"boom"}})").failure->kind, CallFailure::Kind::kInStream);
  EXPECT_EQ(Read(R"([{"error":{"message":"boom"}}])").failure->error.message, "boom");
  EXPECT_EQ(Read(R"({"object":"error","message":"boom"})").failure->error.message, "boom");
  for (const char* body :
       {"\"a bare string\"", "{ not json", "[]", R"({"status":"ok"})",
        R"({"choices":[{"message":{"content":"a"}}]})", "<!doctype html><title>Hi</title>"}) {
    EXPECT_EQ(Read(body).failure->kind, CallFailure::Kind::kMalformed) << body;
  }
  for (const char* data : {"\"overloaded\"", "{broken", "7", "{\"choices\":[]}"}) {
    EXPECT_EQ(Read("data: " + std::string(data) + "\n\n").failure->kind,
              CallFailure::Kind::kMalformed)
        << data;
  }
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(Read(Event("response.completed", "\"response\":" + deep), 4096).failure->kind,
            CallFailure::Kind::kMalformed);
}

TEST(Responses, FieldsOfOtherKinds) {
  const Decoded read = Read(
      Event("response.output_text.delta", R"("delta":{"x":1})") +
      Event("response.output_text.delta", R"("delta":null)") + Event("response.new_thing", "") +
      Response("completed", R"("status":"completed","output":[7,null,{"content":{"type":"x"}},)"
                            R"({"type":"message","content":[null,"x",{"type":"output_text"}]}],)"
                            R"("usage":{"input_tokens":1e300,"output_tokens":-5})"));
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_EQ(read.answer.text, "");
  EXPECT_EQ(read.answer.tokens.output, 0);
  EXPECT_GT(read.answer.tokens.input, 0);
}

ModelConfig Config() {
  ModelConfig config;
  config.model = "gpt-5";
  return config;
}

ModelRequest Hi() {
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, "hi"});
  return request;
}

std::string Body(const ModelConfig& config, const Dialect& dialect = {}) {
  return kOpenAiResponses.body(config, Hi(), dialect).value();
}

const std::string kHiInput = R"("input":[{"content":"hi","role":"user"}])";
const std::string kPlainBody = "{" + kHiInput + R"(,"model":"gpt-5","store":false,"stream":true})";

TEST(ResponsesRequest, OnlyWhatWasAskedFor) {
  EXPECT_EQ(Body(Config()), kPlainBody);
  EXPECT_EQ(kOpenAiResponses.url("http://h/v1", "m"), "http://h/v1/responses");
  EXPECT_TRUE(kOpenAiResponses.headers().empty());
}

TEST(ResponsesRequest, Conversation) {
  ModelRequest request;
  request.messages = {{ChatMessage::Role::kSystem, "sys"},
                      {ChatMessage::Role::kUser, "q"},
                      {ChatMessage::Role::kAssistant, "a"},
                      {ChatMessage::Role::kSystem, "more"},
                      {ChatMessage::Role::kUser, "q\xff"}};
  EXPECT_EQ(kOpenAiResponses.body(Config(), request, {}).value(),
            R"({"input":[{"content":"q","role":"user"},{"content":"a","role":"assistant"},)"
            R"({"content":"q)"
            "\xEF\xBF\xBD"
            R"(","role":"user"}],"instructions":"sys\n\nmore","model":"gpt-5","store":false,)"
            R"("stream":true})");
}

TEST(ResponsesRequest, AllOptions) {
  ModelConfig config = Config();
  config.temperature = 0.5;
  config.top_p = 0.25;
  config.max_tokens = 100;
  config.reasoning_effort = "high";
  EXPECT_EQ(Body(config), "{" + kHiInput +
                              R"(,"max_output_tokens":100,"model":"gpt-5",)"
                              R"("reasoning":{"effort":"high","summary":"auto"},"store":false,)"
                              R"("stream":true,"temperature":0.5,"top_p":0.25})");
  config.extra_json = R"({"reasoning":{"summary":null},"text":{"verbosity":"low"},"top_p":null})";
  EXPECT_EQ(Body(config), "{" + kHiInput +
                              R"(,"max_output_tokens":100,"model":"gpt-5",)"
                              R"("reasoning":{"effort":"high"},"store":false,"stream":true,)"
                              R"("temperature":0.5,"text":{"verbosity":"low"}})");
}

TEST(ResponsesRequest, WhatCannotBeSaid) {
  ModelConfig config = Config();
  config.seed = 7;
  const auto seed = kOpenAiResponses.body(config, Hi(), {});
  ASSERT_FALSE(seed.ok());
  EXPECT_EQ(seed.error().code, ErrorCode::kUsage);
  EXPECT_NE(seed.error().detail.find("--seed"), std::string::npos);
  config = Config();
  config.extra_json = "[]";
  EXPECT_EQ(kOpenAiResponses.body(config, Hi(), {}).error().code, ErrorCode::kUsage);
}

std::string Unsupported(const std::string& param, const std::string& message = "not supported") {
  return R"({"error":{"message":")" + message +
         R"(","type":"invalid_request_error","code":"unsupported_value","param":")" + param +
         "\"}}";
}

std::optional<Repair> RepairOf(const Dialect& dialect, const ModelConfig& config,
                               const std::string& body) {
  return kOpenAiResponses.repair(dialect, config, RefusedWith(400, body));
}

ModelConfig Everything() {
  ModelConfig config = Config();
  config.temperature = 0.5;
  config.top_p = 0.25;
  config.reasoning_effort = "high";
  return config;
}

TEST(ResponsesRepair, OneByOne) {
  struct Case {
    const char* body;
    const char* what;
    bool loses;
    const char* gone;
  };
  const Case cases[] = {
      {R"({"error":{"message":"Your organization must be verified to generate reasoning summaries.",)"
       R"("type":"invalid_request_error","param":"reasoning.summary","code":"unsupported_value"}})",
       "without summary", false, "summary"},
      {R"({"error":{"message":"Your organization must be verified to generate reasoning summaries."}})",
       "without summary", false, "summary"},
      {R"({"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.",)"
       R"("param":"temperature","code":null}})",
       "without temperature", true, "temperature"},
      {R"({"error":{"message":"Unsupported parameter: 'top_p' is not supported with this model."}})",
       "without top_p", true, "top_p"},
      {R"({"error":{"message":"Unsupported parameter: 'reasoning.effort' is not supported with this model.",)"
       R"("param":"reasoning.effort","code":"unsupported_parameter"}})",
       "without reasoning", true, "reasoning"},
      {R"({"error":{"message":"Unrecognized request argument supplied: reasoning"}})",
       "without reasoning", true, "reasoning"},
      {R"({"detail":[{"type":"extra_forbidden","loc":["body","store"],"msg":"Extra inputs are not permitted"}]})",
       "without store", false, "store"},
      {R"({"error":{"message":"Your organization must be verified to stream this model.",)"
       R"("param":"stream","code":"unsupported_value"}})",
       "without stream", false, "\"stream"}};
  for (const Case& refused : cases) {
    const auto repair = RepairOf({}, Everything(), refused.body);
    ASSERT_TRUE(repair.has_value()) << refused.body;
    EXPECT_EQ(repair->what, refused.what);
    EXPECT_EQ(repair->loses, refused.loses) << refused.body;
    EXPECT_EQ(Body(Everything(), repair->dialect).find(refused.gone), std::string::npos);
    const auto again = RepairOf(repair->dialect, Everything(), refused.body);
    EXPECT_TRUE(!again || again->what != repair->what) << "once only";
  }
}

TEST(ResponsesRepair, WithoutASummaryTheEffortStays) {
  const std::string refused = Unsupported("reasoning.summary");
  const auto repair = RepairOf({}, Everything(), refused);
  EXPECT_NE(Body(Everything(), repair->dialect).find(R"("reasoning":{"effort":"high"})"),
            std::string::npos);
  EXPECT_EQ(RepairOf(repair->dialect, Everything(), refused)->what, "without reasoning")
      << "unless that was not enough";
}

TEST(ResponsesRepair, WhatIsNotOurs) {
  EXPECT_FALSE(RepairOf({}, Config(), Unsupported("temperature")).has_value()) << "it was not sent";
  EXPECT_FALSE(RepairOf({}, Config(), Unsupported("reasoning.effort")).has_value());
  EXPECT_FALSE(
      RepairOf({}, Everything(),
               R"({"error":{"message":"temperature must be at most 2","param":"temperature"}})")
          .has_value());
}

class ResponsesModelTest : public testing::Test {
 protected:
  ResponsesModelTest() {
    endpoint_.base_url = "https://api.openai.com/v1";
    endpoint_.key = "sk-secret";
  }
  Result<ModelOutcome> Ask() {
    HttpModel model(kOpenAiResponses, config_, endpoint_, http_, clock_, [] { return 0.0; });
    return model.Ask(Hi(), sink_, {});
  }

  ModelConfig config_ = Config();
  Endpoint endpoint_;
  FakeHttp http_;
  FakeClock clock_;
  RecordingSink sink_;
};

TEST_F(ResponsesModelTest, RepairsInSequence) {
  config_ = Everything();
  config_.max_tokens = 200000;
  http_.AddStatus(400, Unsupported("reasoning.summary"));
  http_.AddStatus(400, Unsupported("temperature"));
  http_.AddStatus(400, Unsupported("top_p"));
  http_.AddStatus(400, R"({"error":{"message":"Invalid 'max_output_tokens': integer above maximum )"
                       R"(value. Expected a value <= 128000, but got 200000 instead.",)"
                       R"("param":"max_output_tokens","code":"integer_above_max_value"}})");
  http_.AddStatus(400, Unsupported("stream", "must be verified to stream this model"));
  http_.AddStatus(200, R"({"object":"response","status":"completed","output":[{"type":"message",)"
                       R"("content":[{"type":"output_text","text":"a"}]}]})");
  EXPECT_EQ(std::get<ModelReply>(Ask().value()).text, "a");
  EXPECT_EQ(http_.requests().back().body, "{" + kHiInput +
                                              R"(,"max_output_tokens":128000,"model":"gpt-5",)"
                                              R"("reasoning":{"effort":"high"},"store":false})");
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(ResponsesModelTest, FailuresInsideTheStream) {
  const auto failed = [](const std::string& code) {
    return Response("failed",
                    R"("status":"failed","error":{"code":")" + code + R"(","message":"why"})");
  };
  http_.AddStream({Say("half"), failed("rate_limit_exceeded")});
  http_.AddStream({Say("half"), failed("server_error")});
  http_.AddStream({Say("half")});
  http_.AddStream({Say("whole"), kCompleted, "<never read>"});
  const auto reply = std::get<ModelReply>(Ask().value());
  EXPECT_EQ(reply.text, "whole");
  EXPECT_EQ(reply.attempts, 4);
  EXPECT_EQ(sink_.text, "whole");
  http_.AddStream({failed("invalid_prompt")});
  EXPECT_NE(std::get<ModelRefused>(Ask().value()).reason.find("why"), std::string::npos);
}

TEST_F(ResponsesModelTest, Outcomes) {
  http_.AddStream({Event("response.refusal.delta", R"("delta":"I won't.")"), kCompleted});
  const auto refused = std::get<ModelRefused>(Ask().value());
  EXPECT_EQ(refused.reason, "I won't.");
  EXPECT_EQ(refused.tokens.output, 50);
  http_.AddStream({Say("half"), Incomplete("content_filter")});
  EXPECT_TRUE(std::holds_alternative<ModelRefused>(Ask().value()));
  http_.AddStream({Think("t"), Incomplete("max_output_tokens")});
  const auto reply = std::get<ModelReply>(Ask().value());
  EXPECT_EQ(reply.finish_reason, "length");
  EXPECT_NE(reply.note.find("--max-tokens"), std::string::npos);
}

}  // namespace
}  // namespace caesar
