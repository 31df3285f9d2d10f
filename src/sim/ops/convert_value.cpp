// One conversion of one value, for all types, by integer arithmetic.
#include <bit>
#include <cstdint>

#include "sim/ops/convert.h"

namespace caesar::sim {
namespace {

// A floating-point format. `finite`: no infinities, one NaN pattern, and the exponent of all ones
// holds numbers as well (e4m3).
struct Format {
  int exponent_bits, fraction_bits;
  bool finite;
  std::uint64_t nan;  // what conversions give for NaN
  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  std::uint64_t infinity() const {
    return ((std::uint64_t{1} << exponent_bits) - 1) << fraction_bits;
  }
  std::uint64_t largest() const { return finite ? nan - 1 : infinity() - 1; }
  std::uint64_t sign() const { return std::uint64_t{1} << (exponent_bits + fraction_bits); }
};

const Format* FormatOf(Type type) {
  static constexpr Format kF64 = {11, 52, false, 0x7FF8'0000'0000'0000};
  static constexpr Format kF32 = {8, 23, false, 0x7FFF'FFFF};
  static constexpr Format kF16 = {5, 10, false, 0x7FFF};
  static constexpr Format kBF16 = {8, 7, false, 0x7FFF};
  static constexpr Format kTF32 = {8, 10, false, 0x3FFFF};  // before its 13 zero bits
  static constexpr Format kE4M3 = {4, 3, true, 0x7F};
  static constexpr Format kE5M2 = {5, 2, false, 0x7F};
  if (type == Type::kF64) return &kF64;
  if (type == Type::kF32) return &kF32;
  if (type == Type::kF16) return &kF16;
  if (type == Type::kBF16) return &kBF16;
  if (type == Type::kTF32) return &kTF32;
  if (type == Type::kE4M3) return &kE4M3;
  return type == Type::kE5M2 ? &kE5M2 : nullptr;
}

// (-1)^negative * significand * 2^exponent, or one of the others.
struct Number {
  bool negative = false, nan = false, infinite = false;
  int exponent = 0;
  std::uint64_t significand = 0;
  std::uint64_t nan_f64 = 0;  // the NaN as f64, which alone keeps its payload
};

int WidthOf(std::uint64_t value) { return static_cast<int>(std::bit_width(value)); }

std::uint64_t Low(std::uint64_t bits, int count) {
  return count >= 64 ? bits : bits & ((std::uint64_t{1} << count) - 1);
}
std::uint64_t SignExtended(std::uint64_t bits, int count) {
  const std::uint64_t sign = std::uint64_t{1} << (count - 1);
  return (Low(bits, count) ^ sign) - sign;
}

Number UnpackInteger(std::uint64_t bits, Type type) {
  Number number;
  const std::uint64_t value =
      IsSigned(type) ? SignExtended(bits, BitsOf(type)) : Low(bits, BitsOf(type));
  number.negative = IsSigned(type) && value >> 63 != 0;
  number.significand = number.negative ? 0 - value : value;
  return number;
}

// PTX keeps no NaN's payload, but cvt.f64.f32 does on the hardware, and bf16 is f32's upper half.
std::uint64_t NanAsF64(std::uint64_t bits, Type type) {
  constexpr std::uint64_t kQuiet = 0x7FF8'0000'0000'0000;
  if (type == Type::kF64) return bits | kQuiet;
  const std::uint64_t f32 = type == Type::kBF16  ? bits << 16
                            : type == Type::kF32 ? bits
                                                 : 0x7FFFFFFF;
  return (f32 >> 31) << 63 | kQuiet | (f32 & 0x7F'FFFF) << 29;
}

Number UnpackFloat(std::uint64_t bits, Type type, const Format& format, bool ftz) {
  Number number;
  number.negative = (bits & format.sign()) != 0;
  const std::uint64_t magnitude = bits & (format.sign() - 1);
  const std::uint64_t fraction = Low(magnitude, format.fraction_bits);
  const auto exponent = static_cast<int>(magnitude >> format.fraction_bits);
  number.nan = format.finite ? magnitude == format.nan : magnitude > format.infinity();
  number.infinite = !format.finite && magnitude == format.infinity();
  if (number.nan) number.nan_f64 = NanAsF64(bits, type);
  number.exponent = (exponent == 0 ? 1 : exponent) - format.bias() - format.fraction_bits;
  number.significand =
      exponent == 0 ? fraction : fraction | std::uint64_t{1} << format.fraction_bits;
  if (exponent == 0 && ftz && type == Type::kF32) number.significand = 0;
  return number;
}

// significand * 2^-shift as an integer; what does not fit is not asked for.
std::uint64_t RoundShift(std::uint64_t significand, int shift, ConvertRounding rounding,
                         bool negative) {
  if (shift <= 0) return significand << -shift;
  // Twice the fraction against one: below, half, above.
  const std::uint64_t whole = shift < 64 ? significand >> shift : 0;
  const std::uint64_t rest = shift < 64 ? Low(significand, shift) : significand;
  if (rest == 0) return whole;
  const std::uint64_t half = shift <= 64 ? std::uint64_t{1} << (shift - 1) : 0;
  const bool above = shift <= 64 && rest > half, tie = shift <= 64 && rest == half;
  switch (rounding) {
    case ConvertRounding::kNearest:
      return whole + (above || (tie && (whole & 1) != 0) ? 1 : 0);
    case ConvertRounding::kNearestAway:
      return whole + (above || tie ? 1 : 0);
    case ConvertRounding::kDown:
      return whole + (negative ? 1 : 0);
    case ConvertRounding::kUp:
      return whole + (negative ? 0 : 1);
    case ConvertRounding::kToZero:
    case ConvertRounding::kNone:
      break;
  }
  return whole;
}

// Whole numbers of a magnitude beyond 2^64 saturate in any integer type.
std::uint64_t PackInteger(const Number& number, const Conversion& conversion) {
  const Type to = conversion.to;
  const int bits = BitsOf(to);
  if (number.nan) {
    // PTX ISA, cvt: 0 unless f64 or a 64-bit integer takes part.
    const bool zero = conversion.from != Type::kF64 && bits != 64;
    return zero ? 0 : std::uint64_t{1} << (bits - 1);
  }
  const bool negative = number.negative;
  const std::uint64_t limit = IsSigned(to) ? (std::uint64_t{1} << (bits - 1)) - (negative ? 0 : 1)
                              : negative   ? 0
                                           : Low(~std::uint64_t{0}, bits);
  std::uint64_t magnitude = limit;
  if (number.significand == 0) {
    magnitude = 0;
  } else if (!number.infinite && number.exponent + WidthOf(number.significand) <= 64) {
    magnitude = RoundShift(number.significand, -number.exponent, conversion.rounding, negative);
  } else {
    magnitude = ~std::uint64_t{0};
  }
  const bool wraps = conversion.rounding == ConvertRounding::kNone && !conversion.sat;
  if (!wraps && magnitude > limit) magnitude = limit;
  return Low(negative ? 0 - magnitude : magnitude, bits);
}

std::uint64_t Overflow(const Format& format, bool negative, const Conversion& conversion) {
  const ConvertRounding rounding = conversion.rounding;
  const bool stays = rounding == ConvertRounding::kToZero ||
                     rounding == (negative ? ConvertRounding::kUp : ConvertRounding::kDown);
  return conversion.satfinite || stays || format.finite ? format.largest() : format.infinity();
}

// A finite number into a format. Exact conversions need no rounding and never overflow.
std::uint64_t PackFinite(const Number& number, const Format& format, const Conversion& conversion) {
  if (number.significand == 0) return 0;
  const int lowest = 1 - format.bias() - format.fraction_bits;  // exponent of the last bit
  const int top = number.exponent + WidthOf(number.significand) - 1;
  const int wanted = top - format.fraction_bits;
  const int last = wanted > lowest ? wanted : lowest;
  const std::uint64_t rounded =
      RoundShift(number.significand, last - number.exponent, conversion.rounding, number.negative);
  // The leading bit of a normal number adds 1 to the exponent field; so does a carry.
  const auto field = static_cast<std::uint64_t>(last - lowest);
  if (field > format.infinity() >> format.fraction_bits) {
    return Overflow(format, number.negative, conversion);
  }
  const std::uint64_t bits = (field << format.fraction_bits) + rounded;
  return bits > format.largest() ? Overflow(format, number.negative, conversion) : bits;
}

// Rounds to a whole number, for cvt.rni.f32.f32 and the like.
Number Whole(Number number, ConvertRounding rounding) {
  if (number.nan || number.infinite || number.exponent >= 0) return number;
  number.significand = RoundShift(number.significand, -number.exponent, rounding, number.negative);
  number.exponent = 0;
  return number;
}

std::uint64_t PackFloat(Number number, const Format& format, const Conversion& conversion) {
  const bool below = number.negative;
  if (number.nan) {
    if (conversion.sat) return 0;
    return conversion.to == Type::kF64 ? number.nan_f64 : format.nan;
  }
  if (below && (conversion.sat || conversion.relu)) return 0;
  std::uint64_t bits = number.infinite ? (conversion.satfinite || format.finite ? format.largest()
                                                                                : format.infinity())
                                       : PackFinite(number, format, conversion);
  if (conversion.ftz && conversion.to == Type::kF32 && bits >> format.fraction_bits == 0) bits = 0;
  const std::uint64_t one = static_cast<std::uint64_t>(format.bias()) << format.fraction_bits;
  if (conversion.sat && bits > one) bits = one;
  return below ? bits | format.sign() : bits;
}

}  // namespace

std::uint64_t ConvertValue(std::uint64_t bits, const Conversion& conversion) {
  const Format* from = FormatOf(conversion.from);
  const Format* to = FormatOf(conversion.to);
  Number number = from == nullptr ? UnpackInteger(bits, conversion.from)
                                  : UnpackFloat(bits, conversion.from, *from, conversion.ftz);
  if (to == nullptr) {
    const std::uint64_t result = PackInteger(number, conversion);
    return IsSigned(conversion.to)
               ? Low(SignExtended(result, BitsOf(conversion.to)), conversion.to_bits)
               : result;
  }
  // bf16 is f32's upper half, of NaN too.
  if (number.nan && conversion.from == Type::kBF16 && conversion.to == Type::kF32) {
    return bits << 16;
  }
  if (conversion.integral) number = Whole(number, conversion.rounding);
  const std::uint64_t result = PackFloat(number, *to, conversion);
  // NaN of tf32 as of f32; else 13 bits of zeros.
  if (conversion.to != Type::kTF32) return result;
  return number.nan ? std::uint64_t{0x7FFF'FFFF} : result << 13;
}

}  // namespace caesar::sim
