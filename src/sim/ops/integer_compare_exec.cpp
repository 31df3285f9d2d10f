// setp and set of integers. The 32 truth values of a comparison become a mask by or-ing the bit of
// each lane where it holds, which vectorises for every instruction set.
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

struct Eq {
  template <class T>
  static bool Do(T a, T b) {
    return a == b;
  }
};
struct Ne {
  template <class T>
  static bool Do(T a, T b) {
    return a != b;
  }
};
struct Lt {
  template <class T>
  static bool Do(T a, T b) {
    return a < b;
  }
};
struct Le {
  template <class T>
  static bool Do(T a, T b) {
    return a <= b;
  }
};
struct Gt {
  template <class T>
  static bool Do(T a, T b) {
    return a > b;
  }
};
struct Ge {
  template <class T>
  static bool Do(T a, T b) {
    return a >= b;
  }
};

template <class D>
void StoreTruth(Warp& warp, const Op& op, Mask truth) {
  const auto yes = static_cast<D>(op.immediate);
  Out<D> out(warp, op.dst);
  for (int i = 0; i < kLanes; ++i) out.data[i] = (truth & kLaneBits32.bit[i]) != 0 ? yes : D{0};
}

Mask Combine(Mask truth, Mask c, std::uint8_t flags) {
  switch (flags & kCompareBoolean) {
    case kCompareAnd:
      return truth & c;
    case kCompareOr:
      return truth | c;
    case kCompareXor:
      return truth ^ c;
    default:
      return truth;
  }
}

// What is rarer than setp with one predicate.
__attribute__((noinline)) void Finish(Warp& warp, const Op& op, Mask truth) {
  Mask opposite = ~truth;
  if ((op.flags & kCompareBoolean) != 0) {
    const Mask c = warp.Predicate(op.c) ^ ((op.flags & kCompareNegatedC) != 0 ? ~Mask{0} : Mask{0});
    truth = Combine(truth, c, op.flags);
    opposite = Combine(opposite, c, op.flags);
  }
  if ((op.flags & kCompareRegister32) != 0) return StoreTruth<std::uint32_t>(warp, op, truth);
  if ((op.flags & kCompareRegister16) != 0) return StoreTruth<std::uint16_t>(warp, op, truth);
  MergePredicate(warp.Predicate(op.dst), truth, warp.active);
  if ((op.flags & kCompareSecond) != 0) {
    MergePredicate(warp.Predicate(op.slots[1]), opposite, warp.active);
  }
}

template <class F, class T>
Step Compare(Warp& warp, const Op& op) {
  const T* a = warp.Lanes<T>(op.a);
  const T* b = warp.Lanes<T>(op.b);
  const auto& bits = LaneBitsFor<T>();
  std::remove_cv_t<std::remove_reference_t<decltype(bits.bit[0])>> truth = 0;
  for (int i = 0; i < kLanes; ++i) truth |= F::Do(a[i], b[i]) ? bits.bit[i] : 0;
  const auto mask = static_cast<Mask>(truth);
  if (op.flags == 0) {
    MergePredicate(warp.Predicate(op.dst), mask, warp.active);
  } else {
    Finish(warp, op, mask);
  }
  return Step::kNext;
}

template <class F>
Handler OfType(Type type) {
  if (type == Type::kU16) return &Compare<F, std::uint16_t>;
  if (type == Type::kS16) return &Compare<F, std::int16_t>;
  if (type == Type::kU32) return &Compare<F, std::uint32_t>;
  if (type == Type::kS32) return &Compare<F, std::int32_t>;
  if (type == Type::kU64) return &Compare<F, std::uint64_t>;
  return type == Type::kS64 ? &Compare<F, std::int64_t> : nullptr;
}
// Equality knows no sign.
Type UnsignedOf(Type type) {
  if (type == Type::kB16 || type == Type::kS16) return Type::kU16;
  if (type == Type::kB32 || type == Type::kS32) return Type::kU32;
  return type == Type::kB64 || type == Type::kS64 ? Type::kU64 : type;
}

}  // namespace

Handler CompareHandler(std::string_view comparison, Type type) {
  if (comparison == "eq") return OfType<Eq>(UnsignedOf(type));
  if (comparison == "ne") return OfType<Ne>(UnsignedOf(type));
  if (comparison == "lt") return OfType<Lt>(type);
  if (comparison == "le") return OfType<Le>(type);
  if (comparison == "gt") return OfType<Gt>(type);
  if (comparison == "ge") return OfType<Ge>(type);
  if (IsSigned(type)) return nullptr;  // the rest are the names for unsigned types alone
  if (comparison == "lo") return OfType<Lt>(type);
  if (comparison == "ls") return OfType<Le>(type);
  if (comparison == "hi") return OfType<Gt>(type);
  return comparison == "hs" ? OfType<Ge>(type) : nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
