// What judge and simulator do to one element: generate, convert, poison, hash. One text for both
// devices: NVRTC compiles it for the GPU, g++ for the simulated one, and both give the same bits (a
// golden test holds them equal). Therefore only integer arithmetic, explicit fma and correctly
// rounded operations occur here; compile with -ffp-contract=off (g++) and
// --fmad=false (NVRTC).
//
// Random numbers: Philox4x32-7 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC
// 2011, which finds seven rounds to pass BigCrush). Key: 64 bits; another 64 secret bits stand in
// the counter's upper half.
#pragma once

#ifdef __CUDACC_RTC__
#define CAESAR_ELEMENT __device__ __forceinline__
#define CAESAR_ELEMENT_RARE __device__ __noinline__  // keeps the compile short
#else
#include <array>
#include <cmath>
#include <cstring>
#define CAESAR_ELEMENT inline
#define CAESAR_ELEMENT_RARE inline
#endif

namespace caesar::element {

using U16 = unsigned short;
using U32 = unsigned int;
using U64 = unsigned long long;
using I64 = long long;

struct Key {
  U64 low = 0;
  U64 high = 0;
};

// The same values as caesar::Fill::Kind.
enum FillKind : int {
  kNormal,
  kUniform,
  kIntegers,
  kConstant,
  kRamp,
  kOneHot,
  kPermutation,
  kMixedScale,
  kRowScale
};

struct FillOrder {
  int kind = kNormal;
  double a = 0;
  double b = 1;
  Key key;
  I64 row = 1;       // elements of the last dimension
  I64 elements = 0;  // of the whole tensor
  // Blocks of four elements in [patch_first, patch_last) are drawn from another key: a
  // near-duplicate of what the first one gives. Kinds that draw no element for itself (constant,
  // ramp, one-hot, permutation) take no notice.
  Key patch;
  I64 patch_first = 0;
  I64 patch_last = 0;
};

// --- bits
// ---------------------------------------------------------------------------------------------------------

CAESAR_ELEMENT U32 BitsOf(float value) {
#ifdef __CUDACC_RTC__
  return __float_as_uint(value);
#else
  U32 bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

CAESAR_ELEMENT float FloatOf(U32 bits) {
#ifdef __CUDACC_RTC__
  return __uint_as_float(bits);
#else
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
#endif
}

CAESAR_ELEMENT float Fma(float a, float b, float c) {
#ifdef __CUDACC_RTC__
  return __fmaf_rn(a, b, c);
#else
  return std::fmaf(a, b, c);
#endif
}

CAESAR_ELEMENT float Sqrt(float a) {
#ifdef __CUDACC_RTC__
  return __fsqrt_rn(a);
#else
  return std::sqrt(a);
#endif
}

// IEEE 754 binary16, round to nearest even.
CAESAR_ELEMENT U16 HalfOf(float value) {
  const U32 bits = BitsOf(value);
  const U32 sign = (bits >> 16) & 0x8000U;
  const U32 magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<U16>(sign | 0x7E00U);   // NaN
  if (magnitude >= 0x477FF000U) return static_cast<U16>(sign | 0x7C00U);  // rounds to infinity
  if (magnitude < 0x38800000U) {  // subnormal: let the adder round
    const float scaled = FloatOf(magnitude) + 0.5F;
    return static_cast<U16>(sign | (BitsOf(scaled) - 0x3F000000U));
  }
  const U32 odd = (magnitude >> 13) & 1U;
  return static_cast<U16>(sign | ((magnitude - 0x38000000U + 0xFFFU + odd) >> 13));
}

CAESAR_ELEMENT float FloatOfHalf(U16 half) {
  const U32 sign = static_cast<U32>(half & 0x8000U) << 16;
  const U32 magnitude = half & 0x7FFFU;
  if (magnitude >= 0x7C00U) return FloatOf(sign | 0x7F800000U | (magnitude << 13));
  if (magnitude < 0x400U) {
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    return FloatOf(sign | BitsOf(value));
  }
  return FloatOf(sign | ((magnitude << 13) + 0x38000000U));
}

CAESAR_ELEMENT U16 Bf16Of(float value) {
  const U32 bits = BitsOf(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<U16>((bits >> 16) | 0x40U);
  return static_cast<U16>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

CAESAR_ELEMENT float FloatOfBf16(U16 value) { return FloatOf(static_cast<U32>(value) << 16); }

// --- random bits
// --------------------------------------------------------------------------------------------------

struct Random4 {
  U32 word[4];
};

// Four random words for block `block` of the stream `key`.
CAESAR_ELEMENT Random4 Philox(const Key& key, U64 block) {
  U32 c0 = static_cast<U32>(block), c1 = static_cast<U32>(block >> 32);
  U32 c2 = static_cast<U32>(key.high), c3 = static_cast<U32>(key.high >> 32);
  U32 k0 = static_cast<U32>(key.low), k1 = static_cast<U32>(key.low >> 32);
  for (int round = 0; round < 7; ++round) {
    const U64 product0 = static_cast<U64>(0xD2511F53U) * c0;
    const U64 product1 = static_cast<U64>(0xCD9E8D57U) * c2;
    c0 = static_cast<U32>(product1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<U32>(product0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<U32>(product1);
    c3 = static_cast<U32>(product0);
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  return {{c0, c1, c2, c3}};
}

// The random words of a block of a tensor.
CAESAR_ELEMENT Random4 RandomOf(const FillOrder& order, I64 block) {
  const bool patched = block >= order.patch_first && block < order.patch_last;
  return Philox(patched ? order.patch : order.key, static_cast<U64>(block));
}

// A bijection of 64-bit words (the finaliser of SplitMix64; Steele et al., OOPSLA 2014).
CAESAR_ELEMENT U64 Mix(U64 word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
  return word ^ (word >> 31);
}

// What word `index` of a tensor, holding `word`, adds to the tensor's hash (a sum modulo 2^64).
CAESAR_ELEMENT U64 HashTerm(U64 index, U64 word) {
  return Mix(word ^ Mix(index + 0x9E3779B97F4A7C15ULL));
}

// --- distributions
// ------------------------------------------------------------------------------------------------

// In [0, 1), a multiple of 2^-24.
CAESAR_ELEMENT float Uniform01(U32 word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

// Natural logarithm of a normal positive float, about 1 ulp (Moshier, Cephes: logf).
CAESAR_ELEMENT float Log(float value) {
  U32 bits = BitsOf(value);
  int exponent = static_cast<int>(bits >> 23) - 126;
  float m = FloatOf((bits & 0x007FFFFFU) | 0x3F000000U);  // [0.5, 1)
  if (m < 0.707106781F) {
    exponent -= 1;
    m = m + m - 1.0F;
  } else {
    m = m - 1.0F;
  }
  const float z = m * m;
  float p = 7.0376836292E-2F;
  p = Fma(p, m, -1.1514610310E-1F);
  p = Fma(p, m, 1.1676998740E-1F);
  p = Fma(p, m, -1.2420140846E-1F);
  p = Fma(p, m, 1.4249322787E-1F);
  p = Fma(p, m, -1.6668057665E-1F);
  p = Fma(p, m, 2.0000714765E-1F);
  p = Fma(p, m, -2.4999993993E-1F);
  p = Fma(p, m, 3.3333331174E-1F);
  const float e = static_cast<float>(exponent);
  float y = m * z * p;
  y = Fma(e, -2.12194440E-4F, y);
  y = Fma(-0.5F, z, y);
  return Fma(e, 0.693359375F, m + y);
}

// Standard normal by inversion (Giles, Approximating the erfinv function, 2010). |result| is at
// most 5.3.
CAESAR_ELEMENT_RARE float ExactNormal(U32 word) {
  const float x =
      Fma(static_cast<float>(word >> 9) + 0.5F, 0x1p-22F, -1.0F);  // odd multiples of 2^-23
  float w = -Log((1.0F - x) * (1.0F + x));
  float p;
  if (w < 5.0F) {
    w = w - 2.5F;
    p = 2.81022636e-08F;
    p = Fma(p, w, 3.43273939e-07F);
    p = Fma(p, w, -3.5233877e-06F);
    p = Fma(p, w, -4.39150654e-06F);
    p = Fma(p, w, 0.00021858087F);
    p = Fma(p, w, -0.00125372503F);
    p = Fma(p, w, -0.00417768164F);
    p = Fma(p, w, 0.246640727F);
    p = Fma(p, w, 1.50140941F);
  } else {
    w = Sqrt(w) - 3.0F;
    p = -0.000200214257F;
    p = Fma(p, w, 0.000100950558F);
    p = Fma(p, w, 0.00134934322F);
    p = Fma(p, w, -0.00367342844F);
    p = Fma(p, w, 0.00573950773F);
    p = Fma(p, w, -0.0076224613F);
    p = Fma(p, w, 0.00943887047F);
    p = Fma(p, w, 1.00167406F);
    p = Fma(p, w, 2.83297682F);
  }
  return 1.41421356F * (p * x);
}

// Inversion takes more arithmetic than a GPU has time for while it writes the element. So the
// quantiles are drawn as a line within each of 1024 equally likely bins, but for the outermost two,
// which hold the tails: those are exact.
constexpr int kNormalBins = 1024;
constexpr int kNormalBinShift = 22;

struct NormalBin {
  float low = 0;
  float width = 0;
};

CAESAR_ELEMENT NormalBin NormalBinAt(U32 bin) {
  const float low = ExactNormal(bin << kNormalBinShift);
  return {low, ExactNormal((bin + 1) << kNormalBinShift) - low};
}

// The kinds that need all of NormalBinAt.
CAESAR_ELEMENT bool DrawsNormal(int kind) {
  return kind == kNormal || kind == kMixedScale || kind == kRowScale;
}

CAESAR_ELEMENT float Normal(U32 word, const NormalBin* bins) {
  const U32 bin = word >> kNormalBinShift;
  if (bin == 0 || bin == kNormalBins - 1) return ExactNormal(word);
  const float fraction = static_cast<float>(word & ((1U << kNormalBinShift) - 1)) * 0x1p-22F;
  return Fma(fraction, bins[bin].width, bins[bin].low);
}

CAESAR_ELEMENT float NormalFloat(float mean, float deviation, U32 word, const NormalBin* bins) {
  return Fma(deviation, Normal(word, bins), mean);
}

#ifndef __CUDACC_RTC__
inline const NormalBin* NormalBins() {
  static const auto bins = [] {
    std::array<NormalBin, kNormalBins> made;
    for (U32 bin = 0; bin < kNormalBins; ++bin) made[bin] = NormalBinAt(bin);
    return made;
  }();
  return bins.data();
}
#endif

// In [low, high], both included.
CAESAR_ELEMENT I64 Integer(U32 word, U32 other, I64 low, I64 high) {
  const U64 range = static_cast<U64>(high) - static_cast<U64>(low) + 1;
  if (range == 0) return static_cast<I64>((static_cast<U64>(word) << 32) | other);
  const U64 offset = range <= (1ULL << 32) ? (static_cast<U64>(word) * range) >> 32
                                           : ((static_cast<U64>(word) << 32) | other) % range;
  return static_cast<I64>(static_cast<U64>(low) + offset);
}

CAESAR_ELEMENT double PowerOfTen(I64 exponent) {
  double power = 1;
  for (I64 i = 0; i < exponent; ++i) power *= 10;
  for (I64 i = 0; i > exponent; --i) power /= 10;
  return power;
}

// The image of `index` under a random permutation of 0..elements-1: a Feistel network over the next
// even number of bits, walked until it falls into the range (Black and Rogaway, Ciphers with
// Arbitrary Finite Domains, 2002).
CAESAR_ELEMENT I64 Permuted(const Key& key, I64 index, I64 elements) {
  int half_bits = 1;
  while ((1ULL << (2 * half_bits)) < static_cast<U64>(elements)) ++half_bits;
  const U64 mask = (1ULL << half_bits) - 1;
  U64 value = static_cast<U64>(index);
  do {
    U64 left = value >> half_bits, right = value & mask;
    for (U64 round = 0; round < 6; ++round) {
      const U64 mixed = Mix(right ^ key.low ^ (round << 56)) ^ Mix(key.high + round);
      const U64 next = left ^ (mixed & mask);
      left = right;
      right = next;
    }
    value = (left << half_bits) | right;
  } while (value >= static_cast<U64>(elements));
  return static_cast<I64>(value);
}

// Random bits that all elements of a row share; near-duplicates keep them.
CAESAR_ELEMENT U64 RowBits(const FillOrder& order, I64 row) {
  return Mix(order.key.low ^ Mix(order.key.high + static_cast<U64>(row)));
}

// Element `index`, given the random words of its block of four, for the kinds whose result is not a
// plain float.
CAESAR_ELEMENT_RARE double WideValue(const FillOrder& order, I64 index, const Random4& random,
                                     const NormalBin* bins) {
  const U32 word = random.word[index & 3];
  const U32 other = random.word[(index + 1) & 3];
  switch (order.kind) {
    case kNormal:
      return order.a + order.b * (static_cast<double>(Normal(word, bins)) +
                                  (Uniform01(other) - 0.5) * 0x1p-22);
    case kUniform:
      return order.a +
             (order.b - order.a) *
                 ((static_cast<double>(word) + static_cast<double>(other) * 0x1p-32) * 0x1p-32);
    case kIntegers:
      return static_cast<double>(
          Integer(word, other, static_cast<I64>(order.a), static_cast<I64>(order.b)));
    case kConstant:
      return order.a;
    case kRamp:
      return order.a + order.b * static_cast<double>(index);
    case kOneHot: {
      const I64 row = index / order.row;
      const U64 hot = RowBits(order, row) % static_cast<U64>(order.row);
      return index - row * order.row == static_cast<I64>(hot) ? order.a : 0.0;
    }
    case kPermutation:
      return static_cast<double>(Permuted(order.key, index, order.elements));
    case kMixedScale: {
      const I64 exponent = Integer(other, 0, static_cast<I64>(order.a), static_cast<I64>(order.b));
      return static_cast<double>(Normal(word, bins)) * PowerOfTen(exponent);
    }
    case kRowScale: {
      const U32 bits = static_cast<U32>(RowBits(order, index / order.row) >> 32);
      const I64 exponent = Integer(bits, 0, static_cast<I64>(order.a), static_cast<I64>(order.b));
      return static_cast<double>(Normal(word, bins)) * PowerOfTen(exponent);
    }
    default:
      return 0;
  }
}

// The same, rounded to float, with short cuts for the two common kinds.
CAESAR_ELEMENT float FloatValue(const FillOrder& order, I64 index, const Random4& random,
                                const NormalBin* bins) {
  if (order.kind == kNormal) {
    return NormalFloat(static_cast<float>(order.a), static_cast<float>(order.b),
                       random.word[index & 3], bins);
  }
  if (order.kind == kUniform) {
    return Fma(static_cast<float>(order.b - order.a), Uniform01(random.word[index & 3]),
               static_cast<float>(order.a));
  }
  return static_cast<float>(WideValue(order, index, random, bins));
}

CAESAR_ELEMENT I64 IntegerValue(const FillOrder& order, I64 index, const Random4& random) {
  if (order.kind == kIntegers) {
    return Integer(random.word[index & 3], random.word[(index + 1) & 3], static_cast<I64>(order.a),
                   static_cast<I64>(order.b));
  }
  return static_cast<I64>(WideValue(order, index, random, nullptr));
}

// --- comparing
// ----------------------------------------------------------------------------------------------------

struct Difference {
  double error = 0;  // |got - want|; NaN where exactly one is NaN
  double bound = 0;  // atol + rtol * |want|
  bool passes = false;
};

// |got - want| <= atol + rtol * |want|, written so that NaN fails. NaN where NaN is due passes, and
// so does the same infinity. Source: torch.testing.assert_close, rule for floats, with equal_nan.
CAESAR_ELEMENT Difference Compare(double got, double want, double atol, double rtol) {
  Difference difference;
  const double magnitude = want < 0 ? -want : want;
  difference.bound = atol + rtol * magnitude;
  if (got == want || (got != got && want != want)) {
    difference.passes = true;
    return difference;
  }
  difference.error = got < want ? want - got : got - want;
  const bool finite =
      magnitude <= 1.7976931348623157e308;  // an infinite bound would let everything pass
  difference.passes = finite && difference.error <= difference.bound;
  return difference;
}

}  // namespace caesar::element
