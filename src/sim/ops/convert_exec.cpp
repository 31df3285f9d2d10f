// The common conversions. Each agrees with ConvertValue bit for bit, for both instruction sets.
#include "sim/ops/convert.h"
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

using std::int16_t;
using std::int32_t;
using std::int64_t;
using std::int8_t;
using std::uint16_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

uint32_t BitsOfFloat(float value) { return __builtin_bit_cast(uint32_t, value); }
float FloatOfBits(uint32_t bits) { return __builtin_bit_cast(float, bits); }
float CanonicalNan(float value) { return value == value ? value : FloatOfBits(0x7FFF'FFFF); }

// --- Integers: the register's low bits as a number N, extended to the destination's register.
template <class D, class R, class N>
Step ExtendLanes(Warp& warp, const Op& op) {
  const R* a = warp.Lanes<R>(op.a);
  Out<D> out(warp, op.dst);
  D* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = static_cast<D>(static_cast<N>(a[i]));
  return Step::kNext;
}
template <class R, class N>
Handler ExtendTo(int to_bits) {
  if (to_bits == 16) return &ExtendLanes<uint16_t, R, N>;
  return to_bits == 32 ? &ExtendLanes<uint32_t, R, N> : &ExtendLanes<uint64_t, R, N>;
}
template <class R>
Handler ExtendFrom(Type number, int to_bits) {
  if (number == Type::kU8) return ExtendTo<R, uint8_t>(to_bits);
  if (number == Type::kS8) return ExtendTo<R, int8_t>(to_bits);
  if (number == Type::kU16) return ExtendTo<R, uint16_t>(to_bits);
  if (number == Type::kS16) return ExtendTo<R, int16_t>(to_bits);
  if constexpr (sizeof(R) >= 4) {
    if (number == Type::kU32) return ExtendTo<R, uint32_t>(to_bits);
    if (number == Type::kS32) return ExtendTo<R, int32_t>(to_bits);
  }
  if constexpr (sizeof(R) >= 8) {
    if (number == Type::kU64 || number == Type::kS64) return ExtendTo<R, uint64_t>(to_bits);
  }
  return nullptr;
}
Handler IntegerHandler(const Conversion& conversion) {
  if (conversion.sat) return nullptr;
  // The narrower type decides what is kept, and how it is extended.
  const bool narrows = BitsOf(conversion.to) <= BitsOf(conversion.from);
  const Type number = narrows ? conversion.to : conversion.from;
  // A signed number in a wider unsigned type, in a register that is wider still.
  if (!narrows && IsSigned(number) && !IsSigned(conversion.to) &&
      conversion.to_bits != BitsOf(conversion.to)) {
    return nullptr;
  }
  if (conversion.from_bits == 16) return ExtendFrom<uint16_t>(number, conversion.to_bits);
  if (conversion.from_bits == 32) return ExtendFrom<uint32_t>(number, conversion.to_bits);
  return ExtendFrom<uint64_t>(number, conversion.to_bits);
}

// --- Integers to floats: the host rounds to nearest
template <class F, class N>
struct ToFloat {
  template <class R>
  static F Do(R a) {
    return static_cast<F>(static_cast<N>(a));
  }
};
template <class F>
Handler IntegerToFloat(Type from) {
  if (from == Type::kU8) return &Map1<ToFloat<F, uint8_t>, F, uint16_t>;
  if (from == Type::kS8) return &Map1<ToFloat<F, int8_t>, F, uint16_t>;
  if (from == Type::kU16) return &Map1<ToFloat<F, uint16_t>, F, uint16_t>;
  if (from == Type::kS16) return &Map1<ToFloat<F, int16_t>, F, uint16_t>;
  if (from == Type::kU32) return &Map1<ToFloat<F, uint32_t>, F, uint32_t>;
  if (from == Type::kS32) return &Map1<ToFloat<F, int32_t>, F, int32_t>;
  if (from == Type::kU64) return &Map1<ToFloat<F, uint64_t>, F, uint64_t>;
  return from == Type::kS64 ? &Map1<ToFloat<F, int64_t>, F, int64_t> : nullptr;
}

// --- Floats to integers
struct RoundNearest {
  static float Do(float a) { return __builtin_rintf(a); }
  static double Do(double a) { return __builtin_rint(a); }
};
struct RoundToZero {
  static float Do(float a) { return __builtin_truncf(a); }
  static double Do(double a) { return __builtin_trunc(a); }
};
struct RoundDown {
  static float Do(float a) { return __builtin_floorf(a); }
  static double Do(double a) { return __builtin_floor(a); }
};
struct RoundUp {
  static float Do(float a) { return __builtin_ceilf(a); }
  static double Do(double a) { return __builtin_ceil(a); }
};
// What lies outside saturates; see PackInteger of convert_value.cpp for NaN.
template <class Rounding, class D>
struct ToInteger {
  template <class F>
  static D Do(F a) {
    constexpr F kHalfRange = static_cast<F>(uint64_t{1} << (kBits<D> - 1));
    constexpr F kTop = kSignedLane<D> ? kHalfRange : 2 * kHalfRange;  // the first beyond
    constexpr F kBottom = kSignedLane<D> ? -kHalfRange : F{0};
    constexpr D kNan =
        sizeof(F) == 8 || sizeof(D) == 8 ? static_cast<D>(uint64_t{1} << (kBits<D> - 1)) : D{0};
    const F whole = Rounding::Do(a);
    const bool inside = whole >= kBottom && whole < kTop;
    const D limit = whole < kBottom ? std::numeric_limits<D>::min() : std::numeric_limits<D>::max();
    const D value = Cast(inside ? whole : F{0});
    return a == a ? (inside ? value : limit) : kNan;
  }
  // Vectors have conversions to signed integers only.
  template <class F>
  static D Cast(F inside) {
    if constexpr (std::is_same_v<D, uint32_t> && sizeof(F) == 4) {
      constexpr F kHalf = static_cast<F>(uint64_t{1} << 31);
      const bool high = inside >= kHalf;
      const auto low = static_cast<uint32_t>(static_cast<int32_t>(high ? inside - kHalf : inside));
      return low ^ (high ? 0x8000'0000u : 0u);
    } else {
      return static_cast<D>(inside);
    }
  }
};
template <class F, class Rounding>
Handler FloatToInteger(Type to) {
  if (to == Type::kU32) return &Map1<ToInteger<Rounding, uint32_t>, uint32_t, F>;
  if (to == Type::kS32) return &Map1<ToInteger<Rounding, int32_t>, int32_t, F>;
  if (to == Type::kU64) return &Map1<ToInteger<Rounding, uint64_t>, uint64_t, F>;
  return to == Type::kS64 ? &Map1<ToInteger<Rounding, int64_t>, int64_t, F> : nullptr;
}

// --- Floats to floats
template <class Rounding>
struct Whole {
  static float Do(float a) { return CanonicalNan(Rounding::Do(a)); }
  static double Do(double a) { return a == a ? Rounding::Do(a) : a + a; }  // a quiet NaN
};
struct SaturateFloat {
  static float Do(float a) {
    const float low = a > 0.0f ? a : 0.0f;
    return low < 1.0f ? low : 1.0f;
  }
};
template <class F, class Rounding>
Handler FloatToWhole(Type to) {
  const bool same = to == (sizeof(F) == 4 ? Type::kF32 : Type::kF64);
  return same ? &Map1<Whole<Rounding>, F, F> : FloatToInteger<F, Rounding>(to);
}
template <class F>
Handler ToWhole(const Conversion& conversion) {
  if (conversion.rounding == ConvertRounding::kNearest) {
    return FloatToWhole<F, RoundNearest>(conversion.to);
  }
  if (conversion.rounding == ConvertRounding::kToZero) {
    return FloatToWhole<F, RoundToZero>(conversion.to);
  }
  return conversion.rounding == ConvertRounding::kDown ? FloatToWhole<F, RoundDown>(conversion.to)
                                                       : FloatToWhole<F, RoundUp>(conversion.to);
}

struct F32ToF64 {
  static double Do(float a) { return static_cast<double>(a); }
};
struct F64ToF32 {
  static float Do(double a) { return CanonicalNan(static_cast<float>(a)); }
};
struct F16ToF32 {
  static uint32_t Do(uint16_t half) {
    const uint32_t magnitude = (half & 0x7FFFu) << 13, sign = (half & 0x8000u) << 16;
    constexpr uint32_t kInfinity = 0x7C00u << 13, kNormal = 0x0400u << 13;
    // Subnormals: as a fraction of 2^-14, by a subtraction that is exact.
    const uint32_t small =
        BitsOfFloat(FloatOfBits(magnitude + (113u << 23)) - FloatOfBits(113u << 23));
    const uint32_t normal = magnitude + ((127u - 15) << 23);
    const uint32_t finite = magnitude < kNormal ? small : normal;
    const uint32_t value = magnitude < kInfinity ? finite : 0x7F80'0000u;
    return magnitude > kInfinity ? 0x7FFF'FFFFu : value | sign;
  }
};
// To nearest, ties to even.
struct F32ToF16 {
  static uint16_t Do(uint32_t bits) {
    const uint32_t magnitude = bits & 0x7FFF'FFFFu, sign = bits >> 16 & 0x8000u;
    // Below 2^-14: adding 0.5 leaves the subnormal's bits, rounded, at the bottom.
    const uint32_t small =
        BitsOfFloat(FloatOfBits(magnitude) + FloatOfBits(126u << 23)) - (126u << 23);
    const uint32_t normal =
        (magnitude - ((127u - 15) << 23) + 0xFFFu + (magnitude >> 13 & 1)) >> 13;
    const uint32_t finite = magnitude < (113u << 23) ? small : normal;
    const uint32_t value = magnitude < (143u << 23) ? finite : 0x7C00u;
    return static_cast<uint16_t>(magnitude > 0x7F80'0000u ? 0x7FFFu : value | sign);
  }
};
struct BF16ToF32 {
  static uint32_t Do(uint16_t a) { return uint32_t{a} << 16; }
};
struct F32ToBF16 {
  static uint16_t Do(uint32_t bits) {
    const uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
    return static_cast<uint16_t>((bits & 0x7FFF'FFFFu) > 0x7F80'0000u ? 0x7FFFu : rounded);
  }
};
template <class F>
struct Two {
  static uint32_t Do(uint32_t a, uint32_t b) { return uint32_t{F::Do(a)} << 16 | F::Do(b); }
};

Handler FloatHandler(const Conversion& conversion) {
  const Type from = conversion.from, to = conversion.to;
  const bool nearest = conversion.rounding == ConvertRounding::kNearest;
  if (from == Type::kF32) {
    if (to == Type::kF64) return &Map1<F32ToF64, double, float>;
    if (to == Type::kF16 && nearest) return &Map1<F32ToF16, uint16_t, uint32_t>;
    if (to == Type::kBF16 && nearest) return &Map1<F32ToBF16, uint16_t, uint32_t>;
  }
  if (to == Type::kF32) {
    if (from == Type::kF64 && nearest) return &Map1<F64ToF32, float, double>;
    if (from == Type::kF16) return &Map1<F16ToF32, uint32_t, uint16_t>;
    if (from == Type::kBF16) return &Map1<BF16ToF32, uint32_t, uint16_t>;
  }
  return nullptr;
}

}  // namespace

Handler ConvertHandler(const Conversion& conversion) {
  const Type from = conversion.from, to = conversion.to;
  const bool float_from = IsFloat(from), float_to = IsFloat(to);
  if (!float_from && !float_to) return IntegerHandler(conversion);
  const bool own_registers =
      (conversion.from_bits == BitsOf(from) || (conversion.from_bits == 16 && BitsOf(from) == 8)) &&
      conversion.to_bits == BitsOf(to);
  if (!own_registers || conversion.ftz || conversion.relu || conversion.satfinite) return nullptr;
  if (conversion.sat) {
    const bool plain = from == Type::kF32 && to == Type::kF32 && !conversion.integral;
    if (plain) return &Map1<SaturateFloat, float, float>;
    if (float_to) return nullptr;  // to integers it is what happens anyway
  }
  if (!float_from) {
    if (conversion.rounding != ConvertRounding::kNearest) return nullptr;
    if (to == Type::kF32) return IntegerToFloat<float>(from);
    return to == Type::kF64 ? IntegerToFloat<double>(from) : nullptr;
  }
  if (!conversion.integral) return FloatHandler(conversion);
  if (from == Type::kF32) return ToWhole<float>(conversion);
  return from == Type::kF64 ? ToWhole<double>(conversion) : nullptr;
}

Handler PackedConvertHandler(const PackedConversion& packed) {
  const Conversion& element = packed.element;
  const bool plain = packed.two_sources && !element.relu && !element.satfinite &&
                     element.rounding == ConvertRounding::kNearest;
  if (!plain) return nullptr;
  if (element.to == Type::kF16) return &Map2<Two<F32ToF16>, uint32_t, uint32_t, uint32_t>;
  return element.to == Type::kBF16 ? &Map2<Two<F32ToBF16>, uint32_t, uint32_t, uint32_t> : nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
