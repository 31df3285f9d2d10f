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

// In the rounding mode that is set, which is not to nearest: rounding twice in one direction is
// rounding once.
inline float FmaDirected(float a, float b, float c) {
#if CAESAR_SIM_ISA_IS_AVX2
  return __builtin_fmaf(a, b, c);
#else
  return static_cast<float>(double{a} * double{b} + double{c});
#endif
}

#if !CAESAR_SIM_ISA_IS_AVX2
// --- The same in pairs of doubles, which g++ does not form by itself

using Pair = __m128d;

inline Pair AddToOdd(Pair a, Pair b) {
  const Pair sum = a + b, error = SumError(a, b, sum), zero{};
  const __m128i inexact =
      _mm_castpd_si128(_mm_or_pd(_mm_cmplt_pd(error, zero), _mm_cmpgt_pd(error, zero)));
  const __m128i nearer = _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(sum, error)), 63);
  const __m128i odd = _mm_sub_epi64(_mm_castpd_si128(sum), _mm_and_si128(nearer, inexact));
  return _mm_castsi128_pd(_mm_or_si128(odd, _mm_srli_epi64(inexact, 63)));
}

inline Pair LowerPair(__m128 x) { return _mm_cvtps_pd(x); }
inline Pair UpperPair(__m128 x) { return _mm_cvtps_pd(_mm_movehl_ps(x, x)); }
inline __m128 ToFloats(Pair lower, Pair upper) {
  return _mm_movelh_ps(_mm_cvtpd_ps(lower), _mm_cvtpd_ps(upper));
}

inline __m128 FlushFour(__m128 x) {
  const __m128i exponent = _mm_set1_epi32(static_cast<int>(kInfinityBits<float>));
  const __m128i small =
      _mm_cmpeq_epi32(_mm_and_si128(_mm_castps_si128(x), exponent), _mm_setzero_si128());
  // Of these the sign alone stays.
  return _mm_andnot_ps(_mm_castsi128_ps(_mm_srli_epi32(small, 1)), x);
}

[[gnu::noinline, gnu::cold]] inline __m128 FmaOfFourToOdd(__m128 a, __m128 b, __m128 c) {
  const __m128 result = ToFloats(AddToOdd(LowerPair(a) * LowerPair(b), LowerPair(c)),
                                 AddToOdd(UpperPair(a) * UpperPair(b), UpperPair(c)));
  const __m128 number = _mm_cmpord_ps(result, result);
  const __m128 nan = _mm_castsi128_ps(_mm_set1_epi32(static_cast<int>(kNanBits<float>)));
  return _mm_or_ps(_mm_and_ps(number, result), _mm_andnot_ps(number, nan));
}

// FmaNearest of four, NaN canonical. Rounding the sum to double and then to float goes wrong only
// where it stands halfway between two floats, whose last bits show it; or where floats have fewer
// digits, below 2^-126.
inline __m128 FmaNearestOfFour(__m128 a, __m128 b, __m128 c) {
  const Pair lower = LowerPair(a) * LowerPair(b) + LowerPair(c);
  const Pair upper = UpperPair(a) * UpperPair(b) + UpperPair(c);
  const __m128 result = ToFloats(lower, upper);
  const __m128i digits = _mm_castps_si128(
      _mm_shuffle_ps(_mm_castpd_ps(lower), _mm_castpd_ps(upper), _MM_SHUFFLE(2, 0, 2, 0)));
  const __m128i halfway = _mm_cmpeq_epi32(_mm_and_si128(digits, _mm_set1_epi32(0x1FFFFFFF)),
                                          _mm_set1_epi32(0x10000000));
  // Without the sign, 0 to 2^-126 and, below 0, the NaNs lie side by side: from 0xFF000002 to
  // 0x01000000. Moved to the upper end of the range of int, one comparison finds them.
  const __m128i bits = _mm_castps_si128(result);
  const __m128i moved = _mm_add_epi32(_mm_add_epi32(bits, bits), _mm_set1_epi32(0x7EFFFFFF));
  const __m128i doubtful =
      _mm_or_si128(halfway, _mm_cmpgt_epi32(moved, _mm_set1_epi32(0x7E000000)));
  if (_mm_movemask_ps(_mm_castsi128_ps(doubtful)) == 0) [[likely]]
    return result;
  return FmaOfFourToOdd(a, b, c);
}

// --- f64

// A bit for each of the two whose FmaInRange is exact: nothing in it overflows or is subnormal.
inline int FmaIsInRange(Pair a, Pair b, Pair c) {
  const auto inside = [](Pair x, double limit) {
    const Pair magnitude = _mm_andnot_pd(_mm_set1_pd(-0.0), x);
    const Pair between = _mm_and_pd(_mm_cmpge_pd(magnitude, _mm_set1_pd(1 / limit)),
                                    _mm_cmple_pd(magnitude, _mm_set1_pd(limit)));
    return _mm_or_pd(between, _mm_cmpeq_pd(x, Pair{}));
  };
  return _mm_movemask_pd(
      _mm_and_pd(_mm_and_pd(inside(a, 0x1p300), inside(b, 0x1p300)), inside(c, 0x1p600)));
}

inline Pair FmaInRange(Pair a, Pair b, Pair c) {
  // Dekker's product with Veltkamp's splitting: high + low = a * b.
  const Pair split = _mm_set1_pd(134217729);  // 2^27 + 1
  const Pair a_big = a * split, b_big = b * split;
  const Pair a_high = a_big - (a_big - a), b_high = b_big - (b_big - b);
  const Pair a_low = a - a_high, b_low = b - b_high;
  const Pair high = a * b;
  const Pair low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
  const Pair t = c + low, t_error = SumError(c, low, t);
  const Pair v = high + t, v_error = SumError(high, t, v);
  const Pair result = v + AddToOdd(t_error, v_error);
  // Zeros keep their sign only so; nothing is rounded then but the product.
  const Pair zero = _mm_or_pd(_mm_cmpeq_pd(high, Pair{}), _mm_cmpeq_pd(c, Pair{}));
  return _mm_or_pd(_mm_and_pd(zero, high + c), _mm_andnot_pd(zero, result));
}
#endif

// To nearest, NaN canonical. libm's fma is slow without the instruction: it is used near the ends
// of double's range alone.
inline void FmaNearestOfTwo(const double* a, const double* b, const double* c, double* result) {
#if CAESAR_SIM_ISA_IS_AVX2
  for (int i = 0; i < 2; ++i) result[i] = CanonicalNan(__builtin_fma(a[i], b[i], c[i]));
#else
  const Pair x = _mm_loadu_pd(a), y = _mm_loadu_pd(b), z = _mm_loadu_pd(c);
  if (FmaIsInRange(x, y, z) == 3) [[likely]] {
    _mm_storeu_pd(result, FmaInRange(x, y, z));
    return;
  }
  for (int i = 0; i < 2; ++i) result[i] = CanonicalNan(std::fma(a[i], b[i], c[i]));
#endif
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
