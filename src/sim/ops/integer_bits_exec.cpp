// Bit fields and counts: bfe, bfi, bfind, brev, popc, clz, fns, bmsk, szext.
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

// `count` low bits, which may be the whole width.
template <class U>
U LowBits(std::uint32_t count) {
  return count >= static_cast<std::uint32_t>(kBits<U>) ? static_cast<U>(~U{0})
                                                       : static_cast<U>((U{1} << count) - 1);
}
template <class U>
U ShiftRight(U value, std::uint32_t n) {
  return n < static_cast<std::uint32_t>(kBits<U>) ? value >> n : 0;
}
template <class U>
U ShiftLeft(U value, std::uint32_t n) {
  return n < static_cast<std::uint32_t>(kBits<U>) ? value << n : 0;
}

// The field of b & 0xFF and c & 0xFF: position and length. Bits above it are its sign, which is the
// register's sign where the field reaches beyond it.
struct Bfe {
  template <class T>
  static T Do(T a, std::uint32_t b, std::uint32_t c) {
    using U = Unsigned<T>;
    constexpr std::uint32_t kLast = static_cast<std::uint32_t>(kBits<T>) - 1;
    const std::uint32_t position = b & 0xFF, length = c & 0xFF;
    const U bits = static_cast<U>(a);
    const U mask = LowBits<U>(length);
    U field = ShiftRight(bits, position) & mask;
    if constexpr (kSignedLane<T>) {
      const std::uint32_t top = position + length - 1;  // only used where length > 0
      const bool sign = length != 0 && (bits >> (top < kLast ? top : kLast) & 1) != 0;
      // Within the field, too, where it has no bits in the register.
      const U there = position > kLast ? 0 : LowBits<U>(kLast + 1 - position) & mask;
      if (sign) field |= ~there;
    }
    return static_cast<T>(field);
  }
};
struct Bfi {
  template <class U>
  static U Do(U a, U b, std::uint32_t c, std::uint32_t d) {
    const std::uint32_t position = c & 0xFF;
    const U mask = ShiftLeft(LowBits<U>(d & 0xFF), position);
    return (b & ~mask) | (ShiftLeft(a, position) & mask);
  }
};

template <class U>
std::uint32_t LeadingZeros(U value) {
  if constexpr (sizeof(U) == 8) {
    return value == 0 ? 64 : static_cast<std::uint32_t>(__builtin_clzll(value));
  } else {
    return value == 0 ? 32 : static_cast<std::uint32_t>(__builtin_clz(value));
  }
}
// The highest bit that is not the sign; all ones: there is none.
template <bool kShiftAmount>
struct Bfind {
  template <class T>
  static std::uint32_t Do(T a) {
    const auto bits = static_cast<Unsigned<T>>(a < 0 ? ~a : a);
    const std::uint32_t zeros = LeadingZeros(bits);
    if (bits == 0) return ~0u;
    return kShiftAmount ? zeros : static_cast<std::uint32_t>(kBits<T>) - 1 - zeros;
  }
};
struct Clz {
  template <class U>
  static std::uint32_t Do(U a) {
    return LeadingZeros(a);
  }
};
struct Popc {
  template <class U>
  static std::uint32_t Do(U a) {
    if constexpr (sizeof(U) == 8) {
      return static_cast<std::uint32_t>(__builtin_popcountll(a));
    } else {
      return static_cast<std::uint32_t>(__builtin_popcount(a));
    }
  }
};
struct Brev {
  static std::uint32_t Do(std::uint32_t a) {
    a = (a >> 1 & 0x5555'5555u) | (a & 0x5555'5555u) << 1;
    a = (a >> 2 & 0x3333'3333u) | (a & 0x3333'3333u) << 2;
    a = (a >> 4 & 0x0F0F'0F0Fu) | (a & 0x0F0F'0F0Fu) << 4;
    return __builtin_bswap32(a);
  }
  static std::uint64_t Do(std::uint64_t a) {
    return std::uint64_t{Do(static_cast<std::uint32_t>(a))} << 32 |
           Do(static_cast<std::uint32_t>(a >> 32));
  }
};

// The |offset|-th set bit of a from bit `base` on, upwards or downwards; 0: the bit itself.
struct Fns {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t base, std::int32_t offset) {
    if (base > 31) return ~0u;
    if (offset == 0) return (a >> base & 1) != 0 ? base : ~0u;
    const auto size = static_cast<std::uint32_t>(offset);
    std::uint32_t count = (offset > 0 ? size : 0 - size) - 1;
    for (int at = static_cast<int>(base); at >= 0 && at<32; at += offset> 0 ? 1 : -1) {
      if ((a >> at & 1) != 0 && count-- == 0) return static_cast<std::uint32_t>(at);
    }
    return ~0u;
  }
};

// PTX ISA, bmsk: b bits from bit a on.
template <bool kClamp>
struct Bmsk {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t position = a & 31, width = b & 31;
    if (kClamp && a > 31) return 0;
    const bool to_the_top = position + width > 31 || (kClamp && b > 31);
    return ShiftLeft(to_the_top ? ~0u : LowBits<std::uint32_t>(width), position);
  }
};
// PTX ISA, szext: the low b bits of a, sign- or zero-extended; no bits are 0.
template <bool kClamp>
struct Szext {
  template <class T>
  static T Do(T a, std::uint32_t b) {
    if (kClamp && b > 31) return a;
    const std::uint32_t bits = b & 31, unused = 32 - bits;
    if (bits == 0) return 0;
    const std::uint32_t top = static_cast<std::uint32_t>(a) << unused;
    return static_cast<T>(static_cast<T>(top) >> unused);
  }
};

template <class F, class... U>
void PutCount(IntegerForms& forms, std::string_view name) {
  (forms.Add({name, BitsType<U>(), MapOf<F, std::uint32_t, U>(), {Type::kU32, BitsType<U>()}, 2}),
   ...);
}
template <class F, class... T>
void PutFind(IntegerForms& forms, std::string_view name) {
  (forms.Add(
       {name, IntegerType<T>(), MapOf<F, std::uint32_t, T>(), {Type::kU32, IntegerType<T>()}, 2}),
   ...);
}

}  // namespace

void AddBits(IntegerForms& forms) {
  using u32 = std::uint32_t;
  using s32 = std::int32_t;
  using u64 = std::uint64_t;
  using s64 = std::int64_t;
  Put<Bfe, u32, u32, u32, u32>(forms, "bfe", Type::kU32);
  Put<Bfe, s32, s32, u32, u32>(forms, "bfe", Type::kS32);
  Put<Bfe, u64, u64, u32, u32>(forms, "bfe", Type::kU64);
  Put<Bfe, s64, s64, u32, u32>(forms, "bfe", Type::kS64);
  Put<Bfi, u32, u32, u32, u32, u32>(forms, "bfi", Type::kB32);
  Put<Bfi, u64, u64, u64, u32, u32>(forms, "bfi", Type::kB64);
  PutFind<Bfind<false>, u32, s32, u64, s64>(forms, "bfind");
  PutFind<Bfind<true>, u32, s32, u64, s64>(forms, "bfind.shiftamt");
  PutCount<Clz, u32, u64>(forms, "clz");
  PutCount<Popc, u32, u64>(forms, "popc");
  Put<Brev, u32, u32>(forms, "brev", Type::kB32);
  Put<Brev, u64, u64>(forms, "brev", Type::kB64);
  Put<Fns, u32, u32, u32, s32>(forms, "fns", Type::kB32);
  Put<Bmsk<true>, u32, u32, u32>(forms, "bmsk.clamp", Type::kB32);
  Put<Bmsk<false>, u32, u32, u32>(forms, "bmsk.wrap", Type::kB32);
  Put<Szext<true>, u32, u32, u32>(forms, "szext.clamp", Type::kU32);
  Put<Szext<false>, u32, u32, u32>(forms, "szext.wrap", Type::kU32);
  Put<Szext<true>, s32, s32, u32>(forms, "szext.clamp", Type::kS32);
  Put<Szext<false>, s32, s32, u32>(forms, "szext.wrap", Type::kS32);
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
