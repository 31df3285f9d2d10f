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

  // Comparisons of signed numbers, which vectors have.
  static float WidenOne(HalfBits half) {
    const std::int32_t magnitude = half & 0x7FFF, shifted = magnitude << 13;
    // The exponent's bias differs by 112; so scaled, subnormals come out right.
    const std::uint32_t scaled =
        ToBits(FromBits<float>(static_cast<std::uint32_t>(shifted)) * 0x1p112f);
    // Of infinity and NaN the exponent is full.
    const std::uint32_t full = magnitude >= kInfinity ? 0x7F800000u : 0;
    return FromBits<float>(scaled | full | static_cast<std::uint32_t>(half & 0x8000) << 16);
  }
  static HalfBits NarrowOne(float value) {
    const std::uint32_t sign = ToBits(value) >> 31 << 15;
    const auto bits = static_cast<std::int32_t>(ToBits(value) & 0x7FFFFFFFu);
    // 0.5 has 2^-24 as its last place, the unit of subnormals.
    const std::uint32_t subnormal = ToBits(__builtin_fabsf(value) + 0.5f) - 0x3F000000u;
    const std::uint32_t unbiased = static_cast<std::uint32_t>(bits) + 0xC8000FFFu;
    const std::uint32_t normal = (unbiased + (static_cast<std::uint32_t>(bits) >> 13 & 1)) >> 13;
    const std::uint32_t small = bits < 0x38800000 ? ~0u : 0, large = bits >= 0x477FF000 ? ~0u : 0;
    const std::uint32_t nan = bits > 0x7F800000 ? ~0u : 0;
    std::uint32_t half = (subnormal & small) | (normal & ~small & ~large) | (kInfinity & large);
    half = ((half | sign) & ~nan) | (kHalfNan & nan);
    return static_cast<HalfBits>(half);
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
      const __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT);
      const __m128i magnitude = _mm_and_si128(half, _mm_set1_epi16(kHalfNan));
      const __m128i nan = _mm_cmpgt_epi16(magnitude, _mm_set1_epi16(kInfinity));
      const __m128i result = _mm_or_si128(_mm_andnot_si128(nan, half), _mm_srli_epi16(nan, 1));
      std::memcpy(to + i, &result, sizeof result);
    }
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
    const std::uint32_t nan = static_cast<std::int32_t>(bits & 0x7FFFFFFFu) > 0x7F800000 ? ~0u : 0;
    return static_cast<HalfBits>((half & ~nan) | (kHalfNan & nan));
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
