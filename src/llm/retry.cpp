#include "llm/retry.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "base/strings.h"
#include "llm/wait_time.h"

namespace caesar {
namespace {

using Utc = std::chrono::system_clock::time_point;

constexpr double kWishSecondsMax = 120;
constexpr double kHintSecondsMax = 60;
constexpr double kHintSpread = 0.1;  // so that not all samples ask at the same moment

struct Schedule {
  double base_s = 0.5;
  double most_s = 8;
  int tries_max = kTriesMax;
  Milliseconds waited_max = kWaitedMax;
};

// Empty: asking again does not help.
std::optional<Schedule> ScheduleOf(FailureClass what) {
  switch (what) {
    case FailureClass::kTransient:
      return Schedule{};
    case FailureClass::kRateLimit:
      return Schedule{2, 32};
    case FailureClass::kOverloaded:
      return Schedule{1, 32};
    case FailureClass::kLoading:
      return Schedule{2, 10, kLoadingTriesMax, kLoadingWaitedMax};
    case FailureClass::kContextTooLong:
    case FailureClass::kPolicy:
    case FailureClass::kQuota:
    case FailureClass::kKey:
    case FailureClass::kModel:
    case FailureClass::kPermanent:
      break;
  }
  return std::nullopt;
}

std::optional<double> Positive(std::optional<double> seconds) {
  return seconds && std::isfinite(*seconds) && *seconds > 0 ? seconds : std::nullopt;
}

// What the server asks for, in seconds; empty if it says nothing usable.
std::optional<double> Wish(const CallFailure& failure, Utc utc) {
  if (const auto ms = Positive(ParseDuration(failure.Header("retry-after-ms")))) return *ms / 1000;
  const std::string_view after = failure.Header("retry-after");
  if (const auto seconds = Positive(ParseDuration(after))) return seconds;
  if (const auto seconds = Positive(SecondsUntil(after, utc))) return seconds;
  return Positive(failure.error.retry_after_s);
}

// Headers that say when a limit is whole again, and what is left of it. OpenAI, Azure and Groq;
// Anthropic; OpenRouter and Together. Source of the first eight: their documentation of rate
// limits.
struct Bucket {
  std::string_view reset;
  std::string_view remaining;
};
constexpr Bucket kBuckets[] = {
    {"x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"},
    {"x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"},
    {"anthropic-ratelimit-requests-reset", "anthropic-ratelimit-requests-remaining"},
    {"anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining"},
    {"anthropic-ratelimit-input-tokens-reset", "anthropic-ratelimit-input-tokens-remaining"},
    {"anthropic-ratelimit-output-tokens-reset", "anthropic-ratelimit-output-tokens-remaining"},
    {"x-ratelimit-reset", "x-ratelimit-remaining"},
};

// Seconds, or a time; a number that is too large for seconds is one since 1970, maybe in ms.
std::optional<double> UntilReset(std::string_view text, Utc utc) {
  const auto seconds = ParseDuration(text);
  if (!seconds) return SecondsUntil(text, utc);
  const double now = std::chrono::duration<double>(utc.time_since_epoch()).count();
  if (*seconds >= 1e12) return *seconds / 1000 - now;
  return *seconds >= 1e9 ? *seconds - now : *seconds;
}

// "Please try again in 1.2s", "Please retry after 37 seconds": all that errors inside a stream say.
std::optional<double> SaidInMessage(const std::string& message) {
  const std::string lower = ToLower(message);
  for (const std::string_view phrase : {"try again in ", "retry in ", "retry after "}) {
    const std::size_t at = lower.find(phrase);
    if (at == std::string::npos) continue;
    if (const auto seconds =
            ParseLeadingDuration(std::string_view(lower).substr(at + phrase.size())))
      return seconds;
  }
  return std::nullopt;
}

// The longest wait that a rate limit hints at; 0: none.
double Hint(const CallFailure& failure, Utc utc) {
  double longest = Positive(SaidInMessage(failure.error.message)).value_or(0);
  for (const Bucket& bucket : kBuckets) {
    const auto remaining = ParseDuration(failure.Header(bucket.remaining));
    if (!remaining || *remaining > 0) continue;
    longest =
        std::max(longest, Positive(UntilReset(failure.Header(bucket.reset), utc)).value_or(0));
  }
  return longest;
}

}  // namespace

void Tries::Count(const CallFailure& failure) {
  ++(Classify(failure) == FailureClass::kLoading ? loading : failed);
}

RetryDecision DecideRetry(const Tries& tries, const CallFailure& failure, double random, Utc utc) {
  const FailureClass what = Classify(failure);
  const auto schedule = ScheduleOf(what);
  if (!schedule) return GiveUp{};
  const int all = tries.failed + tries.loading;
  const int made = what == FailureClass::kLoading ? all : tries.failed;
  if (made >= schedule->tries_max) return GiveUp{Format("after {} tries", all)};

  const double part = random >= 0 && random < 1 ? random : 0;
  const int doublings = std::clamp(made - 1, 0, 30);
  double delay = std::min(schedule->base_s * std::exp2(doublings), schedule->most_s);
  delay *= 1 - 0.25 * part;
  if (const auto wish = Wish(failure, utc)) {
    if (*wish > kWishSecondsMax) return GiveUp{Format("the provider asks to wait {:.0f} s", *wish)};
    delay = *wish;
  } else if (what == FailureClass::kRateLimit) {
    const double hint = std::min(Hint(failure, utc) * (1 + kHintSpread * part), kHintSecondsMax);
    delay = std::max(delay, hint);
  }
  const Milliseconds wait(std::llround(std::ceil(delay * 1000)));
  if (wait > schedule->waited_max - tries.waited)
    return GiveUp{Format("after {} tries and {} s of waiting", all, tries.waited.count() / 1000)};
  return RetryIn{wait};
}

}  // namespace caesar
