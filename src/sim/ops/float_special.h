// Transcendental functions of one float, for loops that the compiler vectorises. Include behind
// sim/isa_begin.h. No fused operations, so that all instruction sets give the same bits.
//
// The hardware's ex2, lg2, sin, cos and tanh are table-based approximations (PTX ISA, "Floating
// Point Instructions"): relative errors of 2^-22 for ex2 and lg2, absolute ones of 2^-20.5 for sin
// and cos within [-pi, pi], relative ones of 2^-11 for tanh. These are within 3 units in the last
// place, so results differ from the hardware's by its error.
#pragma once

#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {

// c[0] + x (c[1] + x (c[2] + ...)).
template <std::size_t kFirst = 0, class T, std::size_t kTerms>
inline T Polynomial(T x, const T (&c)[kTerms]) {
  if constexpr (kFirst + 1 == kTerms) {
    return c[kFirst];
  } else {
    return c[kFirst] + x * Polynomial<kFirst + 1>(x, c);
  }
}

// 1.5 * 2^(digits - 1): added and taken away, it rounds to an integer, which the low bits of the
// sum hold meanwhile.
template <class T>
inline constexpr T kRounder = sizeof(T) == 8 ? T(6755399441055744.0) : T(12582912.0f);

// ln(2)^i / i!
inline constexpr double kExp2Terms[] = {1.0,
                                        0.69314718055994531,
                                        0.24022650695910072,
                                        0.055504108664821580,
                                        0.0096181291076284772,
                                        0.0013333558146428443,
                                        0.00015403530393381608,
                                        0.000015252733804059840,
                                        0.0000013215486790144307,
                                        0.00000010178086009239696,
                                        0.0000000070549116208011209};

inline float Ex2(float x) {
  float y = x < 130.0f ? x : 130.0f;  // infinity from 128 on
  y = y > -151.0f ? y : -151.0f;
  const float n = (y + kRounder<float>)-kRounder<float>;
  constexpr float kTerms[] = {float(kExp2Terms[0]), float(kExp2Terms[1]), float(kExp2Terms[2]),
                              float(kExp2Terms[3]), float(kExp2Terms[4]), float(kExp2Terms[5]),
                              float(kExp2Terms[6]), float(kExp2Terms[7])};
  const float power = Polynomial(y - n, kTerms);
  // 2^n in two steps: of a subnormal result only the second one rounds.
  const int i = static_cast<int>(n), half = i >> 1;
  const auto scale = [](int e) { return FromBits<float>(static_cast<unsigned>(e + 127) << 23); };
  const float result = power * scale(half) * scale(i - half);
  return Select(x == x, result, FromBits<float>(kNanBits<float>));
}

inline float Lg2(float x) {
  const bool tiny = x < 0x1p-126f;
  const float y = Select(tiny, x * 0x1p24f, x);
  // y = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  const std::uint32_t bits = ToBits(y);
  const int e = static_cast<int>(bits - 0x3F3504F3u) >> 23;
  const float m = FromBits<float>(bits - (static_cast<std::uint32_t>(e) << 23));
  // log(m) = 2 artanh(s)
  const float s = (m - 1.0f) / (m + 1.0f);
  constexpr float kTerms[] = {2.8853900818f, 0.9617966939f, 0.5770780164f, 0.4121985831f,
                              0.3205988980f};  // 2 / (ln(2) (2 i + 1))
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float result = static_cast<float>(e - 24 * int{tiny}) + s * Polynomial(s * s, kTerms);
  result = Select(x == kInfinity, x, result);
  result = Select(x == 0.0f, -kInfinity, result);
  return Select(x >= 0.0f, result, FromBits<float>(kNanBits<float>));
}

// Beyond, too many bits of x / (pi / 2) are lost to the reduction below.
inline constexpr float kSineMax = 0x1p26f;

template <bool kCosine>
inline float Sine(float x) {
  // pi / 2 as a number of 26 bits, so that its multiples are exact, and the rest.
  constexpr double kHigh = 1.5707963109016418, kLow = 1.5893254773528196e-8;
  const double y = double{x};
  const double rounder = y * 0.63661977236758134 + kRounder<double>;
  const double n = rounder - kRounder<double>;
  const double r = (y - n * kHigh) - n * kLow;
  const double z = r * r;
  constexpr double kSin[] = {-1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880.0, -1.0 / 39916800.0};
  constexpr double kCos[] = {1.0,           -1.0 / 2,         1.0 / 24,         -1.0 / 720,
                             1.0 / 40320.0, -1.0 / 3628800.0, 1.0 / 479001600.0};
  const double sine = r * (1 + z * Polynomial(z, kSin));  // so that -0 stays -0
  const double cosine = Polynomial(z, kCos);
  const std::uint64_t quadrant = ToBits(rounder) + (kCosine ? 1 : 0);
  const std::uint64_t odd = 0 - (quadrant & 1);  // a mask
  const std::uint64_t value = (ToBits(cosine) & odd) | (ToBits(sine) & ~odd);
  return CanonicalNan(static_cast<float>(FromBits<double>(value ^ ((quadrant & 2) << 62))));
}

inline float Tanh(float x) {
  // A NaN goes into `small`.
  const float below = x < 10.0f ? x : 10.0f, clamped = below > -10.0f ? below : -10.0f;
  const double y = double{clamped} * 2.8853900817779268;  // 2 / ln(2)
  const double rounder = y + kRounder<double>;
  const double n = rounder - kRounder<double>;
  const std::uint64_t exponent = ToBits(rounder) - ToBits(kRounder<double>) + 1023;
  const double power = Polynomial(y - n, kExp2Terms) * FromBits<double>(exponent << 52);
  const double small = double{x} * (1 - double{x} * double{x} * (1.0 / 3));
  const double large = (power - 1) / (power + 1);
  const bool is_large = __builtin_fabs(double{x}) >= 0x1p-12;
  return CanonicalNan(static_cast<float>(Select(is_large, large, small)));
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
