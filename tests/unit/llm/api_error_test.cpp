#include "llm/api_error.h"

#include <gtest/gtest.h>

#include <random>

namespace caesar {
namespace {

using Class = FailureClass;

CallFailure Status(int status, std::string_view body) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::kStatus;
  failure.status = status;
  failure.error = ParseApiError(body);
  return failure;
}

CallFailure InStream(std::string_view body) {
  CallFailure failure = Status(200, body);
  failure.kind = CallFailure::Kind::kInStream;
  return failure;
}

std::string Message(std::string_view body) { return ParseApiError(body).message; }

TEST(ApiErrorTest, Messages) {
  EXPECT_EQ(Message(R"({"error":{"message":"m","type":"t","code":"c","param":"p"}})"), "m");
  EXPECT_EQ(Message(R"({"error":"plain"})"), "plain");
  EXPECT_EQ(Message(R"([{"error":{"message":"gemini"}}])"), "gemini");
  EXPECT_EQ(Message(R"({"object":"error","message":"vllm","code":404})"), "vllm");
  EXPECT_EQ(Message(R"({"detail":"Not Found"})"), "Not Found");
  EXPECT_EQ(Message(R"("just text")"), "just text");
  EXPECT_EQ(Message("<html><head><title>502 Bad Gateway</title>"),
            "an HTML page titled \"502 Bad Gateway\"");
  EXPECT_EQ(Message("Service down"), "Service down");
  EXPECT_EQ(Message(R"({"odd":1})"), R"({"odd":1})");
  EXPECT_EQ(Message(""), "");
}

TEST(ApiErrorTest, OpenAi) {
  const ApiError error =
      ParseApiError(R"({"error":{"message":"m","type":"t","code":7,"param":"p"}})");
  EXPECT_EQ(error.type, "t");
  EXPECT_EQ(error.code, "7");
  EXPECT_EQ(error.param, "p");
  EXPECT_EQ(ParseApiError(R"({"error":{"message":"m","param":null,"code":null}})").param, "");
  const ApiError failed = ParseApiError(
      R"({"type":"response.failed","response":{"id":"r","error":{"code":"server_error","message":"m"}}})");
  EXPECT_EQ(failed.code, "server_error");
  EXPECT_EQ(failed.message, "m");
  const ApiError event =
      ParseApiError(R"({"type":"error","code":"rate_limit_exceeded","message":"m","param":null})");
  EXPECT_EQ(event.code, "rate_limit_exceeded");
  EXPECT_EQ(event.type, "") << "the event's type is none of the error";
}

TEST(ApiErrorTest, Anthropic) {
  const ApiError error = ParseApiError(
      R"({"type":"error","error":{"type":"rate_limit_error","message":"m",)"
      R"("details":{"error_code":"enforced_spend_limit_reached"}},"request_id":"req_1"})");
  EXPECT_EQ(error.type, "rate_limit_error");
  EXPECT_EQ(error.message, "m");
  EXPECT_EQ(error.reasons, std::vector<std::string>{"enforced_spend_limit_reached"});
  EXPECT_EQ(error.request_id, "req_1");
}

TEST(ApiErrorTest, Gemini) {
  const ApiError error = ParseApiError(
      R"([{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"},)"
      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"A"},{"quotaId":"B"}]},)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"37.5s"}]}}])");
  EXPECT_EQ(error.code, "429");
  EXPECT_EQ(error.status, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(error.reasons, (std::vector<std::string>{"RATE_LIMIT_EXCEEDED", "A", "B"}));
  EXPECT_EQ(error.retry_after_s, 37.5);
  const ApiError nested = ParseApiError(
      R"({"error":{"message":"{\n \"error\": {\"code\": 429, \"message\": \"inner\", \"status\": \"RESOURCE_EXHAUSTED\"}}","code":429,"status":"Too Many Requests"}})");
  EXPECT_EQ(nested.message, "inner");
  EXPECT_EQ(nested.reasons, (std::vector<std::string>{"429", "RESOURCE_EXHAUSTED"}));
}

TEST(ApiErrorTest, OpenRouter) {
  const ApiError text = ParseApiError(
      R"({"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"m is limited upstream","provider_name":"P"}}})");
  EXPECT_EQ(text.message, "Provider returned error (P): m is limited upstream");
  const ApiError json = ParseApiError(
      R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":)"
      R"("{\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\"}}"}}})");
  EXPECT_EQ(json.message, "Provider returned error: too long");
  EXPECT_EQ(json.reasons, std::vector<std::string>{"context_length_exceeded"});
}

TEST(ApiErrorTest, FastApiAndMistral) {
  const ApiError fast = ParseApiError(
      R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options",0],"msg":"Extra inputs"},{"msg":"other"}]})");
  EXPECT_EQ(fast.message, "stream_options.0: Extra inputs; other");
  EXPECT_EQ(fast.param, "stream_options.0");
  EXPECT_EQ(fast.reasons, std::vector<std::string>{"extra_forbidden"});
  EXPECT_EQ(Message(R"({"object":"error","message":{"detail":[{"loc":["body","x"],"msg":"no"}]}})"),
            "x: no");
  EXPECT_EQ(Message(R"({"object":"error","message":{"detail":["x"]}})"), "x");
  EXPECT_EQ(Message(R"({"object":"error","message":{"odd":[1]}})"), R"({"odd":[1]})");
}

TEST(ApiErrorTest, Azure) {
  const ApiError error = ParseApiError(
      R"({"error":{"code":"content_filter","message":"m","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})");
  EXPECT_EQ(error.status, "");
  EXPECT_EQ(error.reasons, std::vector<std::string>{"ResponsibleAIPolicyViolation"});
  EXPECT_EQ(ParseApiError(R"({"statusCode":401,"message":"m"})").code, "401");
}

TEST(ApiErrorTest, HostileBodies) {
  EXPECT_LE(Message(std::string(1 << 20, 'x')).size(), 700U);
  EXPECT_NE(Message("\xff\xfe").find("\xEF\xBF\xBD"), std::string::npos);
  const std::string deep =
      R"({"error":{"message":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}}";
  EXPECT_FALSE(Message(deep).empty());
  std::string many = R"({"error":{"code":429,"details":[{"violations":[)";
  for (int i = 0; i < 10'000; ++i) many += R"({"quotaId":"x"},)";
  EXPECT_LE(ParseApiError(many + "{}]}]}}").reasons.size(), 16U);
  std::string within = R"({"error":"end"})";  // an error in an error in an error ...
  for (int i = 0; i < 8; ++i) {
    std::string escaped;
    for (const char c : within)
      escaped += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    within = R"({"error":{"message":")" + escaped + R"("}})";
  }
  EXPECT_FALSE(Message(within).empty());
}

TEST(ApiErrorTest, AnyCutOfABodyIsSafe) {
  const std::string body =
      R"([{"type":"error","error":{"code":429,"message":{"detail":[{"loc":["body",1],"msg":"é\ud83d"}]},)"
      R"("metadata":{"raw":"{\"error\":{\"message\":\"x\"}}","flagged_input":""},"details":[{"retryDelay":"1s"}]}}])";
  std::mt19937 random(3);
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    std::string some = body.substr(0, cut);
    EXPECT_EQ(ParseApiError(some).message.empty(), some.empty());
    for (int i = 0; i < 4 && !some.empty(); ++i)
      some[random() % some.size()] = static_cast<char>(random());
    Classify(InStream(some));
  }
}

TEST(CallFailureTest, RequestIds) {
  CallFailure failure = Status(500, R"({"request_id":"body"})");
  EXPECT_EQ(failure.RequestId(), "body");
  failure.headers = {{"x-generation-id", "gen"}};
  EXPECT_EQ(failure.RequestId(), "gen");
  failure.headers.emplace_back("request-id", "anthropic");
  EXPECT_EQ(failure.RequestId(), "anthropic");
  failure.headers.emplace_back("x-request-id", " openai ");
  EXPECT_EQ(failure.RequestId(), "openai");
}

struct Case {
  Class what;
  int status;  // 0: inside an answer
  const char* body;
};

void Expect(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const CallFailure failure = one.status == 0 ? InStream(one.body) : Status(one.status, one.body);
    EXPECT_EQ(Classify(failure), one.what) << one.status << " " << one.body;
  }
}

TEST(Classify, MoneyIsNeverWaitedFor) {
  Expect({
      {Class::kQuota, 429,
       R"({"error":{"type":"insufficient_quota","message":"You exceeded your current quota"}})"},
      {Class::kQuota, 429, R"({"error":{"code":"credit_balance_exhausted"}})"},
      {Class::kQuota, 429, R"({"error":{"code":"organization_usage_limit_exceeded"}})"},
      {Class::kQuota, 429, R"({"error":{"code":"organization_spend_limit_exceeded"}})"},
      {Class::kQuota, 429, R"({"error":{"code":"project_spend_limit_exceeded"}})"},
      {Class::kQuota, 0, R"({"error":{"type":"insufficient_quota"}})"},
      {Class::kQuota, 402, ""},
      {Class::kQuota, 402, "<html><title>Payment</title>"},
      {Class::kQuota, 429,
       R"({"type":"error","error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}})"},
      {Class::kQuota, 0, R"({"type":"error","error":{"type":"billing_error","message":"m"}})"},
      {Class::kQuota, 400,
       R"({"error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-02-01"}})"},
      {Class::kQuota, 400,
       R"({"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}})"},
      {Class::kQuota, 429,
       R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota","details":[{"violations":[{"quotaId":"GenerateRequestsPerMinute"},{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"37s"}]}})"},
      {Class::kQuota, 429,
       R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"* Quota exceeded for metric: x, limit: 0, model: gemini-3-pro"}})"},
      {Class::kQuota, 0, R"({"error":{"code":402,"message":"Insufficient credits"}})"},
      {Class::kQuota, 429,
       R"({"error":{"code":429,"message":"Rate limit exceeded: free-models-per-day. Add 10 credits"}})"},
      {Class::kQuota, 429,
       R"({"error":{"code":"1113","message":"Insufficient balance or no resource package."}})"},
      {Class::kQuota, 403,
       R"({"error":"Your team has used all available credits or reached its monthly spending limit."})"},
  });
}

TEST(Classify, RateLimits) {
  Expect({
      {Class::kRateLimit, 429, ""},
      {Class::kRateLimit, 429, "<html>Too many requests</html>"},
      {Class::kRateLimit, 429,
       R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota, limit: 20, model: m","details":[{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}]}})"},
      {Class::kRateLimit, 503, R"({"error":{"code":503,"status":"RESOURCE_EXHAUSTED"}})"},
      {Class::kRateLimit, 0,
       R"({"type":"error","error":{"type":"rate_limit_error","message":"m"}})"},
      {Class::kRateLimit, 0,
       R"({"response":{"error":{"code":"rate_limit_exceeded","message":"m"}}})"},
      {Class::kRateLimit, 0, R"({"error":{"code":429,"message":"slow down"}})"},
      {Class::kRateLimit, 429,
       R"({"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"m is temporarily rate-limited upstream"}}})"},
  });
}

TEST(Classify, OverloadAndLoading) {
  Expect({
      {Class::kOverloaded, 529, ""},
      {Class::kOverloaded, 0,
       R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"},
      {Class::kOverloaded, 503,
       R"({"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}})"},
      {Class::kOverloaded, 0, R"({"error":{"message":"overloaded"}})"},
      {Class::kOverloaded, 0,
       R"({"response":{"error":{"code":"server_is_overloaded","message":"m"}}})"},
      {Class::kOverloaded, 429, R"({"error":"Model is overloaded","error_type":"overloaded"})"},
      {Class::kLoading, 503,
       R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})"},
      {Class::kLoading, 503, R"({"error":"Model m is currently loading","estimated_time":20.0})"},
      {Class::kTransient, 500, R"({"error":{"message":"error loading model"}})"},
  });
}

TEST(Classify, Transient) {
  Expect({
      {Class::kTransient, 503, R"({"error":{"code":503,"status":"UNAVAILABLE","message":"m"}})"},
      {Class::kTransient, 400,
       R"({"error":{"type":"invalid_request_error","message":"The request body is not valid JSON: unexpected end of data: line 1"}})"},
      {Class::kTransient, 0,
       R"({"type":"error","error":{"type":"api_error","message":"Internal server error"}})"},
      {Class::kTransient, 0, R"({"type":"error","error":{"type":"timeout_error","message":"m"}})"},
      {Class::kTransient, 0, R"({"error":{"code":502,"message":"m"}})"},
      {Class::kTransient, 0, R"({"error":{"message":"no words at all"}})"},
      {Class::kTransient, 500, R"({"error":{"type":"invalid_request_error"}})"},
  });
}

TEST(Classify, KeysAndModels) {
  Expect({
      {Class::kKey, 401, ""},
      {Class::kKey, 403, "<html>blocked</html>"},
      {Class::kKey, 400,
       R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key.","details":[{"reason":"API_KEY_INVALID"}]}})"},
      {Class::kKey, 400, R"({"error":"Incorrect API key provided: xa***"})"},
      {Class::kKey, 0, R"({"type":"error","error":{"type":"authentication_error","message":"m"}})"},
      {Class::kKey, 0, R"({"error":{"code":401,"message":"no"}})"},
      {Class::kModel, 404, ""},
      {Class::kModel, 403, R"({"error":{"code":"model_not_found","message":"m"}})"},
      {Class::kModel, 400, R"({"error":{"code":"model_decommissioned","message":"m"}})"},
      {Class::kModel, 0, R"({"type":"error","error":{"type":"not_found_error","message":"m"}})"},
      {Class::kPermanent, 0, R"({"error":{"type":"invalid_request_error"}})"},
      {Class::kPermanent, 400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})"},
      {Class::kPermanent, 400,
       R"({"error":{"type":"api_error","message":"overloaded words in a refusal"}})"},
      {Class::kPermanent, 501, R"({"error":{"code":501,"type":"not_supported_error"}})"},
  });
}

TEST(Classify, PromptsThatDoNotFit) {
  for (const char* message :
       {"This model's maximum context length is 4096 tokens. However, you requested 5000",
        "Your input exceeds the context window of this model. Please adjust your input",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        "Please reduce the length of the messages or completion.",
        "the request exceeds the available context size. try increasing the context size",
        "the input length exceeds the context length",
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
        "Input length (9000 tokens) exceeds the maximum allowed length (8192 tokens).",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096",
        "Input is too long for requested model."}) {
    const std::string body =
        std::string(R"({"error":{"type":"invalid_request_error","message":")") + message + R"("}})";
    EXPECT_EQ(Classify(Status(400, body)), Class::kContextTooLong) << message;
    EXPECT_EQ(Classify(InStream(body)), Class::kContextTooLong) << message;
    EXPECT_NE(Classify(Status(500, body)), Class::kContextTooLong) << message;
  }
  Expect({
      {Class::kContextTooLong, 400,
       R"({"error":{"code":"context_length_exceeded","message":"x"}})"},
      {Class::kContextTooLong, 0,
       R"({"response":{"error":{"code":"context_length_exceeded","message":"x"}}})"},
      {Class::kContextTooLong, 400,
       R"({"error":{"code":400,"type":"exceed_context_size_error","message":"x"}})"},
      {Class::kContextTooLong, 413, R"({"error":{"type":"request_too_large","message":"x"}})"},
      {Class::kContextTooLong, 413, "<html><title>413 Request Entity Too Large</title></html>"},
      {Class::kContextTooLong, 413,
       R"({"error":{"message":"Request too large for model `m` ... Limit 6000, Requested 12000","type":"tokens","code":"rate_limit_exceeded"}})"},
      {Class::kContextTooLong, 429,
       R"({"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 31000.","type":"tokens","code":"rate_limit_exceeded"}})"},
      {Class::kContextTooLong, 400,
       R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 2 tokens > 1 maximum\"}}"}}})"},
  });
}

TEST(Classify, ContentThatIsDeclined) {
  for (const char* code : {"content_policy_violation", "invalid_prompt", "content_filter",
                           "cyber_policy", "ResponsibleAIPolicyViolation"}) {
    const std::string body = std::string(R"({"error":{"code":")") + code + R"(","message":"m"}})";
    EXPECT_EQ(Classify(Status(400, body)), Class::kPolicy) << code;
    EXPECT_EQ(Classify(InStream(body)), Class::kPolicy) << code;
  }
  Expect({
      {Class::kPolicy, 400,
       R"({"error":{"code":null,"message":"m","innererror":{"code":"ResponsibleAIPolicyViolation"}}})"},
      {Class::kPolicy, 403,
       R"({"error":{"code":403,"message":"m","metadata":{"reasons":["x"],"flagged_input":"..."}}})"},
      {Class::kPolicy, 400,
       R"({"error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}})"},
  });
}

TEST(Classify, Malformed) {
  CallFailure failure = Status(200, "<html>Hello</html>");
  failure.kind = CallFailure::Kind::kMalformed;
  EXPECT_EQ(Classify(failure), Class::kPermanent);
  failure.error = ParseApiError("half an ans");
  EXPECT_EQ(Classify(failure), Class::kTransient);
}

}  // namespace
}  // namespace caesar
