// Executors: setp and set of f16, f16x2, bf16 and bf16x2.
#include "sim/ops/float_std.h"
#include "sim/ops/half_forms.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_compare.h"
#include "sim/ops/half_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

// A half-precision operand's row, of the lower (0) or upper (1) halves where it is packed.
template <class H, int kWide>
inline void LoadHalf(Warp& warp, Slot slot, int which, bool ftz, float* to) {
  const HalfBits* from = warp.Lanes<HalfBits>(slot);
  if constexpr (kWide == 1) {
    LoadHalves<H, kLanes>(from, ftz, to);
  } else {
    alignas(64) HalfBits row[kLanes];
    for (int i = 0; i < kLanes; ++i) row[i] = from[i * 2 + which];
    LoadHalves<H, kLanes>(row, ftz, to);
  }
}

template <class H, int kWide, Relation kRelation>
inline Mask CompareHalves(Warp& warp, const Op& op, int which) {
  const bool ftz = (op.immediate >> 32) != 0;
  alignas(64) float a[kLanes], b[kLanes];
  LoadHalf<H, kWide>(warp, op.a, which, ftz, a);
  LoadHalf<H, kWide>(warp, op.b, which, ftz, b);
  return CompareLanes<kRelation, false>(a, b);
}

// setp, and set to a result of kBits for each comparison; 0: setp.
template <class H, int kWide, int kBits, Relation kRelation>
Step Compare(Warp& warp, const Op& op) {
  const Mask low = CompareHalves<H, kWide, kRelation>(warp, op, 0);
  const Mask high = kWide == 2 ? CompareHalves<H, kWide, kRelation>(warp, op, kWide - 1) : 0;
  if constexpr (kBits == 0) return FinishSetp(warp, op, low, high);
  if constexpr (kBits == 32) return FinishSet<std::uint32_t>(warp, op, low);
  return FinishSet<std::uint16_t, kWide>(warp, op, low, high);
}

template <class H, int kWide, int kBits>
Handler PickRelation(Relation relation) {
  switch (relation) {
    case Relation::kEqual:
      return Compare<H, kWide, kBits, Relation::kEqual>;
    case Relation::kNotEqual:
      return Compare<H, kWide, kBits, Relation::kNotEqual>;
    case Relation::kLess:
      return Compare<H, kWide, kBits, Relation::kLess>;
    case Relation::kLessEqual:
      return Compare<H, kWide, kBits, Relation::kLessEqual>;
    case Relation::kNumbers:
      return Compare<H, kWide, kBits, Relation::kNumbers>;
  }
  return nullptr;
}

template <class H>
Handler PickSet(Relation relation, bool packed, int dst_bits) {
  if (packed) return dst_bits == 16 ? PickRelation<H, 2, 16>(relation) : nullptr;
  if (dst_bits == 16) return PickRelation<H, 1, 16>(relation);
  return dst_bits == 32 ? PickRelation<H, 1, 32>(relation) : nullptr;
}

}  // namespace

Handler HalfSetp(Relation relation, Type type) {
  if (type == Type::kF16) return PickRelation<F16, 1, 0>(relation);
  if (type == Type::kF16x2) return PickRelation<F16, 2, 0>(relation);
  if (type == Type::kBF16) return PickRelation<BF16, 1, 0>(relation);
  return type == Type::kBF16x2 ? PickRelation<BF16, 2, 0>(relation) : nullptr;
}

Handler HalfSet(Relation relation, Type type, int dst_bits) {
  const bool packed = type == Type::kF16x2 || type == Type::kBF16x2;
  if (type == Type::kF16 || type == Type::kF16x2) return PickSet<F16>(relation, packed, dst_bits);
  if (type == Type::kBF16 || packed) return PickSet<BF16>(relation, packed, dst_bits);
  return nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
