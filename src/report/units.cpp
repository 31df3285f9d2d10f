#include "report/units.h"

#include <cmath>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

// Four significant digits: what a timing with an interval of 0.5 % can carry, and one more.
std::string FourDigits(double value) {
  const int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
  return Format("{:.{}f}", value, decimals);
}

std::string Digits(double value) {
  return std::abs(value) < 9.995 ? Format("{:.2f}", value)
                                 : Format("{:.{}f}", value, std::abs(value) < 99.95 ? 1 : 0);
}

}  // namespace

std::string FormatMicros(double us) {
  if (!std::isfinite(us)) return FormatValue(us);
  if (us < 1e3) return FourDigits(us) + " us";
  if (us < 1e6) return FourDigits(us / 1e3) + " ms";
  return FourDigits(us / 1e6) + " s";
}

std::string FormatDuration(std::int64_t ms) {
  if (ms < 1'000) return Format("{} ms", ms);
  if (ms < 10'000) return Format("{:.1f} s", static_cast<double>(ms) / 1e3);
  const std::int64_t seconds = ms / 1'000;
  if (seconds < 60) return Format("{} s", seconds);
  if (seconds < 3'600) return Format("{} min {:02} s", seconds / 60, seconds % 60);
  return Format("{} h {:02} min", seconds / 3'600, seconds / 60 % 60);
}

std::string FormatBytes(std::uint64_t bytes) {
  if (bytes < 1'000) return Format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"kB", "MB", "GB", "TB"}) {
    if (value < 999.5) break;
    value /= 1e3;
    unit = next;
  }
  return Format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, unit);
}

std::string FormatRatio(const Ratio& ratio) {
  return Format("{}x ({}-{})", Digits(ratio.value), Digits(ratio.ci_low), Digits(ratio.ci_high));
}

std::string FormatValue(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return Format("{:.6g}", value);
}

std::string Plural(std::int64_t count, const std::string& noun) {
  return Format("{} {}{}", FormatCount(count), noun, count == 1 ? "" : "s");
}

}  // namespace caesar
