// Products of integers: mul, mad, mul24, mad24, dot products; and sums with a carry.
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

struct MulLo {
  template <class T>
  static T Do(T a, T b) {
    return LowProduct(a, b);
  }
};
struct MulHi {
  template <class T>
  static T Do(T a, T b) {
    return HighProduct(a, b);
  }
};
struct MulWide {
  template <class T>
  static Wide<T> Do(T a, T b) {
    return static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b);
  }
};
template <class Product>
struct Mad {
  template <class T, class C>
  static C Do(T a, T b, C c) {
    return Sum<C>(Product::template Do<T>(a, b), c);
  }
};
struct MadHiSat {
  static std::int32_t Do(std::int32_t a, std::int32_t b, std::int32_t c) {
    return SaturateS32(std::int64_t{HighProduct(a, b)} + c);
  }
};

// The 48-bit product of the low 24 bits. .lo: its bits 31..0; .hi: its bits 47..16.
template <class T>
std::int64_t Product24(T a, T b) {
  if constexpr (kSignedLane<T>) {
    const auto extend = [](T value) {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << 8) >> 8;
    };
    return std::int64_t{extend(a)} * extend(b);
  } else {
    return static_cast<std::int64_t>(std::uint64_t{a & 0xFFFFFFu} * (b & 0xFFFFFFu));
  }
}
struct Mul24Lo {
  template <class T>
  static T Do(T a, T b) {
    return static_cast<T>(Product24(a, b));
  }
};
struct Mul24Hi {
  template <class T>
  static T Do(T a, T b) {
    return static_cast<T>(Product24(a, b) >> 16);
  }
};
struct Mad24HiSat {
  static std::int32_t Do(std::int32_t a, std::int32_t b, std::int32_t c) {
    return SaturateS32(std::int64_t{Mul24Hi::Do(a, b)} + c);
  }
};

// Sums of products of bytes of a with bytes (dp4a) or of halves of a with bytes of b (dp2a).
template <bool kSigned, int kElementBits>
std::int32_t Element(std::uint32_t value, int index) {
  const std::uint32_t top = value << (32 - kElementBits * (index + 1));
  if constexpr (kSigned) {
    return static_cast<std::int32_t>(top) >> (32 - kElementBits);
  } else {
    return static_cast<std::int32_t>(top >> (32 - kElementBits));
  }
}
template <bool kSignedA, bool kSignedB>
struct Dp4a {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    for (int i = 0; i < 4; ++i) {
      c += static_cast<std::uint32_t>(Element<kSignedA, 8>(a, i) * Element<kSignedB, 8>(b, i));
    }
    return c;
  }
};
template <bool kSignedA, bool kSignedB, int kFirst>
struct Dp2a {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    for (int i = 0; i < 2; ++i) {
      c += static_cast<std::uint32_t>(Element<kSignedA, 16>(a, i) *
                                      Element<kSignedB, 8>(b, i + kFirst));
    }
    return c;
  }
};
template <bool kSignedA, bool kSignedB>
void PutDots(IntegerForms& forms, std::string_view dp4a, std::string_view low,
             std::string_view high) {
  using u32 = std::uint32_t;
  constexpr Type kType = kSignedB ? Type::kS32 : Type::kU32;
  Put<Dp4a<kSignedA, kSignedB>, u32, u32, u32, u32>(forms, dp4a, kType);
  Put<Dp2a<kSignedA, kSignedB, 0>, u32, u32, u32, u32>(forms, low, kType);
  Put<Dp2a<kSignedA, kSignedB, 2>, u32, u32, u32, u32>(forms, high, kType);
}

// --- Carry chains: the carry is a predicate, its slot Op::immediate.

// a + b + c, where the last is the carry; the carry out. With kBorrow a - b - (1 - c), as a + ~b +
// c: where PTX speaks of a borrow, the hardware has its opposite in CC.CF, and code that nvcc emits
// for 128-bit division reads it with addc.
template <class U, bool kBorrow>
bool AddWithCarry(U a, U b, bool carry, U* result) {
  U first, second;
  if constexpr (kBorrow) {
    const bool one = __builtin_sub_overflow(a, b, &first);
    const bool two = __builtin_sub_overflow(first, U{!carry}, &second);
    *result = second;
    return !(one || two);
  } else {
    const bool one = __builtin_add_overflow(a, b, &first);
    const bool two = __builtin_add_overflow(first, U{carry}, &second);
    *result = second;
    return one || two;
  }
}
// The two numbers to be added.
struct Terms {
  template <class T>
  static T Left(T a, T, T) {
    return a;
  }
  template <class T>
  static T Right(T, T b, T) {
    return b;
  }
  static constexpr int kSources = 2;
};
template <class Product>
struct MadTerms {
  template <class T>
  static T Left(T a, T b, T) {
    return Product::template Do<T>(a, b);
  }
  template <class T>
  static T Right(T, T, T c) {
    return c;
  }
  static constexpr int kSources = 3;
};
template <class F, class T, bool kBorrow, bool kIn, bool kOut>
Step Carry(Warp& warp, const Op& op) {
  using U = Unsigned<T>;
  const T* a = warp.Lanes<T>(op.a);
  const T* b = warp.Lanes<T>(op.b);
  const T* c = warp.Lanes<T>(F::kSources == 3 ? op.c : op.b);
  Mask& carry = warp.Predicate(static_cast<Slot>(op.immediate));
  Mask carried = 0;
  {
    Out<U> out(warp, op.dst);
    for (int i = 0; i < kLanes; ++i) {
      const bool in = kIn ? (carry >> i & 1) != 0 : kBorrow;
      const bool one =
          AddWithCarry<U, kBorrow>(static_cast<U>(F::Left(a[i], b[i], c[i])),
                                   static_cast<U>(F::Right(a[i], b[i], c[i])), in, &out.data[i]);
      carried |= Mask{one} << i;
    }
  }
  if constexpr (kOut) MergePredicate(carry, carried, warp.active);
  return Step::kNext;
}
template <class F, class T, bool kBorrow, bool kIn, bool kOut>
void PutCarry(IntegerForms& forms, std::string_view name) {
  constexpr Type kType = IntegerType<T>();
  forms.Add({name,
             kType,
             &Carry<F, T, kBorrow, kIn, kOut>,
             {kType, kType, kType, kType},
             1 + F::kSources,
             true});
}
// cc: add.cc; c: addc; c_cc: addc.cc.
template <class F, bool kBorrow, class... T>
void PutCarries(IntegerForms& forms, std::string_view cc, std::string_view c,
                std::string_view c_cc) {
  (PutCarry<F, T, kBorrow, false, true>(forms, cc), ...);
  (PutCarry<F, T, kBorrow, true, false>(forms, c), ...);
  (PutCarry<F, T, kBorrow, true, true>(forms, c_cc), ...);
}

}  // namespace

void AddMultiplication(IntegerForms& forms) {
  using u16 = std::uint16_t;
  using s16 = std::int16_t;
  using u32 = std::uint32_t;
  using s32 = std::int32_t;
  using u64 = std::uint64_t;
  using s64 = std::int64_t;
  PutBinaryAll<MulLo>(forms, "mul.lo");
  PutBinaryAll<MulHi>(forms, "mul.hi");
  PutTernaryAll<Mad<MulLo>>(forms, "mad.lo");
  PutTernaryAll<Mad<MulHi>>(forms, "mad.hi");
  PutTernary<MadHiSat, s32>(forms, "mad.hi.sat");
  Put<MulWide, u32, u16, u16>(forms, "mul.wide", Type::kU16);
  Put<MulWide, s32, s16, s16>(forms, "mul.wide", Type::kS16);
  Put<MulWide, u64, u32, u32>(forms, "mul.wide", Type::kU32);
  Put<MulWide, s64, s32, s32>(forms, "mul.wide", Type::kS32);
  Put<Mad<MulWide>, u32, u16, u16, u32>(forms, "mad.wide", Type::kU16);
  Put<Mad<MulWide>, s32, s16, s16, s32>(forms, "mad.wide", Type::kS16);
  Put<Mad<MulWide>, u64, u32, u32, u64>(forms, "mad.wide", Type::kU32);
  Put<Mad<MulWide>, s64, s32, s32, s64>(forms, "mad.wide", Type::kS32);
  PutBinary<Mul24Lo, u32, s32>(forms, "mul24.lo");
  PutBinary<Mul24Hi, u32, s32>(forms, "mul24.hi");
  PutTernary<Mad<Mul24Lo>, u32, s32>(forms, "mad24.lo");
  PutTernary<Mad<Mul24Hi>, u32, s32>(forms, "mad24.hi");
  PutTernary<Mad24HiSat, s32>(forms, "mad24.hi.sat");
  PutDots<false, false>(forms, "dp4a.u32", "dp2a.lo.u32", "dp2a.hi.u32");
  PutDots<false, true>(forms, "dp4a.u32", "dp2a.lo.u32", "dp2a.hi.u32");
  PutDots<true, false>(forms, "dp4a.s32", "dp2a.lo.s32", "dp2a.hi.s32");
  PutDots<true, true>(forms, "dp4a.s32", "dp2a.lo.s32", "dp2a.hi.s32");
}

void AddCarries(IntegerForms& forms) {
  using u32 = std::uint32_t;
  using s32 = std::int32_t;
  using u64 = std::uint64_t;
  using s64 = std::int64_t;
  PutCarries<Terms, false, u32, s32, u64, s64>(forms, "add.cc", "addc", "addc.cc");
  PutCarries<Terms, true, u32, s32, u64, s64>(forms, "sub.cc", "subc", "subc.cc");
  PutCarries<MadTerms<MulLo>, false, u32, s32, u64, s64>(forms, "mad.lo.cc", "madc.lo",
                                                         "madc.lo.cc");
  PutCarries<MadTerms<MulHi>, false, u32, s32, u64, s64>(forms, "mad.hi.cc", "madc.hi",
                                                         "madc.hi.cc");
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
