// Executors: add, sub, mul, fma, div, rcp, sqrt, rsqrt, abs, neg, copysign of f32, f64 and f32x2.
#include "sim/ops/float_forms.h"
#include "sim/ops/float_std.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_fma.h"
#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

struct Add {
  static constexpr int kInputs = 2;
  template <class T>
  static T Do(T a, T b) {
    return a + b;
  }
};
struct Sub {
  static constexpr int kInputs = 2;
  template <class T>
  static T Do(T a, T b) {
    return a - b;
  }
};
struct Mul {
  static constexpr int kInputs = 2;
  template <class T>
  static T Do(T a, T b) {
    return a * b;
  }
};
struct Div {
  static constexpr int kInputs = 2;
  template <class T>
  static T Do(T a, T b) {
    return a / b;
  }
};
struct Fma {
  static constexpr int kInputs = 3;
  static float Do(float a, float b, float c) { return FmaNearest(a, b, c); }
  static double Do(double a, double b, double c) { return __builtin_fma(a, b, c); }
};
struct FmaRounded {
  static constexpr int kInputs = 3;
  static float Do(float a, float b, float c) { return FmaDirected(a, b, c); }
  static double Do(double a, double b, double c) { return __builtin_fma(a, b, c); }
};
struct Rcp {
  static constexpr int kInputs = 1;
  template <class T>
  static T Do(T a) {
    return T{1} / a;
  }
};
struct Sqrt {
  static constexpr int kInputs = 1;
  static float Do(float a) { return __builtin_sqrtf(a); }
  static double Do(double a) { return __builtin_sqrt(a); }
};
// Two roundings: within 1 ulp, as the hardware's approximation is.
struct Rsqrt {
  static constexpr int kInputs = 1;
  template <class T>
  static T Do(T a) {
    return T{1} / Sqrt::Do(a);
  }
};
// div.approx multiplies with the reciprocal, which the hardware flushes: a divisor above 2^126
// gives 0, or NaN for an infinite dividend.
struct DivApprox {
  static constexpr int kInputs = 2;
  template <class T>
  static T Do(T a, T b) {
    return a * Flush(T{1} / b);
  }
};

// F with .ftz and .sat around it.
template <class Element, class F, bool kFtz, bool kSat, bool kRounded, int kElements = 1>
struct Arithmetic {
  using T = Element;
  static constexpr int kInputs = F::kInputs, kWide = kElements;
  static constexpr bool kDirected = kRounded;
  template <class... Ts>
  static T Do(Ts... operands) {
    T result = kFtz ? F::Do(Flush(operands)...) : F::Do(operands...);
    if constexpr (kFtz) result = Flush(result);
    return kSat ? Saturate(result) : CanonicalNan(result);
  }
};

// Bits alone: the hardware's abs and neg keep a NaN's payload.
template <class Element, FloatOp kOp, bool kFtz>
struct Signs {
  using T = Element;
  static constexpr int kInputs = kOp == FloatOp::kCopysign ? 2 : 1, kWide = 1;
  static constexpr bool kDirected = false;
  static T Do(T a) {
    const Bits<T> bits = ToBits(kFtz ? Flush(a) : a);
    return FromBits<T>(kOp == FloatOp::kAbs ? bits & ~kSignBit<T> : bits ^ kSignBit<T>);
  }
  // The sign of a, the magnitude of b.
  static T Do(T a, T b) {
    return FromBits<T>((ToBits(a) & kSignBit<T>) | (ToBits(b) & ~kSignBit<T>));
  }
};

template <class F, bool kRounded>
Handler Pick(const FloatForm& form) {
  if (form.type == Type::kF64) {
    if (form.ftz || form.sat) return nullptr;
    return Elementwise<Arithmetic<double, F, false, false, kRounded>>;
  }
  if (form.type == Type::kF32x2) {
    if (form.sat) return nullptr;
    return form.ftz ? Elementwise<Arithmetic<float, F, true, false, kRounded, 2>>
                    : Elementwise<Arithmetic<float, F, false, false, kRounded, 2>>;
  }
  if (form.ftz) {
    return form.sat ? Elementwise<Arithmetic<float, F, true, true, kRounded>>
                    : Elementwise<Arithmetic<float, F, true, false, kRounded>>;
  }
  return form.sat ? Elementwise<Arithmetic<float, F, false, true, kRounded>>
                  : Elementwise<Arithmetic<float, F, false, false, kRounded>>;
}

template <class F, class Rounded = F>
Handler PickRounding(const FloatForm& form) {
  return form.directed ? Pick<Rounded, true>(form) : Pick<F, false>(form);
}

template <FloatOp kOp>
Handler PickSigns(const FloatForm& form) {
  if (form.type == Type::kF64) return form.ftz ? nullptr : Elementwise<Signs<double, kOp, false>>;
  if (form.type != Type::kF32) return nullptr;
  return form.ftz ? Elementwise<Signs<float, kOp, true>> : Elementwise<Signs<float, kOp, false>>;
}

#if !CAESAR_SIM_ISA_IS_AVX2
template <bool kFtz, bool kSat, int kWide>
Step FmaOfFloats(Warp& warp, const Op& op) {
  constexpr int kCount = kLanes * kWide;
  const auto load = [](const float* from) {
    const __m128 four = _mm_load_ps(from);
    return kFtz ? FlushFour(four) : four;
  };
  const float* a = Aligned(warp.Lanes<float>(op.a));
  const float* b = Aligned(warp.Lanes<float>(op.b));
  const float* c = Aligned(warp.Lanes<float>(op.c));
  float* dst = Aligned(warp.Lanes<float>(op.dst));
  alignas(64) float result[kCount];
  float* to = warp.active == kAllLanes ? dst : result;
  for (int i = 0; i < kCount; i += 4) {
    _mm_store_ps(to + i, FmaNearestOfFour(load(a + i), load(b + i), load(c + i)));
  }
  if constexpr (kFtz || kSat) {
    for (int i = 0; i < kCount; ++i) {
      const float value = kFtz ? Flush(to[i]) : to[i];
      to[i] = kSat ? Saturate(value) : value;
    }
  }
  if (to == result) Blend<kWide>(dst, result, warp.active);
  return Step::kNext;
}

Step FmaOfDoubles(Warp& warp, const Op& op) {
  const double* a = Aligned(warp.Lanes<double>(op.a));
  const double* b = Aligned(warp.Lanes<double>(op.b));
  const double* c = Aligned(warp.Lanes<double>(op.c));
  alignas(64) double result[kLanes];
  for (int i = 0; i < kLanes; i += 2) FmaNearestOfTwo(a + i, b + i, c + i, result + i);
  Blend(Aligned(warp.Lanes<double>(op.dst)), result, warp.active);
  return Step::kNext;
}

// fma.rn where there are no FMA instructions.
Handler PickFma(const FloatForm& form) {
  if (form.type == Type::kF64) return form.ftz || form.sat ? nullptr : FmaOfDoubles;
  if (form.type == Type::kF32x2) {
    if (form.sat) return nullptr;
    return form.ftz ? FmaOfFloats<true, false, 2> : FmaOfFloats<false, false, 2>;
  }
  if (form.ftz) return form.sat ? FmaOfFloats<true, true, 1> : FmaOfFloats<true, false, 1>;
  return form.sat ? FmaOfFloats<false, true, 1> : FmaOfFloats<false, false, 1>;
}
#endif

}  // namespace

Handler FloatArithmetic(const FloatForm& form) {
  switch (form.op) {
    case FloatOp::kAdd:
      return PickRounding<Add>(form);
    case FloatOp::kSub:
      return PickRounding<Sub>(form);
    case FloatOp::kMul:
      return PickRounding<Mul>(form);
    case FloatOp::kDiv:
      return PickRounding<Div>(form);
    case FloatOp::kRcp:
      return PickRounding<Rcp>(form);
    case FloatOp::kSqrt:
      return PickRounding<Sqrt>(form);
    case FloatOp::kFma:
#if !CAESAR_SIM_ISA_IS_AVX2
      if (!form.directed) return PickFma(form);
#endif
      return PickRounding<Fma, FmaRounded>(form);
    case FloatOp::kRsqrt:
      return Pick<Rsqrt, false>(form);
    case FloatOp::kDivApprox:
      return form.type == Type::kF32 ? Pick<DivApprox, false>(form) : nullptr;
    case FloatOp::kAbs:
      return PickSigns<FloatOp::kAbs>(form);
    case FloatOp::kNeg:
      return PickSigns<FloatOp::kNeg>(form);
    case FloatOp::kCopysign:
      return PickSigns<FloatOp::kCopysign>(form);
    case FloatOp::kMin:
    case FloatOp::kMax:
    case FloatOp::kEx2:
    case FloatOp::kLg2:
    case FloatOp::kSin:
    case FloatOp::kCos:
    case FloatOp::kTanh:
    case FloatOp::kRcpHigh:
    case FloatOp::kRsqrtHigh:
      return nullptr;
  }
  return nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
