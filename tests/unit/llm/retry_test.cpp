#include "llm/retry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace caesar {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// 2026-01-31T12:00:00Z
constexpr auto kNow = std::chrono::system_clock::time_point(std::chrono::seconds(1'769'860'800));

CallFailure Status(int status, Headers headers = {}, std::string body = "") {
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

CallFailure Overloaded() {
  return Status(529, {}, R"({"type":"error","error":{"type":"overloaded_error"}})");
}

CallFailure Loading() {
  return Status(503, {},
                R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})");
}

// The delay in ms, or -1 for giving up.
std::int64_t Delay(const CallFailure& failure, const Tries& tries = 1, double random = 0) {
  const RetryDecision decision = DecideRetry(tries, failure, random, kNow);
  const auto* retry = std::get_if<RetryIn>(&decision);
  return retry != nullptr ? retry->delay.count() : -1;
}

std::string Reason(const CallFailure& failure, const Tries& tries = 1) {
  const RetryDecision decision = DecideRetry(tries, failure, 0, kNow);
  return std::get<GiveUp>(decision).reason;
}

Tries Waited(int failed, std::int64_t ms) {
  Tries tries(failed);
  tries.waited = Milliseconds(ms);
  return tries;
}

TEST(Retry, Statuses) {
  for (const int status : {408, 409, 425, 499, 500, 502, 503, 504, 520})
    EXPECT_EQ(Delay(Status(status)), 500) << status;
  for (const int status :
       {101, 204, 301, 302, 307, 400, 401, 402, 403, 404, 405, 413, 422, 451, 501, 505, 511})
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
}

TEST(Retry, RateLimitsAndOverloadWaitLonger) {
  EXPECT_EQ(Delay(Status(429)), 2000);
  EXPECT_EQ(Delay(Status(429), 5), 32000);
  EXPECT_EQ(Delay(Overloaded()), 1000);
  EXPECT_EQ(Delay(Overloaded(), 5), 16000);
}

TEST(Retry, AtMostSixTries) {
  EXPECT_EQ(Delay(Status(500), 5), 8000);
  EXPECT_EQ(Delay(Status(500), 6), -1);
  EXPECT_EQ(Reason(Status(500), 6), "after 6 tries");
  EXPECT_EQ(Reason(Status(429), 6), "after 6 tries");
}

TEST(Retry, AtMostFiveMinutesOfWaiting) {
  const CallFailure failure = Status(429, {{"retry-after", "100"}});
  EXPECT_EQ(Delay(failure, Waited(3, 200'000)), 100'000) << "exactly as much as is allowed";
  EXPECT_EQ(Reason(failure, Waited(3, 200'001)), "after 3 tries and 200 s of waiting");
  EXPECT_EQ(Delay(Status(500), Waited(2, 299'001)), -1);
}

TEST(Retry, ALoadingServerIsWaitedForLonger) {
  Tries tries;
  std::int64_t delay = 0;
  for (;;) {
    tries.Count(Loading());
    delay = Delay(Loading(), tries);
    if (delay < 0) break;
    EXPECT_LE(delay, 10'000);
    tries.waited += Milliseconds(delay);
  }
  EXPECT_EQ(tries.failed, 0);
  EXPECT_GT(tries.waited.count(), 880'000);
  EXPECT_LE(tries.waited, kLoadingWaitedMax);
  tries.waited = Milliseconds(60'000);
  tries.Count(Status(500));
  EXPECT_EQ(tries.failed, 1);
  EXPECT_EQ(Delay(Status(500), tries), 500) << "once loaded, its failures count from one";
  EXPECT_EQ(Delay(Loading(), kLoadingTriesMax), -1) << "ends even where nobody counts the waiting";
}

TEST(Retry, HeaderOverrulesTheStatus) {
  EXPECT_EQ(Delay(Status(400, {{"x-should-retry", "true"}})), 500);
  EXPECT_EQ(Delay(Status(500, {{"x-should-retry", "false"}})), -1);
  EXPECT_EQ(Delay(Status(429, {{"x-should-retry", "False"}})), -1);
  EXPECT_EQ(Delay(Status(500, {{"x-should-retry", "maybe"}})), 500);
  for (const int status : {401, 402, 403, 413})
    EXPECT_EQ(Delay(Status(status, {{"x-should-retry", "true"}})), -1) << status;
}

TEST(Retry, WishesOfTheServer) {
  EXPECT_EQ(Delay(Status(429, {{"retry-after", "1.5"}}), 1, 0.9), 1500) << "without jitter";
  EXPECT_EQ(Delay(Status(429, {{"retry-after-ms", "250"}, {"retry-after", "9"}})), 250);
  EXPECT_EQ(Delay(Status(503, {{"retry-after", "Sat, 31 Jan 2026 12:00:42 GMT"}})), 42000);
  EXPECT_EQ(Delay(Status(503, {{"retry-after", "120"}})), 120000);
}

TEST(Retry, GooglesRetryInfo) {
  const char* body =
      R"([{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Please retry in 12s.",)"
      R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"37s"}]}}])";
  EXPECT_EQ(Delay(Status(429, {}, body)), 37000);
  EXPECT_EQ(Delay(Status(429, {{"retry-after", "5"}}, body)), 5000) << "the header comes first";
}

TEST(Retry, UnusableWishesAreIgnored) {
  for (const char* wish : {"0", "-3", "soon", "nan", "inf", "", "Sat, 31 Jan 2026 11:00:00 GMT",
                           "Sat, 31 Xyz 2026 13:00:00 GMT"}) {
    EXPECT_EQ(Delay(Status(500, {{"retry-after", wish}})), 500) << wish;
  }
}

TEST(Retry, LongWishStops) {
  EXPECT_EQ(Reason(Status(429, {{"retry-after", "3600"}})), "the provider asks to wait 3600 s");
  EXPECT_EQ(Reason(Status(429, {{"retry-after", "120.5"}})), "the provider asks to wait 120 s");
}

TEST(Retry, ResetsOfEmptyBuckets) {
  const std::vector<std::pair<Headers, std::int64_t>> cases = {
      {{{"x-ratelimit-reset-requests", "20s"}, {"x-ratelimit-remaining-requests", "0"}}, 20000},
      {{{"x-ratelimit-reset-tokens", "6m0s"}, {"x-ratelimit-remaining-tokens", "0"}}, 60000},
      {{{"x-ratelimit-reset-tokens", "500ms"}, {"x-ratelimit-remaining-tokens", "0"}}, 2000},
      {{{"x-ratelimit-reset-tokens", "20s"}, {"x-ratelimit-remaining-tokens", "9"}}, 2000},
      {{{"x-ratelimit-reset-tokens", "20s"}}, 2000},
      {{{"x-ratelimit-reset-requests", "10s"},
        {"x-ratelimit-remaining-requests", "0"},
        {"x-ratelimit-reset-tokens", "30s"},
        {"x-ratelimit-remaining-tokens", "0"}},
       30000},
      {{{"anthropic-ratelimit-input-tokens-reset", "2026-01-31T12:00:25Z"},
        {"anthropic-ratelimit-input-tokens-remaining", "0"}},
       25000},
      {{{"anthropic-ratelimit-requests-reset", "2026-01-31T11:00:00Z"},
        {"anthropic-ratelimit-requests-remaining", "0"}},
       2000},
      {{{"x-ratelimit-reset", "1769860815000"}, {"x-ratelimit-remaining", "0"}}, 15000},
      {{{"x-ratelimit-reset", "1769860815"}, {"x-ratelimit-remaining", "0"}}, 15000},
  };
  for (const auto& [headers, ms] : cases)
    EXPECT_EQ(Delay(Status(429, headers)), ms) << headers[0].first << " " << headers[0].second;
  const Headers empty = {{"x-ratelimit-reset-requests", "20s"},
                         {"x-ratelimit-remaining-requests", "0"}};
  EXPECT_EQ(Delay(Status(500, empty)), 500) << "no rate limit";
  EXPECT_EQ(Delay(Status(429, empty), 1, 0.5), 21000) << "spread, and never before the reset";
  Headers both = empty;
  both.emplace_back("retry-after", "3");
  EXPECT_EQ(Delay(Status(429, both)), 3000) << "a wish is more than a hint";
}

TEST(Retry, HintsInTheMessage) {
  CallFailure failure = Status(
      200, {},
      R"({"code":"rate_limit_exceeded","message":"Rate limit. Please try again in 11.5s. Visit"})");
  failure.kind = CallFailure::Kind::kInStream;
  EXPECT_EQ(Delay(failure), 11500);
  EXPECT_EQ(Delay(Status(429, {}, R"({"statusCode":429,"message":"Try again in 26 seconds."})")),
            26000);
  EXPECT_EQ(Delay(Status(429, {}, R"({"error":{"message":"try again in a moment"}})")), 2000);
}

TEST(Retry, DelaysGrowAndStayBelowTheirCaps) {
  for (const CallFailure& failure : {Status(500), Status(429), Overloaded(), Loading()}) {
    for (const double random : {0.0, 0.3, 0.999}) {
      std::int64_t last = 0;
      for (int tries = 0; tries < kLoadingTriesMax; ++tries) {
        const std::int64_t delay = Delay(failure, tries, random);
        if (delay < 0) break;
        EXPECT_GE(delay, last) << tries;
        EXPECT_LE(delay, 32'000) << tries;
        last = delay;
      }
      EXPECT_GT(last, 0);
    }
  }
}

TEST(Retry, OddRandomNumbersDoNoHarm) {
  for (const double random : {-1.0, 1.0, 7.0, std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()})
    EXPECT_EQ(Delay(Status(500), 1, random), 500);
}

// Whatever the headers and the body say: given up, or 0 < delay <= 120 s, and the sum of all delays
// within its limit.
TEST(Retry, AnyHeadersKeepTheBounds) {
  std::mt19937 random(42);
  const std::vector<std::string> names = {"retry-after",
                                          "retry-after-ms",
                                          "x-should-retry",
                                          "x-ratelimit-reset-tokens",
                                          "x-ratelimit-remaining-tokens",
                                          "anthropic-ratelimit-requests-reset",
                                          "anthropic-ratelimit-requests-remaining",
                                          "x-ratelimit-reset",
                                          "x-ratelimit-remaining"};
  const std::vector<std::string> values = {"0",
                                           "1",
                                           "-1",
                                           "0.0000001",
                                           "119.9999",
                                           "1e400",
                                           "99999999999999999999999999",
                                           "1m30s",
                                           "999999h",
                                           "true",
                                           "false",
                                           "2026-01-31T12:00:59.999Z",
                                           "9999-12-31T23:59:59Z",
                                           "0001-01-01T00:00:00Z",
                                           "Sat, 31 Jan 2026 12:01:00 GMT",
                                           "Fri, 31 Dec 9999 23:59:59 GMT",
                                           "1769860815000",
                                           "18446744073709551616",
                                           "nan",
                                           "\xff\xff",
                                           "",
                                           "   7   ",
                                           "1s1s1s"};
  const std::string bytes("0123456789.:-+eEhmsTZ \0\xff", 24);
  int retried = 0;
  for (int run = 0; run < 4000; ++run) {
    Tries tries;
    for (;;) {
      CallFailure failure = Status(std::vector{429, 500, 503, 529, 400, 200}[random() % 6]);
      for (std::size_t left = random() % 5; left > 0; --left) {
        std::string value = values[random() % values.size()];
        for (std::size_t more = random() % 3 == 0 ? random() % 9 : 0; more > 0; --more)
          value += bytes[random() % bytes.size()];
        failure.headers.emplace_back(names[random() % names.size()], value);
        if (random() % 4 == 0) failure.error.message = "try again in " + value;
        if (random() % 4 == 0)
          failure.error.retry_after_s = std::ldexp(1.0, static_cast<int>(random() % 2000) - 1000);
      }
      tries.Count(failure);
      const double part = static_cast<double>(random() % 1000) / 1000;
      const RetryDecision decision = DecideRetry(tries, failure, part, kNow);
      const auto* retry = std::get_if<RetryIn>(&decision);
      if (retry == nullptr) break;
      ++retried;
      ASSERT_GT(retry->delay.count(), 0);
      ASSERT_LE(retry->delay.count(), 120'000);
      tries.waited += retry->delay;
      ASSERT_LE(tries.waited, kWaitedMax);
      ASSERT_LT(tries.failed, kTriesMax);
    }
  }
  EXPECT_GT(retried, 1000);
}

}  // namespace
}  // namespace caesar
