// Executors: ex2, lg2, sin, cos, tanh of f32; rcp.approx.ftz and rsqrt.approx.ftz of f64.
#include "sim/ops/float_forms.h"
#include "sim/ops/float_std.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_special.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

template <float (*kFunction)(float), bool kFtz>
struct Special {
  using T = float;
  static constexpr int kInputs = 1, kWide = 1;
  static constexpr bool kDirected = false;
  static float Do(float x) { return kFtz ? Flush(kFunction(Flush(x))) : kFunction(x); }
};

// Sine with a way out for large angles, which libm reduces exactly. The hardware reduces them to
// less; its error is then unbounded.
template <bool kCosine, bool kFtz>
Step SineOfWarp(Warp& warp, const Op& op) {
  const float* a = Aligned(warp.Lanes<float>(op.a));
  alignas(64) float result[kLanes];
  Mask large = 0;
  for (int i = 0; i < kLanes; ++i) {
    // The hardware multiplies the angle by 1 / (2 pi) first, and flushes that product.
    const float tiny = __builtin_copysignf(0.0f, a[i]);
    const float angle = __builtin_fabsf(a[i]) < 0x1.921fb6p-124f ? tiny : a[i];
    result[i] = kFtz ? Flush(Sine<kCosine>(angle)) : Sine<kCosine>(angle);
  }
  for (int i = 0; i < kLanes; ++i) large |= __builtin_fabsf(a[i]) > kSineMax ? kLaneBit[i] : 0;
  for (large &= warp.active; large != 0; large &= large - 1) {
    const int i = std::countr_zero(large);
    const double angle = double{a[i]};
    result[i] = CanonicalNan(static_cast<float>(kCosine ? std::cos(angle) : std::sin(angle)));
  }
  Blend(Aligned(warp.Lanes<float>(op.dst)), result, warp.active);
  return Step::kNext;
}

// Of the operand and of the result the upper 32 bits exist: 20 bits of fraction.
inline double UpperHalf(double x) { return FromBits<double>(ToBits(x) & 0xFFFF'FFFF'0000'0000u); }
template <bool kRoot>
struct High {
  using T = double;
  static constexpr int kInputs = 1, kWide = 1;
  static constexpr bool kDirected = false;
  static double Do(double x) {
    const double y = UpperHalf(Flush(x));
    const double result = CanonicalNan(Flush(1.0 / (kRoot ? __builtin_sqrt(y) : y)));
    return UpperHalf(FromBits<double>(ToBits(result) + 0x8000'0000u));
  }
};

template <float (*kFunction)(float)>
Handler Pick(const FloatForm& form) {
  if (form.type != Type::kF32) return nullptr;
  return form.ftz ? Elementwise<Special<kFunction, true>> : Elementwise<Special<kFunction, false>>;
}
template <bool kCosine>
Handler PickSine(const FloatForm& form) {
  if (form.type != Type::kF32) return nullptr;
  return form.ftz ? SineOfWarp<kCosine, true> : SineOfWarp<kCosine, false>;
}

}  // namespace

Handler FloatSpecial(const FloatForm& form) {
  if (form.op == FloatOp::kEx2) return Pick<Ex2>(form);
  if (form.op == FloatOp::kLg2) return Pick<Lg2>(form);
  if (form.op == FloatOp::kTanh) return Pick<Tanh>(form);
  if (form.op == FloatOp::kSin) return PickSine<false>(form);
  if (form.op == FloatOp::kCos) return PickSine<true>(form);
  if (form.op == FloatOp::kRcpHigh && form.type == Type::kF64) return Elementwise<High<false>>;
  if (form.op == FloatOp::kRsqrtHigh && form.type == Type::kF64) return Elementwise<High<true>>;
  return nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
