// Executors: min and max of f32 and f64, of two and of three operands.
#include "sim/ops/float_forms.h"
#include "sim/ops/float_std.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_best.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

template <class Element, bool kMax, bool kNan, bool kFtz, bool kXorsign, bool kAbs, int kOperands>
struct MinMax {
  using T = Element;
  static constexpr int kInputs = kOperands, kWide = 1;
  static constexpr bool kDirected = false;
  static T Load(T value) {
    if constexpr (kFtz) value = Flush(value);
    return kAbs ? FromBits<T>(ToBits(value) & ~kSignBit<T>) : value;
  }
  static T Do(T a, T b) {
    const T best = Best<T, kMax, kNan>(Load(a), Load(b));
    if constexpr (!kXorsign) return best;
    // The sign of both operands together; a NaN stays canonical.
    const Bits<T> sign = (ToBits(a) ^ ToBits(b)) & kSignBit<T>;
    return best == best ? FromBits<T>(ToBits(best) ^ sign) : best;
  }
  static T Do(T a, T b, T c) {
    return Best<T, kMax, kNan>(Best<T, kMax, kNan>(Load(a), Load(b)), Load(c));
  }
};

template <class T, bool kMax, bool kNan, bool kFtz>
Handler PickOperands(const FloatForm& form) {
  if (form.xorsign) return Elementwise<MinMax<T, kMax, kNan, kFtz, true, true, 2>>;
  if (form.three) {
    return form.abs ? Elementwise<MinMax<T, kMax, kNan, kFtz, false, true, 3>>
                    : Elementwise<MinMax<T, kMax, kNan, kFtz, false, false, 3>>;
  }
  return form.abs ? nullptr : Elementwise<MinMax<T, kMax, kNan, kFtz, false, false, 2>>;
}

template <bool kMax>
Handler PickMinMax(const FloatForm& form) {
  if (form.type == Type::kF64) {
    const bool plain = !form.ftz && !form.nan && !form.xorsign && !form.abs && !form.three;
    return plain ? Elementwise<MinMax<double, kMax, false, false, false, false, 2>> : nullptr;
  }
  if (form.type != Type::kF32) return nullptr;
  if (form.ftz) {
    return form.nan ? PickOperands<float, kMax, true, true>(form)
                    : PickOperands<float, kMax, false, true>(form);
  }
  return form.nan ? PickOperands<float, kMax, true, false>(form)
                  : PickOperands<float, kMax, false, false>(form);
}

}  // namespace

Handler FloatMinMax(const FloatForm& form) {
  return form.op == FloatOp::kMax ? PickMinMax<true>(form) : PickMinMax<false>(form);
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
