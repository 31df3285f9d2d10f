// What all comparisons share: relations, boolean combination with a third predicate, and writing
// the results of setp and set. Include behind sim/isa_begin.h.
#pragma once

#include "sim/ops/float_forms.h"
#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {

// All but kNotEqual are false for a NaN; so is that: it is ordered.
template <Relation kRelation, class T>
inline bool Holds(T a, T b) {
  if constexpr (kRelation == Relation::kEqual) return a == b;
  if constexpr (kRelation == Relation::kNotEqual) return a < b || a > b;
  if constexpr (kRelation == Relation::kLess) return a < b;
  if constexpr (kRelation == Relation::kLessEqual) return a <= b;
  if constexpr (kRelation == Relation::kNumbers) return a == a && b == b;
}

// A bit for each lane.
template <Relation kRelation, bool kFtz, class T>
inline Mask CompareLanes(const T* a, const T* b) {
  Mask mask = 0;
  for (int i = 0; i < kLanes; ++i) {
    bool holds = false;
    if constexpr (kFtz) {
      holds = Holds<kRelation>(Flush(a[i]), Flush(b[i]));
    } else {
      holds = Holds<kRelation>(a[i], b[i]);
    }
    mask |= holds ? kLaneBit[i] : 0;
  }
  return mask;
}

inline Mask Combine(std::uint8_t flags, Mask holds, Mask c) {
  switch (flags & kBoolMask) {
    case kBoolAnd:
      return holds & c;
    case kBoolOr:
      return holds | c;
    case kBoolXor:
      return holds ^ c;
    default:
      return holds;
  }
}

inline Mask ThirdOperand(Warp& warp, const Op& op) {
  if (op.c == kNoSlot) return 0;
  const Mask c = warp.Predicate(op.c);
  return (op.flags & kNegatedC) != 0 ? ~c : c;
}

inline void WritePredicate(Warp& warp, Slot slot, Mask value) {
  Mask& predicate = warp.Predicate(slot);
  predicate = (predicate & ~warp.active) | (value & warp.active);
}

// Op::slots, if there: {p, q}. q is the combination with the opposite, or with `second`.
inline Step FinishSetp(Warp& warp, const Op& op, Mask holds, Mask second) {
  if ((op.flags & kComplement) != 0) {
    holds = ~holds;
    second = ~second;
  }
  if ((op.flags & kUpperHalf) == 0) second = ~holds;
  const Mask c = ThirdOperand(warp, op);
  const Mask p = Combine(op.flags, holds, c), q = Combine(op.flags, second, c);
  WritePredicate(warp, op.dst, p);
  if (op.slots != nullptr) WritePredicate(warp, op.slots[1], q);
  return Step::kNext;
}

// Op::immediate is what true is in the destination's type; false is 0. kWide 2: `second` is of the
// upper halves.
template <class D, int kWide = 1>
inline Step FinishSet(Warp& warp, const Op& op, Mask holds, Mask second = 0) {
  const Mask c = ThirdOperand(warp, op);
  const Mask flip = (op.flags & kComplement) != 0 ? kAllLanes : 0;
  const Mask low = Combine(op.flags, holds ^ flip, c), high = Combine(op.flags, second ^ flip, c);
  const D value = static_cast<D>(op.immediate);
  alignas(64) D result[kLanes * kWide];
  for (int i = 0; i < kLanes; ++i) {
    result[i * kWide] = (low & kLaneBit[i]) != 0 ? value : D{0};
    if constexpr (kWide == 2) result[i * 2 + 1] = (high & kLaneBit[i]) != 0 ? value : D{0};
  }
  Blend<kWide>(Aligned(warp.Lanes<D>(op.dst)), result, warp.active);
  return Step::kNext;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
