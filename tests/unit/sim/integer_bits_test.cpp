// Shifts, logic, fields and counts against plain loops over bits, as the PTX document states them.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/sim/lanes_check.h"

namespace caesar::sim {
namespace {

using u16 = std::uint16_t;
using s16 = std::int16_t;
using u32 = std::uint32_t;
using s32 = std::int32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

template <class... S, class F>
void Check(const std::string& opcode, F expected, const std::string& suffix = "") {
  CheckLanes<S...>(DecodeInteger, opcode, expected, suffix);
}
template <class T>
std::string Bits() {
  return std::to_string(sizeof(T) * 8);
}

template <class T>
void CheckShiftsAndLogic() {
  const std::string bits = Bits<T>();
  using Signed = std::make_signed_t<T>;
  static constexpr u32 kWidth = sizeof(T) * 8;
  Check<T, T, u32>("shl.b" + bits, [](T a, u32 n) { return n < kWidth ? u64{a} << n : 0; });
  const auto shift_right = [](T a, u32 n) { return n < kWidth ? u64{a} >> n : 0; };
  Check<T, T, u32>("shr.b" + bits, shift_right);
  Check<T, T, u32>("shr.u" + bits, shift_right);
  Check<T, T, u32>("shr.s" + bits,
                   [](T a, u32 n) { return static_cast<Signed>(a) >> std::min(n, kWidth - 1); });
  Check<T, T, T>("and.b" + bits, [](T a, T b) { return a & b; });
  Check<T, T, T>("or.b" + bits, [](T a, T b) { return a | b; });
  Check<T, T, T>("xor.b" + bits, [](T a, T b) { return a ^ b; });
  Check<T, T>("not.b" + bits, [](T a) { return ~a; });
  Check<T, T>("cnot.b" + bits, [](T a) { return a == 0 ? 1 : 0; });
}
TEST(IntegerBits, ShiftsAndLogic) {
  CheckShiftsAndLogic<u16>();
  CheckShiftsAndLogic<u32>();
  CheckShiftsAndLogic<u64>();
}

TEST(IntegerBits, FunnelShifts) {
  const auto both = [](u32 a, u32 b) { return u64{b} << 32 | a; };
  Check<u32, u32, u32, u32>(
      "shf.l.clamp.b32", [&](u32 a, u32 b, u32 c) { return both(a, b) << std::min(c, 32u) >> 32; });
  Check<u32, u32, u32, u32>("shf.l.wrap.b32",
                            [&](u32 a, u32 b, u32 c) { return both(a, b) << (c & 31) >> 32; });
  Check<u32, u32, u32, u32>("shf.r.clamp.b32",
                            [&](u32 a, u32 b, u32 c) { return both(a, b) >> std::min(c, 32u); });
  Check<u32, u32, u32, u32>("shf.r.wrap.b32",
                            [&](u32 a, u32 b, u32 c) { return both(a, b) >> (c & 31); });
}

TEST(IntegerBits, LogicOfThree) {
  for (int lut = 0; lut < 256; lut += 5) {
    Check<u32, u32, u32, u32>(
        "lop3.b32",
        [lut](u32 a, u32 b, u32 c) {
          u32 result = 0;
          for (int i = 0; i < 32; ++i) {
            const u32 index = (a >> i & 1) << 2 | (b >> i & 1) << 1 | (c >> i & 1);
            result |= (static_cast<u32>(lut) >> index & 1) << i;
          }
          return result;
        },
        ", " + std::to_string(lut));
  }
}
TEST(IntegerBits, LogicOfThreeIntoAPredicate) {
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    std::array<u32, kLanes> a{};
    for (std::size_t i = 0; i < kLanes; ++i) a[i] = static_cast<u32>(i % 3);
    harness.Set("%r1", a);
    harness.SetPredicate("%p2", 0x00FF'FF00);
    harness.mask = 0x7FFF'FFFE;
    harness.SetPredicate("%p1", 1);
    // a & b & c.
    ASSERT_EQ(harness.Run("lop3.and.b32 %r2|%p1, %r1, 1, 3, 0x80, %p2;"
                          "lop3.or.b32 _|%p3, %r1, 1, 3, 0x80, !%p2;"),
              "");
    Mask nonzero = 0;
    for (std::size_t i = 0; i < kLanes; ++i) nonzero |= i % 3 == 1 ? Mask{1} << i : 0;
    EXPECT_EQ(harness.GetPredicate("%p1"), (nonzero & 0x00FF'FF00) | 1);
    EXPECT_EQ(harness.GetPredicate("%p3"), (nonzero | 0xFF00'00FF) & harness.mask);
  }
}

u32 PickByte(u64 both, u32 selector) {
  const auto byte = static_cast<u32>(both >> (8 * (selector & 7)) & 0xFF);
  return (selector & 8) != 0 ? (byte >= 0x80 ? 0xFF : 0) : byte;
}
TEST(IntegerBits, Permute) {
  Check<u32, u32, u32, u32>("prmt.b32", [](u32 a, u32 b, u32 c) {
    const u64 both = u64{b} << 32 | a;
    u32 result = 0;
    for (u32 i = 0; i < 4; ++i) result |= PickByte(both, c >> (4 * i) & 15) << (8 * i);
    return result;
  });
  // As formulas: byte i of the result for selector n.
  const auto check = [](const std::string& mode, auto source) {
    Check<u32, u32, u32, u32>("prmt.b32." + mode, [&](u32 a, u32 b, u32 c) {
      const u64 both = u64{b} << 32 | a;
      u32 result = 0;
      for (u32 i = 0; i < 4; ++i) result |= PickByte(both, source(c & 3, i) & 7) << (8 * i);
      return result;
    });
  };
  check("f4e", [](u32 n, u32 i) { return n + i; });
  check("b4e", [](u32 n, u32 i) { return n - i; });
  check("rc8", [](u32 n, u32) { return n; });
  check("ecl", [](u32 n, u32 i) { return std::max(n, i); });
  check("ecr", [](u32 n, u32 i) { return std::min(n, i); });
  check("rc16", [](u32 n, u32 i) { return 2 * (n & 1) + (i & 1); });
}

template <class T>
void CheckFields(const std::string& type) {
  using U = std::make_unsigned_t<T>;
  static constexpr u32 kLast = sizeof(T) * 8 - 1;
  Check<T, T, u32, u32>("bfe" + type, [](T a, u32 b, u32 c) {
    const u32 position = b & 0xFF, length = c & 0xFF;
    const U value = static_cast<U>(a);
    const bool is_signed = std::is_signed_v<T> && length != 0;
    const U sign = is_signed ? value >> std::min(position + length - 1, kLast) & 1 : 0;
    U result = 0;
    for (u32 i = 0; i <= kLast; ++i) {
      result |= (i < length && position + i <= kLast ? value >> (position + i) & 1 : sign) << i;
    }
    return result;
  });
}
template <class U>
void CheckInsert() {
  static constexpr u32 kLast = sizeof(U) * 8 - 1;
  Check<U, U, U, u32, u32>("bfi.b" + Bits<U>(), [](U a, U b, u32 c, u32 d) {
    const u32 position = c & 0xFF, length = d & 0xFF;
    for (u32 i = 0; i < length && position + i <= kLast; ++i) {
      const U bit = U{1} << (position + i);
      b = (a >> i & 1) != 0 ? b | bit : b & ~bit;
    }
    return b;
  });
}
TEST(IntegerBits, Fields) {
  CheckFields<u32>(".u32");
  CheckFields<s32>(".s32");
  CheckFields<u64>(".u64");
  CheckFields<s64>(".s64");
  CheckInsert<u32>();
  CheckInsert<u64>();
}

template <class T>
void CheckFind(const std::string& type) {
  constexpr int kLast = static_cast<int>(sizeof(T)) * 8 - 1;
  const auto find = [](T a) {
    if (a < 0) a = static_cast<T>(~a);
    for (int i = kLast; i >= 0; --i) {
      if ((a >> i & 1) != 0) return static_cast<u32>(i);
    }
    return ~0u;
  };
  Check<u32, T>("bfind" + type, find);
  Check<u32, T>("bfind.shiftamt" + type, [&](T a) {
    const u32 found = find(a);
    return found == ~0u ? found : static_cast<u32>(kLast) - found;
  });
}
template <class U>
void CheckCounts() {
  constexpr int kWidth = static_cast<int>(sizeof(U)) * 8;
  const std::string type = ".b" + Bits<U>();
  Check<u32, U>("popc" + type, [](U a) {
    u32 count = 0;
    for (int i = 0; i < kWidth; ++i) count += static_cast<u32>(a >> i & 1);
    return count;
  });
  Check<u32, U>("clz" + type, [](U a) {
    u32 count = 0;
    for (int i = kWidth - 1; i >= 0 && (a >> i & 1) == 0; --i) ++count;
    return count;
  });
  Check<U, U>("brev" + type, [](U a) {
    U result = 0;
    for (int i = 0; i < kWidth; ++i) result |= (a >> i & 1) << (kWidth - 1 - i);
    return result;
  });
}
TEST(IntegerBits, Counts) {
  CheckFind<u32>(".u32");
  CheckFind<s32>(".s32");
  CheckFind<u64>(".u64");
  CheckFind<s64>(".s64");
  CheckCounts<u32>();
  CheckCounts<u64>();
}

TEST(IntegerBits, FindNthSet) {
  Check<u32, u32, u32, s32>("fns.b32", [](u32 mask, u32 base, s32 offset) {
    if (base > 31) return ~0u;  // PTX leaves it open
    if (offset == 0) return (mask >> base & 1) != 0 ? base : ~0u;
    const s64 step = offset > 0 ? 1 : -1;
    s64 left = std::abs(s64{offset}) - 1;
    for (s64 at = base; at >= 0 && at < 32; at += step) {
      if ((mask >> at & 1) == 0) continue;
      if (left == 0) return static_cast<u32>(at);
      --left;
    }
    return ~0u;
  });
}

TEST(IntegerBits, MasksAndExtensions) {
  const auto mask = [](bool clamp, u32 a, u32 b) {
    const u32 start = clamp ? a : a & 31, width = clamp ? b : b & 31;
    u32 result = 0;
    for (u64 i = start; i < u64{start} + width && i < 32; ++i) result |= 1u << i;
    return result;
  };
  Check<u32, u32, u32>("bmsk.clamp.b32", [&](u32 a, u32 b) { return mask(true, a, b); });
  Check<u32, u32, u32>("bmsk.wrap.b32", [&](u32 a, u32 b) { return mask(false, a, b); });
  const auto extend = [](bool clamp, bool is_signed, u32 a, u32 b) {
    const u32 bits = clamp && b >= 32 ? 32 : b & 31;
    const bool sign = is_signed && bits != 0 && (a >> (bits - 1) & 1) != 0;
    for (u32 i = bits; i < 32; ++i) a = sign ? a | 1u << i : a & ~(1u << i);
    return a;
  };
  for (const bool clamp : {false, true}) {
    const std::string mode = clamp ? "szext.clamp" : "szext.wrap";
    Check<u32, u32, u32>(mode + ".u32", [&](u32 a, u32 b) { return extend(clamp, false, a, b); });
    Check<u32, u32, u32>(mode + ".s32", [&](u32 a, u32 b) { return extend(clamp, true, a, b); });
  }
}

TEST(IntegerBits, UnknownFormsAreRefused) {
  OpHarness harness(DecodeInteger, Isa::kPortable);
  for (const char* text :
       {"shl.s32 %r1, %r2, %r3;", "shf.l.b32 %r1, %r2, %r3, %r4;",
        "lop3.b32 %r1, %r2, %r3, %r4, 256;", "lop3.xor.b32 %r1|%p1, %r2, %r3, %r4, 1, %p2;",
        "prmt.b32.f8e %r1, %r2, %r3, %r4;", "bfe.b32 %r1, %r2, %r3, %r4;", "popc.u32 %r1, %r2;",
        "and.u32 %r1, %r2, %r3;", "brev.b16 %h1, %h2;"}) {
    EXPECT_NE(harness.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
