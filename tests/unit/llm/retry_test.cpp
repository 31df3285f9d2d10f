#include "llm/retry.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

// 2026-01-31T12:00:00Z
constexpr auto kNow = std::chrono::system_clock::time_point(std::chrono::seconds(1'769'860'800));

CallFailure Status(int status, std::vector<std::pair<std::string, std::string>> headers = {},
                   std::string body = "") {
  CallFailure failure;
  failure.kind = CallFailure::Kind::kStatus;
  failure.status = status;
  failure.headers = std::move(headers);
  failure.error = ParseApiError(body);
  return failure;
}

CallFailure Of(CallFailure::Kind kind, HttpFailure::Kind transport = HttpFailure::Kind::kCut) {
  CallFailure failure;
  failure.kind = kind;
  failure.transport = transport;
  return failure;
}

// The delay in ms, or -1 for giving up.
std::int64_t Delay(const CallFailure& failure, int tries = 1, double random = 0) {
  const RetryDecision decision = DecideRetry(tries, failure, random, kNow);
  const auto* retry = std::get_if<RetryIn>(&decision);
  return retry != nullptr ? retry->delay.count() : -1;
}

std::string Reason(const CallFailure& failure, int tries = 1) {
  const RetryDecision decision = DecideRetry(tries, failure, 0, kNow);
  return std::get<GiveUp>(decision).reason;
}

TEST(Retry, Statuses) {
  for (const int status : {408, 409, 500, 502, 503, 504, 529})
    EXPECT_EQ(Delay(Status(status)), 500) << status;
  for (const int status : {301, 400, 401, 402, 403, 404, 413, 422})
    EXPECT_EQ(Delay(Status(status)), -1) << status;
}

TEST(Retry, TransportErrors) {
  using Kind = HttpFailure::Kind;
  for (const Kind kind :
       {Kind::kResolve, Kind::kConnect, Kind::kTls, Kind::kTimedOut, Kind::kCut}) {
    EXPECT_EQ(Delay(Of(CallFailure::Kind::kTransport, kind)), 500);
  }
  for (const Kind kind :
       {Kind::kBadUrl, Kind::kCertificate, Kind::kProxy, Kind::kTooLarge, Kind::kStopped}) {
    EXPECT_EQ(Delay(Of(CallFailure::Kind::kTransport, kind)), -1);
  }
}

TEST(Retry, TruncatedAndMalformedAreTransient) {
  EXPECT_EQ(Delay(Of(CallFailure::Kind::kTruncated)), 500);
  EXPECT_EQ(Delay(Of(CallFailure::Kind::kMalformed)), 500);
}

TEST(Retry, DelayDoublesUpToItsLimitAndIsShortenedAtRandom) {
  EXPECT_EQ(Delay(Status(500), 2), 1000);
  EXPECT_EQ(Delay(Status(500), 5), 8000);
  EXPECT_EQ(Delay(Status(500), 2, 0.5), 875);
  EXPECT_EQ(DecideRetry(40, Status(500), 0, kNow, 100).index(), 0U);
}

TEST(Retry, RateLimitsWaitLonger) {
  EXPECT_EQ(Delay(Status(429)), 2000);
  EXPECT_EQ(Delay(Status(429), 5), 32000);
}

TEST(Retry, AtMostSixTries) {
  EXPECT_EQ(Delay(Status(500), 5), 8000);
  EXPECT_EQ(Delay(Status(500), 6), -1);
  EXPECT_EQ(Reason(Status(500), 6), "after 6 tries");
}

TEST(Retry, HeaderOverrulesTheStatus) {
  EXPECT_EQ(Delay(Status(400, {{"x-should-retry", "true"}})), 500);
  EXPECT_EQ(Delay(Status(500, {{"x-should-retry", "false"}})), -1);
  EXPECT_EQ(Delay(Status(500, {{"x-should-retry", "maybe"}})), 500);
}

TEST(Retry, WishesOfTheServer) {
  EXPECT_EQ(Delay(Status(429, {{"retry-after", "1.5"}}), 1, 0.9), 1500) << "without jitter";
  EXPECT_EQ(Delay(Status(429, {{"retry-after-ms", "250"}, {"retry-after", "9"}})), 250);
  EXPECT_EQ(Delay(Status(503, {{"retry-after", "Sat, 31 Jan 2026 12:00:42 GMT"}})), 42000);
  EXPECT_EQ(Delay(Status(503, {{"retry-after", "120"}})), 120000);
}

TEST(Retry, UnusableWishesAreIgnored) {
  for (const char* wish : {"0", "-3", "soon", "nan", "inf", "", "Sat, 31 Jan 2026 11:00:00 GMT",
                           "Sat, 31 Xyz 2026 13:00:00 GMT"}) {
    EXPECT_EQ(Delay(Status(500, {{"retry-after", wish}})), 500) << wish;
  }
}

TEST(Retry, LongWishStops) {
  EXPECT_EQ(Reason(Status(429, {{"retry-after", "3600"}})), "the provider asks to wait 3600 s");
}

TEST(Retry, QuotaIsNeverRetried) {
  for (const char* error : {R"({"error":{"type":"insufficient_quota"}})",
                            R"({"error":{"code":"credit_balance_exhausted"}})",
                            R"({"error":{"code":"organization_usage_limit_exceeded"}})",
                            R"({"error":{"code":"organization_spend_limit_exceeded"}})",
                            R"({"error":{"code":"project_spend_limit_exceeded"}})"}) {
    const CallFailure failure = Status(429, {{"x-should-retry", "true"}}, error);
    EXPECT_EQ(Classify(failure), FailureClass::kQuota) << error;
    EXPECT_EQ(Delay(failure), -1) << error;
  }
  EXPECT_EQ(Classify(Status(402)), FailureClass::kQuota);
}

TEST(Retry, OutcomesAreNotRetried) {
  EXPECT_EQ(
      Classify(Status(400, {}, R"({"error":{"code":"context_length_exceeded","message":"x"}})")),
      FailureClass::kContextTooLong);
  EXPECT_EQ(Classify(Status(
                400, {},
                R"({"error":{"message":"This model's maximum context length is 4096 tokens"}})")),
            FailureClass::kContextTooLong);
  EXPECT_EQ(Classify(Status(413, {}, "<html>too large</html>")), FailureClass::kContextTooLong);
  for (const char* code :
       {"content_policy_violation", "invalid_prompt", "content_filter", "cyber_policy"}) {
    const std::string body = std::string(R"({"error":{"code":")") + code + R"("}})";
    EXPECT_EQ(Classify(Status(400, {}, body)), FailureClass::kPolicy) << code;
    EXPECT_EQ(Delay(Status(400, {}, body)), -1);
  }
}

TEST(Retry, ErrorsInsideAStream) {
  const auto in_stream = [](const char* body) {
    CallFailure failure = Status(200, {}, body);
    failure.kind = CallFailure::Kind::kInStream;
    return failure;
  };
  EXPECT_EQ(Delay(in_stream(R"({"error":{"message":"overloaded"}})")), 500);
  EXPECT_EQ(Delay(in_stream(R"({"error":{"code":429,"message":"slow down"}})")), 2000)
      << "OpenRouter's code is a number";
  EXPECT_EQ(Delay(in_stream(R"({"error":{"code":401,"message":"no"}})")), -1);
  EXPECT_EQ(Delay(in_stream(R"({"error":{"type":"insufficient_quota"}})")), -1);
  EXPECT_EQ(Delay(in_stream(R"({"error":{"type":"invalid_request_error"}})")), -1);
}

TEST(ApiErrorTest, Shapes) {
  EXPECT_EQ(ParseApiError(R"({"error":{"message":"m","type":"t","code":"c","param":"p"}})").message,
            "m");
  EXPECT_EQ(ParseApiError(R"({"error":{"message":"m","type":"t","code":7,"param":null}})").code,
            "7");
  EXPECT_EQ(ParseApiError(R"({"error":"plain"})").message, "plain");
  EXPECT_EQ(ParseApiError(R"([{"error":{"message":"gemini"}}])").message, "gemini");
  EXPECT_EQ(ParseApiError(R"({"object":"error","message":"vllm","code":404})").message, "vllm");
  EXPECT_EQ(ParseApiError(R"({"object":"error","message":{"detail":["x"]}})").message,
            R"({"detail":["x"]})")
      << "Mistral";
  EXPECT_EQ(ParseApiError(R"({"detail":"Not Found"})").message, "Not Found");
  EXPECT_EQ(ParseApiError(R"("just text")").message, "just text");
  EXPECT_EQ(ParseApiError("<html><head><title>502 Bad Gateway</title>").message,
            "an HTML page titled \"502 Bad Gateway\"");
  EXPECT_EQ(ParseApiError("Service down").message, "Service down");
  EXPECT_EQ(ParseApiError("").message, "");
}

TEST(ApiErrorTest, HostileBodies) {
  EXPECT_LE(ParseApiError(std::string(1 << 20, 'x')).message.size(), 700U);
  EXPECT_NE(ParseApiError("\xff\xfe").message.find("\xEF\xBF\xBD"), std::string::npos);
  const std::string deep =
      R"({"error":{"message":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}}";
  EXPECT_FALSE(ParseApiError(deep).message.empty());
}

}  // namespace
}  // namespace caesar
