// Fused multiply-add: a * b + c, rounded once. Include behind sim/isa_begin.h.
//
// Without FMA instructions the sum is formed in higher precision and rounded to odd: if it is not
// exact, its last bit is 1. Rounding that to the target, at least two bits shorter, gives what
// rounding the exact sum would (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums:
// proved algorithms using rounding to odd", IEEE Transactions on Computers 57, 2008).
#pragma once

#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {

// `sum` is the nearest to an exact value, `error` what it lacks (only its sign matters; zero or
// NaN: sum is exact or not finite). The exact value, rounded to odd.
template <class T>
inline T RoundToOdd(T sum, T error) {
  const Bits<T> bits = ToBits(sum);
  // An error of the other sign: the exact value lies nearer to zero.
  const Bits<T> nearer = (bits ^ ToBits(error)) >> (sizeof(T) * 8 - 1);
  // Masks rather than branches: the loops are vectorised.
  const Bits<T> below = error < T{0} ? ~Bits<T>{0} : 0, above = error > T{0} ? ~Bits<T>{0} : 0;
  const Bits<T> inexact = below | above;
  return FromBits<T>((bits - (nearer & inexact)) | (inexact & 1u));
}

// What a + b, rounded to nearest, lacks (Knuth's TwoSum; exact unless it overflows).
template <class T>
inline T SumError(T a, T b, T sum) {
  const T rest = sum - a;
  return (a - (sum - rest)) + (b - rest);
}

template <class T>
inline T AddToOdd(T a, T b) {
  const T sum = a + b;
  return RoundToOdd(sum, SumError(a, b, sum));
}

// To nearest. The product of two floats is exact in double.
inline float FmaNearest(float a, float b, float c) {
#if CAESAR_SIM_ISA_IS_AVX2
  return __builtin_fmaf(a, b, c);
#else
  return static_cast<float>(AddToOdd(double{a} * double{b}, double{c}));
#endif
}

#if !CAESAR_SIM_ISA_IS_AVX2
// FmaNearest of two pairs, which g++ does not vectorise by itself.
inline __m128d FmaToOdd(__m128d a, __m128d b, __m128d c) {
  const __m128d product = _mm_mul_pd(a, b), sum = _mm_add_pd(product, c);
  const __m128d rest = _mm_sub_pd(sum, product);
  const __m128d error = _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, rest)), _mm_sub_pd(c, rest));
  const __m128d zero = _mm_setzero_pd();
  const __m128i inexact =
      _mm_castpd_si128(_mm_or_pd(_mm_cmplt_pd(error, zero), _mm_cmpgt_pd(error, zero)));
  const __m128i nearer = _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(sum, error)), 63);
  const __m128i odd = _mm_sub_epi64(_mm_castpd_si128(sum), _mm_and_si128(nearer, inexact));
  return _mm_castsi128_pd(_mm_or_si128(odd, _mm_srli_epi64(inexact, 63)));
}
inline void FmaNearestOfFour(const float* a, const float* b, const float* c, float* result) {
  const __m128 x = _mm_loadu_ps(a), y = _mm_loadu_ps(b), z = _mm_loadu_ps(c);
  const auto low = [](__m128 v) { return _mm_cvtps_pd(v); };
  const auto high = [](__m128 v) { return _mm_cvtps_pd(_mm_movehl_ps(v, v)); };
  const __m128 first = _mm_cvtpd_ps(FmaToOdd(low(x), low(y), low(z)));
  const __m128 second = _mm_cvtpd_ps(FmaToOdd(high(x), high(y), high(z)));
  _mm_storeu_ps(result, _mm_movelh_ps(first, second));
}
#endif

// In the rounding mode that is set, which is not to nearest: rounding twice in one direction is
// rounding once.
inline float FmaDirected(float a, float b, float c) {
#if CAESAR_SIM_ISA_IS_AVX2
  return __builtin_fmaf(a, b, c);
#else
  return static_cast<float>(double{a} * double{b} + double{c});
#endif
}

// --- f64 without FMA instructions

// Whether FmaInRange may be used: nothing in it overflows or becomes subnormal.
inline bool FmaIsInRange(double a, double b, double c) {
  const auto exponent = [](double x) {
    return static_cast<std::int64_t>((ToBits(x) >> 52) & 0x7FF);
  };
  const std::int64_t ea = exponent(a), eb = exponent(b), ec = exponent(c);
  const auto inside = [](std::int64_t e) { return e >= 150 && e <= 1900; };
  const bool product = inside(ea) & inside(eb) & (ea + eb >= 1023 + 150) & (ea + eb <= 1023 + 1900);
  const bool zero = (a == 0 && eb != 0x7FF) || (b == 0 && ea != 0x7FF);
  return (product | zero) & (inside(ec) | (c == 0));
}

inline double FmaInRange(double a, double b, double c) {
  // Dekker's product with Veltkamp's splitting: high + low = a * b.
  constexpr double kSplit = 134217729;  // 2^27 + 1
  const double a_big = a * kSplit, b_big = b * kSplit;
  const double a_high = a_big - (a_big - a), b_high = b_big - (b_big - b);
  const double a_low = a - a_high, b_low = b - b_high;
  const double high = a * b;
  const double low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
  const double t = c + low, t_error = SumError(c, low, t);
  const double v = high + t, v_error = SumError(high, t, v);
  const double result = v + AddToOdd(t_error, v_error);
  // Zeros keep their sign only so; nothing is rounded then but the product.
  return (high == 0) | (c == 0) ? high + c : result;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
