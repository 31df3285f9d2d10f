#include "llm/http_model.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

ModelRequest Hi() {
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, "hi"});
  return request;
}

std::string Data(const std::string& json) { return "data: " + json + "\n\n"; }
std::string Content(const std::string& text) {
  return Data(R"({"choices":[{"delta":{"content":")" + text + R"("}}]})");
}
std::string End(const std::string& reason) {
  return Data(R"({"choices":[{"delta":{},"finish_reason":")" + reason + R"("}]})");
}
std::string Usage(int in, int out) {
  return Data(R"({"choices":[],"usage":{"prompt_tokens":)" + std::to_string(in) +
              R"(,"completion_tokens":)" + std::to_string(out) + "}}");
}
const std::string kDone = Data("[DONE]");

class OpenAiModelTest : public testing::Test {
 protected:
  OpenAiModelTest() {
    config_.model = "m";
    endpoint_.base_url = "http://localhost:8000/v1";
    endpoint_.key = "sk-secret";
    endpoint_.key_source = "CAESAR_API_KEY";
  }

  Result<ModelOutcome> Ask(StopToken stop = {}) {
    HttpModel model(kOpenAiChat, config_, endpoint_, http_, clock_, [] { return 0.0; });
    return model.Ask(Hi(), sink_, stop);
  }
  ModelReply Reply() {
    const auto outcome = Ask();
    if (!outcome.ok()) ADD_FAILURE() << outcome.error().message << "\n" << outcome.error().detail;
    if (!outcome.ok() || !std::holds_alternative<ModelReply>(outcome.value())) return {};
    return std::get<ModelReply>(outcome.value());
  }
  ModelRefused Refused() { return std::get<ModelRefused>(Ask().value()); }
  // The text of the Error, in which no key may show.
  std::string Failure(ErrorCode code = ErrorCode::kEnvironment) {
    const auto outcome = Ask();
    if (outcome.ok()) return "no error";
    EXPECT_EQ(outcome.error().code, code);
    const std::string text = outcome.error().message + "\n" + outcome.error().detail;
    EXPECT_EQ(text.find(endpoint_.key), std::string::npos) << text;
    return text;
  }
  void ExpectSays(const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts)
      EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
  }

  ModelConfig config_;
  Endpoint endpoint_;
  FakeHttp http_;
  FakeClock clock_;
  RecordingSink sink_;
};

TEST_F(OpenAiModelTest, Reply) {
  HttpResponse response;
  response.status = 200;
  response.headers = {{"x-request-id", "req-1"}};
  http_.Add({response, {Content("Hel"), Content("lo"), End("stop"), Usage(3, 2), kDone}, {}});
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.text, "Hello");
  EXPECT_EQ(sink_.text, "Hello");
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_EQ(reply.request_id, "req-1");
  EXPECT_EQ(reply.tokens.total(), 5);
  EXPECT_TRUE(reply.tokens.reported);
  EXPECT_EQ(reply.attempts, 1);
  EXPECT_EQ(reply.note, "");
  ASSERT_EQ(http_.requests().size(), 1U);
  const HttpRequest request = http_.requests()[0];
  EXPECT_EQ(request.url, "http://localhost:8000/v1/chat/completions");
  EXPECT_EQ(std::count(request.headers.begin(), request.headers.end(),
                       std::pair<std::string, std::string>("Authorization", "Bearer sk-secret")),
            1);
}

TEST_F(OpenAiModelTest, WithoutAKeyNoneIsSent) {
  endpoint_.key.clear();
  http_.AddStream({Content("a"), kDone});
  EXPECT_EQ(Reply().text, "a");
  const std::vector<HttpRequest> requests = http_.requests();
  for (const auto& [name, value] : requests.at(0).headers) EXPECT_NE(name, "Authorization");
}

TEST_F(OpenAiModelTest, TruncatedStreamStartsAgainFromNothing) {
  http_.AddStream({Content("half"), Usage(3, 1)});
  http_.AddFailure(HttpFailure::Kind::kCut, {Content("other ha")});
  http_.AddStream({Content("whole"), End("stop"), Usage(3, 2)});
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.text, "whole");
  EXPECT_EQ(sink_.text, "whole");
  EXPECT_EQ(sink_.resets, 2);
  EXPECT_EQ(reply.attempts, 3);
  // As reported, by a guess for what broke off without a count ("other ha"), and as reported.
  EXPECT_EQ(reply.tokens.output, 1 + 2 + 2) << "the first attempts were paid for, too";
  EXPECT_TRUE(reply.tokens.estimated);
  EXPECT_EQ(sink_.retries,
            (std::vector<std::string>{"answer cut off 500 1", "connection cut 1000 2"}));
  EXPECT_EQ(clock_.slept().size(), 2U);
}

TEST_F(OpenAiModelTest, WhatComesBehindTheEndCannotUndoAPaidReply) {
  for (const std::string& tail : {Data(R"({"error":{"message":"no usage"}})"), Data("{broken")}) {
    http_.AddStream({Content("a") + End("stop") + tail});
    const ModelReply reply = Reply();
    EXPECT_EQ(reply.text, "a");
    EXPECT_EQ(reply.attempts, 1);
  }
  http_.AddStatus(200, R"({"choices":[{"message":{"content":"b"},"finish_reason":null}]})");
  EXPECT_EQ(Reply().text, "b") << "a document that is whole";
}

TEST_F(OpenAiModelTest, TheLimitIsRaisedOnceAndNoFurther) {
  config_.max_tokens = 1000;
  HttpModel model(kOpenAiChat, config_, endpoint_, http_, clock_, [] { return 0.0; });
  ModelRequest request = Hi();
  request.sufficient = [](std::string_view) { return false; };
  for (int question = 0; question < 3; ++question) {
    for (int call = 0; call < 2; ++call) http_.AddStream({Content("cut"), End("length"), kDone});
    ASSERT_TRUE(model.Ask(request, sink_, {}).ok());
  }
  EXPECT_EQ(http_.requests().size(), 4U) << "two calls for the first question, one for each other";
  EXPECT_NE(http_.requests().back().body.find(R"("max_tokens":2000)"), std::string::npos);
}

TEST_F(OpenAiModelTest, UsageOfNothingIsNone) {
  for (const std::string& usage :
       {Usage(0, 0),
        Data(R"({"choices":[],"usage":{"completion_tokens_details":{"reasoning_tokens":0}}})")}) {
    http_.AddStream({Content("a"), End("stop"), usage, kDone});
    EXPECT_FALSE(Reply().tokens.reported);
  }
}

TEST_F(OpenAiModelTest, ConnectionThatEndsAfterTheAnswerIsFine) {
  http_.AddFailure(HttpFailure::Kind::kTimedOut, {Content("a"), End("stop"), kDone});
  EXPECT_EQ(Reply().text, "a");
}

TEST_F(OpenAiModelTest, RateLimitWaitsAsAsked) {
  http_.AddStatus(429, R"({"error":{"message":"slow down"}})", {{"retry-after", "7"}});
  http_.AddStream({Content("a"), kDone});
  EXPECT_EQ(Reply().text, "a");
  EXPECT_EQ(clock_.slept(), std::vector<Milliseconds>{Milliseconds(7000)});
  EXPECT_EQ(sink_.retries, std::vector<std::string>{"rate limit (429) 7000 1"});
}

TEST_F(OpenAiModelTest, SixTriesThenASentence) {
  for (int i = 0; i < 8; ++i) http_.AddStatus(503, "<html><title>busy</title></html>");
  ExpectSays(Failure(), {"localhost:8000/v1 has a problem", "503", "busy", "after 6 tries"});
  EXPECT_EQ(http_.left(), 2U);
}

TEST_F(OpenAiModelTest, WrongKey) {
  http_.AddStatus(401, R"({"error":{"message":"Incorrect API key provided: sk-secret."}})",
                  {{"x-request-id", "r9"}});
  ExpectSays(Failure(), {"does not accept the API key", "CAESAR_API_KEY", "[key]", "r9"});
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(OpenAiModelTest, AKeyIsHiddenWhereverAServerRepeatsIt) {
  HttpResponse response;
  response.status = 200;
  response.headers = {{"x-request-id", "r-sk-secret"}};
  http_.Add({response, {Data(R"({"model":"m-sk-secret","choices":[]})"), End("sk-secret")}, {}});
  const ModelReply reply = Reply();
  EXPECT_EQ(reply.request_id, "r-[key]");
  EXPECT_EQ(reply.model, "m-[key]");
  EXPECT_EQ(reply.finish_reason, "[key]");
  http_.AddStream({Data(R"({"choices":[{"delta":{"refusal":"no, sk-secret"}}]})"), End("stop")});
  EXPECT_EQ(Refused().reason, "no, [key]");
}

TEST_F(OpenAiModelTest, WithheldKeyIsExplained) {
  endpoint_.key.clear();
  endpoint_.withheld = "OPENAI_API_KEY";
  http_.AddStatus(401, "");
  ModelConfig config = config_;
  HttpModel model(kOpenAiChat, config, endpoint_, http_, clock_, [] { return 0.0; });
  const auto outcome = model.Ask({}, sink_, {});
  ASSERT_FALSE(outcome.ok());
  ExpectSays(outcome.error().detail, {"OPENAI_API_KEY was not sent", "CAESAR_API_KEY"});
}

TEST_F(OpenAiModelTest, ModelNotFound) {
  http_.AddStatus(
      404, R"({"error":{"message":"The model `m` does not exist","code":"model_not_found"}})");
  ExpectSays(Failure(),
             {"knows no model 'm'", "http://localhost:8000/v1", "--model", "does not exist"});
}

TEST_F(OpenAiModelTest, WebPageInsteadOfAnApi) {
  http_.AddStatus(404, "<!doctype html><title>Not here</title>");
  ExpectSays(Failure(), {"web page", "base URL is probably wrong", "Not here"});
  http_.AddStream({"<!doctype html><html>", "hello"});
  ExpectSays(Failure(), {"web page instead of JSON", "/v1"});
}

TEST_F(OpenAiModelTest, Redirect) {
  http_.AddStatus(308, "", {{"location", "https://user:pw@new.example/v1?k=1"}});
  const std::string text = Failure();
  ExpectSays(text, {"redirects to https://new.example/v1.", "--base-url"});
}

TEST_F(OpenAiModelTest, TransportFailuresAreExplained) {
  const std::pair<HttpFailure::Kind, const char*> cases[] = {
      {HttpFailure::Kind::kConnect, "Is the server running"},
      {HttpFailure::Kind::kResolve, "DNS"},
      {HttpFailure::Kind::kTls, "No secure connection"},
      {HttpFailure::Kind::kCertificate, "SSL_CERT_FILE"},
      {HttpFailure::Kind::kProxy, "NO_PROXY"},
      {HttpFailure::Kind::kTimedOut, "did not answer in time"},
      {HttpFailure::Kind::kBadUrl, "Check --base-url"}};
  for (const auto& [kind, advice] : cases) {
    for (int i = 0; i < 6; ++i) http_.AddFailure(kind);
    ExpectSays(Failure(), {advice, "http://localhost:8000/v1", "The reason: scripted failure"});
    while (http_.left() > 0) http_.Send({}, {}, {});
  }
}

TEST_F(OpenAiModelTest, NoCreditLeft) {
  http_.AddStatus(
      429,
      R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}})");
  ExpectSays(Failure(), {"no credit left", "exceeded your current quota"});
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(OpenAiModelTest, OutcomesOfTheProvider) {
  http_.AddStatus(400,
                  R"({"error":{"message":"too many tokens","code":"context_length_exceeded"}})");
  EXPECT_NE(std::get<PromptTooLong>(Ask().value()).reason.find("too long"), std::string::npos);
  http_.AddStatus(400, R"({"error":{"message":"no","code":"content_policy_violation"}})");
  EXPECT_NE(Refused().reason.find("declined"), std::string::npos);
  http_.AddStream({Data(R"({"choices":[{"delta":{"refusal":"I won't."},"finish_reason":"stop"}]})"),
                   Usage(3, 4)});
  const ModelRefused refused = Refused();
  EXPECT_EQ(refused.reason, "I won't.");
  EXPECT_EQ(refused.tokens.total(), 7);
  http_.AddStream({Content("par"), End("content_filter")});
  EXPECT_NE(Refused().reason.find("content filter"), std::string::npos);
}

TEST_F(OpenAiModelTest, UnsupportedFieldsAreRepairedAndRemembered) {
  config_.max_tokens = 50;
  config_.temperature = 0.1;
  http_.AddStatus(400, R"({"error":{"message":"stream_options is not supported"}})");
  http_.AddStatus(
      400, R"({"error":{"message":"x","code":"unsupported_parameter","param":"max_tokens"}})");
  http_.AddStatus(400,
                  R"({"error":{"message":"x","code":"unsupported_value","param":"temperature"}})");
  http_.AddStream({Content("a"), kDone});
  http_.AddStream({Content("b"), kDone});
  HttpModel model(kOpenAiChat, config_, endpoint_, http_, clock_, [] { return 0.0; });
  EXPECT_TRUE(model.Ask({}, sink_, {}).ok());
  EXPECT_TRUE(model.Ask({}, sink_, {}).ok());
  EXPECT_TRUE(clock_.slept().empty());
  const auto requests = http_.requests();
  ASSERT_EQ(requests.size(), 5U);
  EXPECT_EQ(requests[4].body,
            R"({"max_completion_tokens":50,"messages":[],"model":"m","stream":true})");
}

TEST_F(OpenAiModelTest, BadRequestIsNotRetried) {
  http_.AddStatus(400, R"({"error":{"message":"temperature must be at most 2"}})");
  ExpectSays(Failure(), {"refuses the request", "temperature must be at most 2"});
}

TEST_F(OpenAiModelTest, EmptyAndCutRepliesCarryANote) {
  http_.AddStream({Data(R"({"choices":[{"delta":{"reasoning":"hm"}}]})"),
                   Data(R"({"choices":[{"delta":{"content":null},"finish_reason":"length"}]})"),
                   Usage(3, 200)});
  ModelReply reply = Reply();
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(reply.reasoning, "hm");
  ExpectSays(reply.note, {"200 tokens", "reasoning", "--max-tokens"});
  http_.AddStream({Content("a"), End("length"), Usage(96, 4000)});
  ExpectSays(Reply().note, {"4096", "OLLAMA_CONTEXT_LENGTH"});
  http_.AddStream({Content("a"), End("length")});
  ExpectSays(Reply().note, {"token limit", "--max-tokens"});
  http_.AddStream({End("stop")});
  EXPECT_EQ(Reply().note, "The model gave an empty reply.");
}

TEST_F(OpenAiModelTest, LargeReply) {
  std::vector<std::string> chunks(10, Content(std::string(1 << 20, 'x')));
  chunks.push_back(End("stop"));
  http_.AddStream(chunks);
  EXPECT_EQ(Reply().text.size(), std::size_t{10} << 20);
}

TEST_F(OpenAiModelTest, ErrorOfTheSinkEndsTheCall) {
  sink_.failure = Error{ErrorCode::kIo, "disk full", ""};
  http_.AddStream({Content("a"), Content("b"), kDone});
  EXPECT_EQ(Failure(ErrorCode::kIo), "disk full\n");
  EXPECT_EQ(sink_.deltas, 1);
}

TEST_F(OpenAiModelTest, NothingIsReadAfterTheEndOrAnError) {
  http_.AddStream({Data(R"({"error":{"message":"boom"}})"), Content("x")});
  http_.AddStream({Content("a"), kDone, "<never read>"});
  EXPECT_EQ(Reply().text, "a");
  EXPECT_EQ(sink_.retries, std::vector<std::string>{"error within the answer 500 1"});
}

TEST_F(OpenAiModelTest, StopWhileStreaming) {
  StopSource source;
  http_.Add({HttpResponse{200, {}, ""}, {Content("a")}, [&] { source.Request(StopLevel::kNow); }});
  const auto outcome = Ask(StopToken(source));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(outcome.error().detail, "") << "there was no answer";
}

TEST_F(OpenAiModelTest, StopAfterTheAnswersEndKeepsWhatWasPaidFor) {
  struct StoppingSink : RecordingSink {
    Status OnText(std::string_view delta) override {
      source.Request(StopLevel::kNow);
      return RecordingSink::OnText(delta);
    }
    StopSource source;
  } sink;
  http_.AddStream({Content("whole") + End("stop"), kDone});
  HttpModel model(kOpenAiChat, config_, endpoint_, http_, clock_, [] { return 0.0; });
  const auto outcome = model.Ask(Hi(), sink, StopToken(sink.source));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(std::get<ModelReply>(outcome.value()).text, "whole");
}

TEST_F(OpenAiModelTest, StopWhileWaitingForARetry) {
  StopSource source;
  HttpResponse response;
  response.status = 500;
  http_.Add({HttpFailure{HttpFailure::Kind::kConnect, "x", false}, {}, {}});
  http_.Add({response, {}, [&] { source.Request(StopLevel::kNow); }});
  const auto outcome = Ask(StopToken(source));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInterrupted);
}

}  // namespace
}  // namespace caesar
