// Shifts and logic of registers: shl, shr, shf, and, or, xor, not, cnot, lop3, prmt.
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

// Counts beyond the width are the width.
struct Shl {
  template <class T>
  static T Do(T a, std::uint32_t n) {
    const auto shifted = static_cast<T>(static_cast<Modular<T>>(a) << (n & (kBits<T> - 1)));
    return n < static_cast<std::uint32_t>(kBits<T>) ? shifted : T{0};
  }
};
struct Shr {
  template <class T>
  static T Do(T a, std::uint32_t n) {
    constexpr std::uint32_t kLast = static_cast<std::uint32_t>(kBits<T>) - 1;
    if constexpr (kSignedLane<T>) {
      return static_cast<T>(a >> (n < kLast ? n : kLast));
    } else {
      const auto shifted = static_cast<T>(a >> (n & kLast));
      return n <= kLast ? shifted : T{0};
    }
  }
};
// Funnel shifts of b:a; the count is clamped to 32 or taken modulo 32.
template <bool kLeft, bool kClamp>
struct Shf {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    const std::uint32_t n = kClamp ? (c < 32 ? c : 32) : c & 31;
    const std::uint64_t both = std::uint64_t{b} << 32 | a;
    return static_cast<std::uint32_t>(kLeft ? both << n >> 32 : both >> n);
  }
};

struct And {
  template <class T>
  static T Do(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  static T Do(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <class T>
  static T Do(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct Not {
  template <class T>
  static T Do(T a) {
    return static_cast<T>(~a);
  }
};
struct Cnot {
  template <class T>
  static T Do(T a) {
    return a == 0 ? T{1} : T{0};
  }
};

// Any function of three bits: bit 4a + 2b + c of `lut`, three layers of choices between constants.
class Lut {
 public:
  explicit Lut(std::uint64_t lut) {
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t zero = Fill(lut >> i), one = Fill(lut >> (i + 4));
      low_[i] = zero;
      differ_[i] = zero ^ one;
    }
  }
  std::uint32_t operator()(std::uint32_t a, std::uint32_t b, std::uint32_t c) const {
    const std::uint32_t c0 = Choose(b, Row(a, 0), Row(a, 2));
    const std::uint32_t c1 = Choose(b, Row(a, 1), Row(a, 3));
    return Choose(c, c0, c1);
  }

 private:
  static std::uint32_t Fill(std::uint64_t bit) { return (bit & 1) != 0 ? ~0u : 0u; }
  static std::uint32_t Choose(std::uint32_t by, std::uint32_t zero, std::uint32_t one) {
    return zero ^ (by & (zero ^ one));
  }
  std::uint32_t Row(std::uint32_t a, int i) const { return low_[i] ^ (a & differ_[i]); }

  std::uint32_t low_[4], differ_[4];
};
Step Lop3(Warp& warp, const Op& op) {
  const auto* a = warp.Lanes<std::uint32_t>(op.a);
  const auto* b = warp.Lanes<std::uint32_t>(op.b);
  const auto* c = warp.Lanes<std::uint32_t>(op.c);
  const Lut lut(static_cast<std::uint64_t>(op.immediate));
  Out<std::uint32_t> out(warp, op.dst);
  std::uint32_t* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = lut(a[i], b[i], c[i]);
  return Step::kNext;
}
// lop3.BoolOp d|p, a, b, c, lut, q: p = (d != 0) BoolOp q. Slots: d, p, a, b, c, q.
Step Lop3Predicate(Warp& warp, const Op& op) {
  const auto* a = warp.Lanes<std::uint32_t>(op.slots[2]);
  const auto* b = warp.Lanes<std::uint32_t>(op.slots[3]);
  const auto* c = warp.Lanes<std::uint32_t>(op.slots[4]);
  const Lut lut(static_cast<std::uint64_t>(op.immediate));
  Mask nonzero = 0;
  {
    Out<std::uint32_t> out(warp, op.dst);
    for (int i = 0; i < kLanes; ++i) {
      out.data[i] = lut(a[i], b[i], c[i]);
      nonzero |= out.data[i] != 0 ? kLaneBits32.bit[i] : 0;
    }
  }
  const Mask q = warp.Predicate(op.slots[5]) ^ ((op.flags & kCompareNegatedC) != 0 ? ~Mask{0} : 0);
  const bool conjunction = (op.flags & kCompareBoolean) == kCompareAnd;
  MergePredicate(warp.Predicate(op.slots[1]), conjunction ? nonzero & q : nonzero | q, warp.active);
  return Step::kNext;
}

template <class F>
Step OfPredicates(Warp& warp, const Op& op) {
  const Mask a = warp.Predicate(op.a), b = warp.Predicate(op.b);
  MergePredicate(warp.Predicate(op.dst), F::Do(a, b), warp.active);
  return Step::kNext;
}
struct NotFirst {
  static Mask Do(Mask a, Mask) { return ~a; }
};

// Bytes of b:a, chosen by nibbles of c; the nibble's top bit spreads the byte's sign instead.
struct Permute {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    const std::uint64_t both = std::uint64_t{b} << 32 | a;
    std::uint32_t result = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned nibble = c >> (4 * i) & 15;
      const auto byte = static_cast<std::uint32_t>(both >> (8 * (nibble & 7)) & 0xFF);
      const std::uint32_t sign = (byte & 0x80) != 0 ? 0xFF : 0;
      result |= ((nibble & 8) != 0 ? sign : byte) << (8 * i);
    }
    return result;
  }
};
// The modes are selectors for the default one, chosen by the low two bits of c. PTX ISA 9.7.8.7.
struct PermuteMode {
  std::string_view name;
  std::uint16_t selectors[4];
};
constexpr PermuteMode kForward4 = {"prmt.f4e", {0x3210, 0x4321, 0x5432, 0x6543}};
constexpr PermuteMode kBackward4 = {"prmt.b4e", {0x5670, 0x6701, 0x7012, 0x0123}};
constexpr PermuteMode kReplicate8 = {"prmt.rc8", {0x0000, 0x1111, 0x2222, 0x3333}};
constexpr PermuteMode kClampLeft = {"prmt.ecl", {0x3210, 0x3211, 0x3222, 0x3333}};
constexpr PermuteMode kClampRight = {"prmt.ecr", {0x0000, 0x1110, 0x2210, 0x3210}};
constexpr PermuteMode kReplicate16 = {"prmt.rc16", {0x1010, 0x3232, 0x1010, 0x3232}};
template <const PermuteMode& kMode>
struct PermuteBy {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return Permute::Do(a, b, kMode.selectors[c & 3]);
  }
};
template <const PermuteMode& kMode>
void PutPermute(IntegerForms& forms) {
  using u32 = std::uint32_t;
  Put<PermuteBy<kMode>, u32, u32, u32, u32>(forms, kMode.name, Type::kB32);
}

template <class F, class... T>
void PutBits(IntegerForms& forms, std::string_view name) {
  if constexpr (std::is_same_v<F, Not> || std::is_same_v<F, Cnot>) {
    (Put<F, T, T>(forms, name, BitsType<T>()), ...);
  } else {
    (Put<F, T, T, T>(forms, name, BitsType<T>()), ...);
  }
}
template <class F, class... T>
void PutShift(IntegerForms& forms, std::string_view name) {
  (forms.Add({name,
              IntegerType<T>(),
              MapOf<F, T, T, std::uint32_t>(),
              {IntegerType<T>(), IntegerType<T>(), Type::kU32},
              3}),
   ...);
}
template <class F, class... T>
void PutShiftBits(IntegerForms& forms, std::string_view name) {
  (forms.Add({name,
              BitsType<T>(),
              MapOf<F, T, T, std::uint32_t>(),
              {BitsType<T>(), BitsType<T>(), Type::kU32},
              3}),
   ...);
}

}  // namespace

void AddShifts(IntegerForms& forms) {
  using u16 = std::uint16_t;
  using s16 = std::int16_t;
  using u32 = std::uint32_t;
  using s32 = std::int32_t;
  using u64 = std::uint64_t;
  using s64 = std::int64_t;
  PutShiftBits<Shl, u16, u32, u64>(forms, "shl");
  PutShiftBits<Shr, u16, u32, u64>(forms, "shr");
  PutShift<Shr, u16, s16, u32, s32, u64, s64>(forms, "shr");
  Put<Shf<true, true>, u32, u32, u32, u32>(forms, "shf.l.clamp", Type::kB32);
  Put<Shf<true, false>, u32, u32, u32, u32>(forms, "shf.l.wrap", Type::kB32);
  Put<Shf<false, true>, u32, u32, u32, u32>(forms, "shf.r.clamp", Type::kB32);
  Put<Shf<false, false>, u32, u32, u32, u32>(forms, "shf.r.wrap", Type::kB32);
  PutBits<And, u16, u32, u64>(forms, "and");
  PutBits<Or, u16, u32, u64>(forms, "or");
  PutBits<Xor, u16, u32, u64>(forms, "xor");
  PutBits<Not, u16, u32, u64>(forms, "not");
  PutBits<Cnot, u16, u32, u64>(forms, "cnot");
  forms.Add({"lop3", Type::kB32, &Lop3, {Type::kB32, Type::kB32, Type::kB32, Type::kB32}, 4});
  Put<Permute, u32, u32, u32, u32>(forms, "prmt", Type::kB32);
  PutPermute<kForward4>(forms);
  PutPermute<kBackward4>(forms);
  PutPermute<kReplicate8>(forms);
  PutPermute<kClampLeft>(forms);
  PutPermute<kClampRight>(forms);
  PutPermute<kReplicate16>(forms);
}

Handler PredicateHandler(std::string_view opcode) {
  if (opcode == "and") return &OfPredicates<And>;
  if (opcode == "or") return &OfPredicates<Or>;
  if (opcode == "xor") return &OfPredicates<Xor>;
  return opcode == "not" ? &OfPredicates<NotFirst> : nullptr;
}
Handler Lop3PredicateHandler() { return &Lop3Predicate; }

}  // namespace caesar::sim::CAESAR_SIM_ISA
