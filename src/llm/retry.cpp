#include "llm/retry.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr double kWishSecondsMax = 120;

std::optional<double> ParseNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

// Seconds until an HTTP date (RFC 9110, IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT").
std::optional<double> SecondsUntil(const std::string& date,
                                   std::chrono::system_clock::time_point utc) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int day = 0;
  int year = 0;
  char month[4] = "";
  std::tm time{};
  if (std::sscanf(date.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year,
                  &time.tm_hour, &time.tm_min, &time.tm_sec) != 6) {
    return std::nullopt;
  }
  const std::size_t index = kMonths.find(month);
  if (std::string_view(month).size() != 3 || index == std::string_view::npos || index % 3 != 0)
    return std::nullopt;
  time.tm_mday = day;
  time.tm_mon = static_cast<int>(index / 3);
  time.tm_year = year - 1900;
  const auto then = std::chrono::system_clock::from_time_t(timegm(&time));
  return std::chrono::duration<double>(then - utc).count();
}

// What the server asks for, in seconds; empty if it says nothing usable.
std::optional<double> Wish(const CallFailure& failure, std::chrono::system_clock::time_point utc) {
  const std::string_view ms = Trim(failure.Header("retry-after-ms"));
  if (const auto value = ParseNumber(ms); value && *value > 0) return *value / 1000;
  const std::string_view after = Trim(failure.Header("retry-after"));
  auto seconds = ParseNumber(after);
  if (!seconds) seconds = SecondsUntil(std::string(after), utc);
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

}  // namespace

RetryDecision DecideRetry(int tries, const CallFailure& failure, double random,
                          std::chrono::system_clock::time_point utc, int tries_max) {
  if (Classify(failure) != FailureClass::kTransient) return GiveUp{};
  if (tries >= tries_max) return GiveUp{Format("after {} tries", tries)};
  const auto to_ms = [](double seconds) { return Milliseconds(std::llround(seconds * 1000)); };
  if (const auto wish = Wish(failure, utc)) {
    if (*wish > kWishSecondsMax) return GiveUp{Format("the provider asks to wait {:.0f} s", *wish)};
    return RetryIn{to_ms(*wish)};
  }
  const bool rate_limit = failure.EffectiveStatus() == 429;
  const double base = rate_limit ? 2.0 : 0.5;
  const double most = rate_limit ? 32.0 : 8.0;
  const double delay = std::min(base * std::exp2(std::max(0, tries - 1)), most);
  return RetryIn{to_ms(delay * (1 - 0.25 * random))};
}

}  // namespace caesar
