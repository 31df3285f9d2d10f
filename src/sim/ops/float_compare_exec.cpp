// Executors: setp, set and testp of f32 and f64 operands.
#include "sim/ops/float_forms.h"
#include "sim/ops/float_std.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_compare.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

template <class T, Relation kRelation, bool kFtz>
Step Setp(Warp& warp, const Op& op) {
  const Mask holds =
      CompareLanes<kRelation, kFtz>(Aligned(warp.Lanes<T>(op.a)), Aligned(warp.Lanes<T>(op.b)));
  return FinishSetp(warp, op, holds, 0);
}

template <class T, Relation kRelation, bool kFtz, class D>
Step Set(Warp& warp, const Op& op) {
  const Mask holds =
      CompareLanes<kRelation, kFtz>(Aligned(warp.Lanes<T>(op.a)), Aligned(warp.Lanes<T>(op.b)));
  return FinishSet<D>(warp, op, holds);
}

template <class T, bool kFtz>
Handler PickSetp(Relation relation) {
  switch (relation) {
    case Relation::kEqual:
      return Setp<T, Relation::kEqual, kFtz>;
    case Relation::kNotEqual:
      return Setp<T, Relation::kNotEqual, kFtz>;
    case Relation::kLess:
      return Setp<T, Relation::kLess, kFtz>;
    case Relation::kLessEqual:
      return Setp<T, Relation::kLessEqual, kFtz>;
    case Relation::kNumbers:
      return Setp<T, Relation::kNumbers, kFtz>;
  }
  return nullptr;
}

template <class T, bool kFtz, class D>
Handler PickSetTo(Relation relation) {
  switch (relation) {
    case Relation::kEqual:
      return Set<T, Relation::kEqual, kFtz, D>;
    case Relation::kNotEqual:
      return Set<T, Relation::kNotEqual, kFtz, D>;
    case Relation::kLess:
      return Set<T, Relation::kLess, kFtz, D>;
    case Relation::kLessEqual:
      return Set<T, Relation::kLessEqual, kFtz, D>;
    case Relation::kNumbers:
      return Set<T, Relation::kNumbers, kFtz, D>;
  }
  return nullptr;
}

template <class T, bool kFtz = false>
Handler PickSet(Relation relation, int dst_bits) {
  if (dst_bits == 32) return PickSetTo<T, kFtz, std::uint32_t>(relation);
  return dst_bits == 16 ? PickSetTo<T, kFtz, std::uint16_t>(relation) : nullptr;
}

template <class T, TestClass kTest>
inline bool IsOfClass(T value) {
  constexpr Bits<T> kQuiet = kInfinityBits<T>;
  const Bits<T> magnitude = ToBits(value) & ~kSignBit<T>;
  const Bits<T> exponent = magnitude & kQuiet;
  switch (kTest) {
    case TestClass::kFinite:
      return magnitude < kQuiet;
    case TestClass::kInfinite:
      return magnitude == kQuiet;
    case TestClass::kNumber:
      return magnitude <= kQuiet;
    case TestClass::kNotANumber:
      return magnitude > kQuiet;
    case TestClass::kNormal:
      return magnitude == 0 || (exponent != 0 && exponent != kQuiet);  // zeros are, says PTX
    case TestClass::kSubnormal:
      return exponent == 0 && magnitude != 0;
  }
  return false;
}

template <class T, TestClass kTest>
Step Testp(Warp& warp, const Op& op) {
  const T* a = Aligned(warp.Lanes<T>(op.a));
  Mask mask = 0;
  for (int i = 0; i < kLanes; ++i) mask |= IsOfClass<T, kTest>(a[i]) ? kLaneBit[i] : 0;
  WritePredicate(warp, op.dst, mask);
  return Step::kNext;
}

template <class T>
Handler PickTest(TestClass test) {
  switch (test) {
    case TestClass::kFinite:
      return Testp<T, TestClass::kFinite>;
    case TestClass::kInfinite:
      return Testp<T, TestClass::kInfinite>;
    case TestClass::kNumber:
      return Testp<T, TestClass::kNumber>;
    case TestClass::kNotANumber:
      return Testp<T, TestClass::kNotANumber>;
    case TestClass::kNormal:
      return Testp<T, TestClass::kNormal>;
    case TestClass::kSubnormal:
      return Testp<T, TestClass::kSubnormal>;
  }
  return nullptr;
}

}  // namespace

Handler FloatSetp(Relation relation, Type type, bool ftz) {
  if (type == Type::kF64) return ftz ? nullptr : PickSetp<double, false>(relation);
  if (type != Type::kF32) return nullptr;
  return ftz ? PickSetp<float, true>(relation) : PickSetp<float, false>(relation);
}

Handler FloatSet(Relation relation, Type type, bool ftz, int dst_bits) {
  if (type == Type::kF32) {
    return ftz ? PickSet<float, true>(relation, dst_bits) : PickSet<float>(relation, dst_bits);
  }
  return type == Type::kF64 && !ftz ? PickSet<double>(relation, dst_bits) : nullptr;
}

Handler FloatTest(TestClass test, Type type) {
  if (type == Type::kF32) return PickTest<float>(test);
  return type == Type::kF64 ? PickTest<double>(test) : nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
