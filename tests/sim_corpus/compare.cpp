// Results of the simulator against those of a real GPU.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "corpus.h"

namespace corpus {
namespace {

// One number, as its bits and, for floats, as a value and as its place in the order of all floats
// of its type (so that neighbours differ by one).
struct Number {
  std::uint64_t bits = 0;
  double value = 0.0;
  std::int64_t place = 0;
  bool nan = false;
};

int FractionBits(Type type) {
  if (type == Type::kF16) return 10;
  if (type == Type::kBf16) return 7;
  if (type == Type::kF32) return 23;
  return type == Type::kF64 ? 52 : 0;
}

double ValueOf(Type type, std::uint64_t bits) {
  if (type == Type::kF64) {
    double value = 0.0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  if (type == Type::kF16) {
    const auto exponent = static_cast<int>(bits >> 10 & 31);
    const auto fraction = static_cast<double>(bits & 1023);
    const double magnitude = exponent == 31  ? (bits & 1023) != 0 ? NAN : INFINITY
                             : exponent == 0 ? std::ldexp(fraction, -24)
                                             : std::ldexp(fraction + 1024.0, exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }
  const auto word = static_cast<std::uint32_t>(type == Type::kBf16 ? bits << 16 : bits);
  float value = 0.0F;
  std::memcpy(&value, &word, sizeof value);
  return static_cast<double>(value);
}

Number Read(Type type, const unsigned char* from) {
  Number number;
  const std::size_t bytes = BytesOf(type);
  std::memcpy(&number.bits, from, bytes);
  if (FractionBits(type) == 0) return number;
  number.value = ValueOf(type, number.bits);
  number.nan = std::isnan(number.value);
  const std::uint64_t sign = std::uint64_t{1} << (8 * bytes - 1);
  const auto magnitude = static_cast<std::int64_t>(number.bits & (sign - 1));
  number.place = (number.bits & sign) != 0 ? -magnitude : magnitude;
  return number;
}

bool Same(const Case& c, const Number& want, const Number& got) {
  if (want.bits == got.bits || (want.nan && got.nan)) return true;
  if (want.nan != got.nan) return false;
  if (c.ulps >= 0) {
    // Places of both signs are at most 2^63 apart, but only where they differ by far more.
    const double apart =
        std::fabs(static_cast<double>(want.place) - static_cast<double>(got.place));
    return apart <= c.ulps;
  }
  if (c.relative == 0.0 && c.absolute == 0.0) return false;
  if (std::isinf(want.value) || std::isinf(got.value)) return want.value == got.value;
  return std::fabs(want.value - got.value) <= c.absolute + c.relative * std::fabs(want.value);
}

std::string Shown(Type type, const Number& number) {
  char text[64];
  const int digits = static_cast<int>(2 * BytesOf(type));
  const auto bits = static_cast<unsigned long long>(number.bits);
  if (FractionBits(type) == 0) {
    std::snprintf(text, sizeof text, "0x%0*llx", digits, bits);
  } else {
    std::snprintf(text, sizeof text, "%.17g (0x%0*llx)", number.value, digits, bits);
  }
  return text;
}

}  // namespace

std::string Difference(const Case& c, const std::vector<unsigned char>& want,
                       const std::vector<unsigned char>& got) {
  if (want.size() != got.size()) {
    return std::to_string(got.size()) + " bytes instead of " + std::to_string(want.size());
  }
  constexpr std::size_t kShown = 8;
  const std::size_t bytes = BytesOf(c.out_type);
  std::size_t different = 0;
  std::string text;
  for (std::size_t i = 0; i < c.out_count; ++i) {
    const Number a = Read(c.out_type, &want[i * bytes]);
    const Number b = Read(c.out_type, &got[i * bytes]);
    if (Same(c, a, b)) continue;
    if (++different > kShown) continue;
    text += "\n  [" + std::to_string(i) + "] GPU " + Shown(c.out_type, a) + ", simulator " +
            Shown(c.out_type, b);
  }
  if (different == 0) return "";
  return std::to_string(different) + " of " + std::to_string(c.out_count) +
         " results differ:" + text;
}

}  // namespace corpus
