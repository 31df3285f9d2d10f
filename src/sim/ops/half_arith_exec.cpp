// Executors: arithmetic of f16, f16x2, bf16 and bf16x2.
//
// Operands become floats, the result is rounded once more. That is rounding once: a float has more
// than twice a half's digits (Figueroa, "When is double rounding innocuous?", 1995), which covers
// add, sub and mul; fma rounds its sum to odd. What leaves float's range, products of bf16 alone,
// goes through double.
#include "sim/ops/float_std.h"
#include "sim/ops/half_forms.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_best.h"
#include "sim/ops/float_fma.h"
#include "sim/ops/float_special.h"
#include "sim/ops/half_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

// An exact double to a float, to odd.
inline float NarrowToOdd(double exact) {
  const float nearest = static_cast<float>(exact);
  const double error = exact - double{nearest};
  return RoundToOdd(nearest, error > 0 ? 1.0f : (error < 0 ? -1.0f : 0.0f));
}

// Whether a product of bf16 is not exact in float, or so large that a sum with it may not be.
inline bool ProductIsUnsafe(float a, float b, float product) {
  const float magnitude = __builtin_fabsf(product);
  return !(magnitude < 0x1p127f) || (magnitude < 0x1p-90f && a != 0 && b != 0);
}

template <bool kAddend>
struct MulAdd {
  static constexpr int kInputs = kAddend ? 3 : 2;
  template <class H, int kCount>
  static void All(const float* a, const float* b, const float* c, float* result) {
    unsigned unsafe = 0;
    for (int i = 0; i < kCount; ++i) {
      const float product = a[i] * b[i];
      if constexpr (H::kWideRange) unsafe |= ProductIsUnsafe(a[i], b[i], product) ? 1u : 0u;
      if constexpr (kAddend) {
        result[i] = AddToOdd(product, c[i]);
      } else {
        result[i] = product;
      }
    }
    if (unsafe == 0) return;
    for (int i = 0; i < kCount; ++i) {
      const double product = double{a[i]} * double{b[i]};
      result[i] = NarrowToOdd(kAddend ? AddToOdd(product, double{c[i]}) : product);
    }
  }
};

template <float (*kFunction)(float, float)>
struct Binary {
  static constexpr int kInputs = 2;
  template <class H, int kCount>
  static void All(const float* a, const float* b, const float*, float* result) {
    for (int i = 0; i < kCount; ++i) result[i] = kFunction(a[i], b[i]);
  }
};
inline float Add(float a, float b) { return a + b; }
inline float Sub(float a, float b) { return a - b; }

template <float (*kFunction)(float)>
struct Unary {
  static constexpr int kInputs = 1;
  template <class H, int kCount>
  static void All(const float* a, const float*, const float*, float* result) {
    for (int i = 0; i < kCount; ++i) result[i] = kFunction(a[i]);
  }
};

template <bool kMax, bool kNan, bool kXorsign, bool kAbs, int kOperands>
struct MinMax {
  static constexpr int kInputs = kOperands;
  static float Magnitude(float x) { return kAbs ? __builtin_fabsf(x) : x; }
  template <class H, int kCount>
  static void All(const float* a, const float* b, const float* c, float* result) {
    for (int i = 0; i < kCount; ++i) {
      float best = Best<float, kMax, kNan>(Magnitude(a[i]), Magnitude(b[i]));
      if constexpr (kOperands == 3) best = Best<float, kMax, kNan>(best, Magnitude(c[i]));
      if constexpr (kXorsign) {
        best = FromBits<float>(ToBits(best) ^ ((ToBits(a[i]) ^ ToBits(b[i])) & kSignBit<float>));
      }
      result[i] = best;
    }
  }
};

// On patterns, whose NaN is kHalfNan: a positive one.
template <class H, int kCount>
inline void Finish(std::uint8_t flags, HalfBits* row) {
  if ((flags & kHalfFtz) != 0) FlushHalves<H, kCount>(row);
  if ((flags & (kHalfSat | kHalfRelu)) == 0) return;
  const HalfBits top = (flags & kHalfSat) != 0 ? H::kOne : kHalfNan;
  const HalfBits nan = (flags & kHalfSat) != 0 ? HalfBits{0} : kHalfNan;
  for (int i = 0; i < kCount; ++i) {
    HalfBits value = row[i] >= 0x8000 ? HalfBits{0} : row[i];
    value = value > H::kInfinity ? nan : value;
    row[i] = value > top ? top : value;
  }
}

template <class H, class F, int kWide>
Step Arithmetic(Warp& warp, const Op& op) {
  constexpr int kCount = kLanes * kWide;
  alignas(64) float a[kCount], b[kCount], c[kCount], result[kCount];
  alignas(64) HalfBits row[kCount];
  const bool ftz = (op.flags & kHalfFtz) != 0;
  LoadHalves<H, kCount>(warp.Lanes<HalfBits>(op.a), ftz, a);
  if constexpr (F::kInputs > 1) LoadHalves<H, kCount>(warp.Lanes<HalfBits>(op.b), ftz, b);
  if constexpr (F::kInputs > 2) LoadHalves<H, kCount>(warp.Lanes<HalfBits>(op.c), ftz, c);
  F::template All<H, kCount>(a, b, c, result);
  H::template Narrow<kCount>(result, row);
  if (op.flags != 0) Finish<H, kCount>(op.flags, row);
  Blend<kWide>(Aligned(warp.Lanes<HalfBits>(op.dst)), row, warp.active);
  return Step::kNext;
}

// Bits alone: a NaN keeps its payload.
template <class H, bool kAbs, int kWide>
Step Signs(Warp& warp, const Op& op) {
  constexpr int kCount = kLanes * kWide;
  alignas(64) HalfBits row[kCount];
  std::memcpy(row, warp.Lanes<HalfBits>(op.a), sizeof row);
  if ((op.flags & kHalfFtz) != 0) FlushHalves<H, kCount>(row);
  for (HalfBits& value : row) {
    value = static_cast<HalfBits>(kAbs ? value & 0x7FFF : value ^ 0x8000);
  }
  Blend<kWide>(Aligned(warp.Lanes<HalfBits>(op.dst)), row, warp.active);
  return Step::kNext;
}

template <class H, int kWide, bool kMax, bool kNan>
Handler PickMinMax(const FloatForm& form) {
  if (form.xorsign) return Arithmetic<H, MinMax<kMax, kNan, true, true, 2>, kWide>;
  if (form.three) {
    return form.abs ? Arithmetic<H, MinMax<kMax, kNan, false, true, 3>, kWide>
                    : Arithmetic<H, MinMax<kMax, kNan, false, false, 3>, kWide>;
  }
  return form.abs ? nullptr : Arithmetic<H, MinMax<kMax, kNan, false, false, 2>, kWide>;
}

template <class H, int kWide>
Handler Pick(const FloatForm& form) {
  switch (form.op) {
    case FloatOp::kAdd:
      return Arithmetic<H, Binary<Add>, kWide>;
    case FloatOp::kSub:
      return Arithmetic<H, Binary<Sub>, kWide>;
    case FloatOp::kMul:
      return Arithmetic<H, MulAdd<false>, kWide>;
    case FloatOp::kFma:
      return Arithmetic<H, MulAdd<true>, kWide>;
    case FloatOp::kEx2:
      return Arithmetic<H, Unary<Ex2>, kWide>;
    case FloatOp::kTanh:
      return Arithmetic<H, Unary<Tanh>, kWide>;
    case FloatOp::kAbs:
      return Signs<H, true, kWide>;
    case FloatOp::kNeg:
      return Signs<H, false, kWide>;
    case FloatOp::kMin:
      return form.nan ? PickMinMax<H, kWide, false, true>(form)
                      : PickMinMax<H, kWide, false, false>(form);
    case FloatOp::kMax:
      return form.nan ? PickMinMax<H, kWide, true, true>(form)
                      : PickMinMax<H, kWide, true, false>(form);
    case FloatOp::kDiv:
    case FloatOp::kDivApprox:
    case FloatOp::kRcp:
    case FloatOp::kSqrt:
    case FloatOp::kRsqrt:
    case FloatOp::kCopysign:
    case FloatOp::kLg2:
    case FloatOp::kSin:
    case FloatOp::kCos:
    case FloatOp::kRcpHigh:
    case FloatOp::kRsqrtHigh:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

Handler HalfArithmetic(const FloatForm& form) {
  if (form.type == Type::kF16) return Pick<F16, 1>(form);
  if (form.type == Type::kF16x2) return Pick<F16, 2>(form);
  if (form.type == Type::kBF16) return Pick<BF16, 1>(form);
  return form.type == Type::kBF16x2 ? Pick<BF16, 2>(form) : nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
