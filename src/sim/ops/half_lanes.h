// f16 and bf16 as rows of 16-bit patterns, and their way to floats and back. Include behind
// sim/isa_begin.h.
#pragma once

#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {

using HalfBits = std::uint16_t;
// Of both formats, as the hardware makes it.
inline constexpr HalfBits kHalfNan = 0x7FFF;

struct F16 {
  static constexpr HalfBits kInfinity = 0x7C00, kOne = 0x3C00;
  static constexpr bool kWideRange = false;

  static float WidenOne(HalfBits half) {
    const std::uint32_t magnitude = half & 0x7FFFu;
    // The exponent's bias differs by 112; so scaled, subnormals come out right.
    const std::uint32_t scaled = ToBits(FromBits<float>(magnitude << 13) * 0x1p112f);
    const std::uint32_t bits = magnitude >= kInfinity ? 0x7F800000u | (magnitude << 13) : scaled;
    return FromBits<float>(bits | ((half & 0x8000u) << 16));
  }
  static HalfBits NarrowOne(float value) {
    const std::uint32_t sign = ToBits(value) >> 31 << 15, bits = ToBits(value) & 0x7FFFFFFFu;
    // 0.5 has 2^-24 as its last place, the unit of subnormals.
    const std::uint32_t subnormal = ToBits(FromBits<float>(bits) + 0.5f) - 0x3F000000u;
    const std::uint32_t normal = (bits + 0xC8000FFFu + ((bits >> 13) & 1)) >> 13;
    std::uint32_t half = bits < 0x38800000u ? subnormal : normal;
    half = bits >= 0x477FF000u ? std::uint32_t{kInfinity} : half;
    return static_cast<HalfBits>(bits > 0x7F800000u ? std::uint32_t{kHalfNan} : half | sign);
  }
  template <int kCount>
  static void Widen(const HalfBits* from, float* to) {
#if CAESAR_SIM_ISA_IS_AVX2
    for (int i = 0; i < kCount; i += 8) {
      __m128i halves;
      std::memcpy(&halves, from + i, sizeof halves);
      _mm256_storeu_ps(to + i, _mm256_cvtph_ps(halves));
    }
#else
    for (int i = 0; i < kCount; ++i) to[i] = WidenOne(from[i]);
#endif
  }
  template <int kCount>
  static void Narrow(const float* from, HalfBits* to) {
#if CAESAR_SIM_ISA_IS_AVX2
    for (int i = 0; i < kCount; i += 8) {
      const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT);
      std::memcpy(to + i, &halves, sizeof halves);
    }
    for (int i = 0; i < kCount; ++i) to[i] = (to[i] & 0x7FFF) > kInfinity ? kHalfNan : to[i];
#else
    for (int i = 0; i < kCount; ++i) to[i] = NarrowOne(from[i]);
#endif
  }
};

struct BF16 {
  static constexpr HalfBits kInfinity = 0x7F80, kOne = 0x3F80;
  static constexpr bool kWideRange = true;  // float's exponents: products leave float's range

  static float WidenOne(HalfBits half) {
    return FromBits<float>(static_cast<std::uint32_t>(half) << 16);
  }
  static HalfBits NarrowOne(float value) {
    const std::uint32_t bits = ToBits(value);
    const std::uint32_t half = (bits + 0x7FFFu + ((bits >> 16) & 1)) >> 16;
    const bool nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
    return static_cast<HalfBits>(nan ? std::uint32_t{kHalfNan} : half);
  }
  template <int kCount>
  static void Widen(const HalfBits* from, float* to) {
    for (int i = 0; i < kCount; ++i) to[i] = WidenOne(from[i]);
  }
  template <int kCount>
  static void Narrow(const float* from, HalfBits* to) {
    for (int i = 0; i < kCount; ++i) to[i] = NarrowOne(from[i]);
  }
};

template <class H, int kCount>
inline void FlushHalves(HalfBits* row) {
  for (int i = 0; i < kCount; ++i) {
    row[i] = (row[i] & H::kInfinity) != 0 ? row[i] : static_cast<HalfBits>(row[i] & 0x8000);
  }
}

// The operand of an operation as floats; .ftz acts on it.
template <class H, int kCount>
inline void LoadHalves(const HalfBits* from, bool ftz, float* to) {
  if (!ftz) return H::template Widen<kCount>(from, to);
  alignas(64) HalfBits flushed[kCount];
  std::memcpy(flushed, from, sizeof flushed);
  FlushHalves<H, kCount>(flushed);
  H::template Widen<kCount>(flushed, to);
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
