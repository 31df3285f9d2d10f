#include "llm/wait_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kTextBytesMax = 64;  // no form is longer

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr std::array<Unit, 15> kUnits = {{{"ns", 1e-9},
                                          {"us", 1e-6},
                                          {"ms", 1e-3},
                                          {"s", 1},
                                          {"sec", 1},
                                          {"second", 1},
                                          {"seconds", 1},
                                          {"m", 60},
                                          {"min", 60},
                                          {"minute", 60},
                                          {"minutes", 60},
                                          {"h", 3600},
                                          {"hour", 3600},
                                          {"hours", 3600},
                                          {"d", 86400}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Leading {
  double seconds = 0;
  std::size_t used = 0;  // bytes of the text
};

// Numbers with units, one after the other; a first number without a unit is seconds.
std::optional<Leading> ReadDuration(std::string_view text) {
  Leading sum;
  while (sum.used < text.size() && IsDigit(text[sum.used])) {
    double value = 0;
    const char* begin = text.data() + sum.used;
    const auto [end, error] =
        std::from_chars(begin, text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    const auto behind = sum.used + static_cast<std::size_t>(end - begin);
    std::size_t word = behind;
    if (word < text.size() && text[word] == ' ') ++word;
    std::size_t word_end = word;
    while (word_end < text.size() && IsLetter(text[word_end])) ++word_end;
    const std::string name = ToLower(text.substr(word, word_end - word));
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(),
                                    [&](const Unit& known) { return known.name == name; });
    if (unit == kUnits.end()) {
      if (sum.used == 0) sum = {value, behind};
      break;
    }
    sum = {sum.seconds + value * unit->seconds, word_end};
  }
  if (sum.used == 0 || !std::isfinite(sum.seconds)) return std::nullopt;
  return sum;
}

// Takes a number of exactly `digits` digits, and the `separator` behind it, off the text.
std::optional<int> Take(std::string_view& text, std::size_t digits, std::string_view separator) {
  if (text.size() < digits || !std::all_of(text.begin(), text.begin() + digits, IsDigit))
    return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  if (!StartsWith(text, separator)) return std::nullopt;
  text.remove_prefix(separator.size());
  return value;
}

struct Time {
  std::optional<int> year, month, day, hour, minute, second;
  double fraction = 0;  // of a second
};

// Since 1970, in the calendar that the C++ library knows; double, since a year 9999 overflows
// system_clock.
std::optional<double> Seconds(const Time& time) {
  if (!time.year || !time.month || !time.day || !time.hour || !time.minute || !time.second)
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*time.year),
                                         std::chrono::month(static_cast<unsigned>(*time.month)),
                                         std::chrono::day(static_cast<unsigned>(*time.day)));
  if (!date.ok() || *time.hour > 23 || *time.minute > 59 || *time.second > 60) return std::nullopt;
  const auto days = static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
  return days * 86400 + *time.hour * 3600 + *time.minute * 60 + *time.second + time.fraction;
}

std::optional<double> HttpDate(std::string_view text) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t comma = text.find(", ");
  if (comma != 3) return std::nullopt;
  text.remove_prefix(comma + 2);
  Time time;
  time.day = Take(text, 2, " ");
  const std::size_t month = kMonths.find(text.substr(0, 3));
  if (text.size() < 4 || month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  time.month = static_cast<int>(month / 3) + 1;
  text.remove_prefix(4);
  time.year = Take(text, 4, " ");
  time.hour = Take(text, 2, ":");
  time.minute = Take(text, 2, ":");
  time.second = Take(text, 2, " ");
  return text == "GMT" ? Seconds(time) : std::nullopt;
}

std::optional<double> Rfc3339(std::string_view text) {
  Time time;
  time.year = Take(text, 4, "-");
  time.month = Take(text, 2, "-");
  time.day = Take(text, 2, "");
  if (!StartsWith(text, "T") && !StartsWith(text, "t")) return std::nullopt;
  text.remove_prefix(1);
  time.hour = Take(text, 2, ":");
  time.minute = Take(text, 2, ":");
  time.second = Take(text, 2, "");
  if (StartsWith(text, ".")) {
    std::size_t end = 1;
    while (end < text.size() && IsDigit(text[end])) ++end;
    std::from_chars(text.data(), text.data() + end, time.fraction, std::chars_format::fixed);
    text.remove_prefix(end);
  }
  const auto local = Seconds(time);
  if (!local || text == "Z" || text == "z") return local;
  const int sign = StartsWith(text, "+") ? 1 : StartsWith(text, "-") ? -1 : 0;
  if (sign == 0) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = Take(text, 2, ":");
  const auto minutes = Take(text, 2, "");
  if (!hours || !minutes || !text.empty()) return std::nullopt;
  return *local - sign * (*hours * 3600.0 + *minutes * 60.0);
}

}  // namespace

std::optional<double> ParseDuration(std::string_view text) {
  text = Trim(text);
  if (text.size() > kTextBytesMax) return std::nullopt;
  const auto read = ReadDuration(text);
  return read && read->used == text.size() ? std::optional(read->seconds) : std::nullopt;
}

std::optional<double> ParseLeadingDuration(std::string_view text) {
  const auto read = ReadDuration(text.substr(0, kTextBytesMax));
  return read ? std::optional(read->seconds) : std::nullopt;
}

std::optional<double> SecondsUntil(std::string_view time,
                                   std::chrono::system_clock::time_point utc) {
  time = Trim(time);
  if (time.size() > kTextBytesMax) return std::nullopt;
  auto then = HttpDate(time);
  if (!then) then = Rfc3339(time);
  if (!then) return std::nullopt;
  return *then - std::chrono::duration<double>(utc.time_since_epoch()).count();
}

}  // namespace caesar
