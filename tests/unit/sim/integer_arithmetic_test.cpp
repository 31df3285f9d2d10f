// Sums, products, quotients, minima and carries against 128-bit arithmetic of the host.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "unit/sim/lanes_check.h"

namespace caesar::sim {

// mov of a clock is another family's: here an operation that is counted when it runs.
int clock_reads = 0;
Result<Op> DecodeClockRead(Binder&) {
  Op op;
  op.run = [](Warp&, const Op&) {
    ++clock_reads;
    return Step::kNext;
  };
  return op;
}

namespace {

__extension__ using Wide = __int128;

using u16 = std::uint16_t;
using s16 = std::int16_t;
using u32 = std::uint32_t;
using s32 = std::int32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

template <class T>
std::string Suffix() {
  return (std::is_signed_v<T> ? ".s" : ".u") + std::to_string(sizeof(T) * 8);
}
template <class... S, class F>
void Check(const std::string& opcode, F expected) {
  CheckLanes<S...>(DecodeInteger, opcode, expected);
}
template <class T>
T Clamp(Wide value) {
  const Wide low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return static_cast<T>(std::clamp(value, low, high));
}
// The upper half of a double-width product; unsigned 64-bit ones exceed a signed 128-bit number.
template <class T>
T High(T a, T b) {
  __extension__ using Unsigned = unsigned __int128;
  const Unsigned product = static_cast<Unsigned>(Wide{a}) * static_cast<Unsigned>(Wide{b});
  return static_cast<T>(product >> (sizeof(T) * 8));
}

template <class T>
void CheckArithmetic() {
  const std::string type = Suffix<T>();
  Check<T, T, T>("add" + type, [](Wide a, Wide b) { return a + b; });
  Check<T, T, T>("sub" + type, [](Wide a, Wide b) { return a - b; });
  Check<T, T, T>("mul.lo" + type,
                 [](T a, T b) { return static_cast<u64>(a) * static_cast<u64>(b); });
  Check<T, T, T>("mul.hi" + type, [](T a, T b) { return High(a, b); });
  Check<T, T, T, T>("mad.lo" + type, [](T a, T b, T c) {
    return static_cast<u64>(a) * static_cast<u64>(b) + static_cast<u64>(c);
  });
  Check<T, T, T, T>("mad.hi" + type, [](T a, T b, T c) { return Wide{High(a, b)} + c; });
  Check<T, T, T>("min" + type, [](T a, T b) { return std::min(a, b); });
  Check<T, T, T>("max" + type, [](T a, T b) { return std::max(a, b); });
  Check<T, T, T, T>("sad" + type,
                    [](Wide a, Wide b, Wide c) { return c + (a < b ? b - a : a - b); });
  Check<T, T, T>("div" + type, [](Wide a, Wide b) { return b == 0 ? Wide{-1} : a / b; });
  Check<T, T, T>("rem" + type, [](Wide a, Wide b) { return b == 0 ? Wide{-1} : a % b; });
  if constexpr (std::is_signed_v<T>) {
    Check<T, T>("neg" + type, [](Wide a) { return -a; });
    Check<T, T>("abs" + type, [](Wide a) { return a < 0 ? -a : a; });
  }
}
TEST(IntegerArithmetic, AllWidths) {
  CheckArithmetic<u16>();
  CheckArithmetic<s16>();
  CheckArithmetic<u32>();
  CheckArithmetic<s32>();
  CheckArithmetic<u64>();
  CheckArithmetic<s64>();
}

TEST(IntegerArithmetic, Wide) {
  Check<u32, u16, u16>("mul.wide.u16", [](Wide a, Wide b) { return a * b; });
  Check<s32, s16, s16>("mul.wide.s16", [](Wide a, Wide b) { return a * b; });
  Check<u64, u32, u32>("mul.wide.u32", [](Wide a, Wide b) { return a * b; });
  Check<s64, s32, s32>("mul.wide.s32", [](Wide a, Wide b) { return a * b; });
  Check<u32, u16, u16, u32>("mad.wide.u16", [](Wide a, Wide b, Wide c) { return a * b + c; });
  Check<s32, s16, s16, s32>("mad.wide.s16", [](Wide a, Wide b, Wide c) { return a * b + c; });
  Check<u64, u32, u32, u64>("mad.wide.u32", [](Wide a, Wide b, Wide c) { return a * b + c; });
  Check<s64, s32, s32, s64>("mad.wide.s32", [](Wide a, Wide b, Wide c) { return a * b + c; });
}

TEST(IntegerArithmetic, Saturating) {
  Check<s32, s32, s32>("add.sat.s32", [](Wide a, Wide b) { return Clamp<s32>(a + b); });
  Check<s32, s32, s32>("sub.sat.s32", [](Wide a, Wide b) { return Clamp<s32>(a - b); });
  Check<s32, s32, s32, s32>("mad.hi.sat.s32",
                            [](Wide a, Wide b, Wide c) { return Clamp<s32>((a * b >> 32) + c); });
  Check<s32, s32, s32>("min.relu.s32", [](s32 a, s32 b) { return std::max(0, std::min(a, b)); });
  Check<s32, s32, s32>("max.relu.s32", [](s32 a, s32 b) { return std::max(0, std::max(a, b)); });
}

TEST(IntegerArithmetic, TwentyFourBits) {
  const auto low = [](Wide a) { return a & 0xFFFFFF; };
  const auto extended = [](Wide a) { return ((a & 0xFFFFFF) ^ 0x800000) - 0x800000; };
  Check<u32, u32, u32>("mul24.lo.u32", [&](Wide a, Wide b) { return low(a) * low(b); });
  Check<u32, u32, u32>("mul24.hi.u32", [&](Wide a, Wide b) { return low(a) * low(b) >> 16; });
  Check<s32, s32, s32>("mul24.lo.s32", [&](Wide a, Wide b) { return extended(a) * extended(b); });
  Check<s32, s32, s32>("mul24.hi.s32",
                       [&](Wide a, Wide b) { return extended(a) * extended(b) >> 16; });
  Check<u32, u32, u32, u32>("mad24.lo.u32",
                            [&](Wide a, Wide b, Wide c) { return low(a) * low(b) + c; });
  Check<s32, s32, s32, s32>("mad24.hi.s32", [&](Wide a, Wide b, Wide c) {
    return (extended(a) * extended(b) >> 16) + c;
  });
  Check<s32, s32, s32, s32>("mad24.hi.sat.s32", [&](Wide a, Wide b, Wide c) {
    return Clamp<s32>((extended(a) * extended(b) >> 16) + c);
  });
}

template <class T, class F>
void CheckPairs(const std::string& opcode, F each) {
  Check<u32, u32, u32>(opcode, [&](u32 a, u32 b) {
    const u16 low = static_cast<u16>(each(static_cast<T>(a), static_cast<T>(b)));
    const u16 high = static_cast<u16>(each(static_cast<T>(a >> 16), static_cast<T>(b >> 16)));
    return u32{high} << 16 | low;
  });
}
TEST(IntegerArithmetic, PairsOfHalves) {
  CheckPairs<u16>("add.u16x2", [](int a, int b) { return a + b; });
  CheckPairs<s16>("add.s16x2", [](int a, int b) { return a + b; });
  CheckPairs<u16>("min.u16x2", [](int a, int b) { return std::min(a, b); });
  CheckPairs<s16>("min.s16x2", [](int a, int b) { return std::min(a, b); });
  CheckPairs<u16>("max.u16x2", [](int a, int b) { return std::max(a, b); });
  CheckPairs<s16>("max.s16x2", [](int a, int b) { return std::max(a, b); });
  CheckPairs<s16>("min.relu.s16x2", [](int a, int b) { return std::max(0, std::min(a, b)); });
  CheckPairs<s16>("max.relu.s16x2", [](int a, int b) { return std::max(0, std::max(a, b)); });
}

template <class A, class B>
int Dot(u32 a, u32 b, int first, int count, int bits) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const u32 left = a >> (bits * i), right = b >> (8 * (first + i));
    const int l = bits == 8
                      ? (std::is_signed_v<A> ? static_cast<std::int8_t>(left)
                                             : static_cast<std::uint8_t>(left))
                      : (std::is_signed_v<A> ? static_cast<s16>(left) : static_cast<u16>(left));
    sum += l * (std::is_signed_v<B> ? static_cast<std::int8_t>(right)
                                    : static_cast<std::uint8_t>(right));
  }
  return sum;
}
template <class A, class B>
void CheckDots() {
  const std::string types = Suffix<A>() + Suffix<B>();
  Check<u32, u32, u32, u32>("dp4a" + types, [](u32 a, u32 b, u32 c) {
    return c + static_cast<u32>(Dot<A, B>(a, b, 0, 4, 8));
  });
  Check<u32, u32, u32, u32>("dp2a.lo" + types, [](u32 a, u32 b, u32 c) {
    return c + static_cast<u32>(Dot<A, B>(a, b, 0, 2, 16));
  });
  Check<u32, u32, u32, u32>("dp2a.hi" + types, [](u32 a, u32 b, u32 c) {
    return c + static_cast<u32>(Dot<A, B>(a, b, 2, 2, 16));
  });
}
TEST(IntegerArithmetic, DotProducts) {
  CheckDots<u32, u32>();
  CheckDots<u32, s32>();
  CheckDots<s32, u32>();
  CheckDots<s32, s32>();
}

// 128-bit arithmetic from 32-bit pieces: the carry goes from one instruction to the next, for each
// lane, and lanes that do not run keep theirs.
TEST(IntegerCarry, Chains) {
  __extension__ using Unsigned = unsigned __int128;
  std::mt19937_64 random(5);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    for (int round = 0; round < 12; ++round) {
      std::array<std::array<u32, kLanes>, 4> a, b;
      for (std::size_t k = 0; k < 4; ++k) {
        a[k] = EdgeValues<u32>(random);
        b[k] = EdgeValues<u32>(random);
        harness.Set(Register<u32>(static_cast<int>(k)), a[k]);
        harness.Set(Register<u32>(static_cast<int>(k) + 4), b[k]);
      }
      const bool subtract = round % 2 != 0;
      ASSERT_EQ(harness.Run(subtract ? "sub.cc.u32 %r8, %r0, %r4; subc.cc.u32 %r9, %r1, %r5;"
                                       "subc.cc.s32 %r10, %r2, %r6; subc.u32 %r11, %r3, %r7;"
                                     : "add.cc.u32 %r8, %r0, %r4; addc.cc.u32 %r9, %r1, %r5;"
                                       "addc.cc.s32 %r10, %r2, %r6; addc.u32 %r11, %r3, %r7;"),
                "");
      for (std::size_t i = 0; i < kLanes; ++i) {
        Unsigned x = 0, y = 0;
        for (std::size_t k = 4; k-- > 0;) {
          x = x << 32 | a[k][i];
          y = y << 32 | b[k][i];
        }
        Unsigned z = subtract ? x - y : x + y;
        for (int k = 0; k < 4; ++k, z >>= 32) {
          ASSERT_EQ(harness.Get<u32>(Register<u32>(8 + k))[i], static_cast<u32>(z)) << i;
        }
      }
    }
  }
}
// CC.CF after a subtraction is the opposite of a borrow: addc sees it so, as on the hardware.
TEST(IntegerCarry, OfDifferencesIsNoBorrow) {
  std::mt19937_64 random(8);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    const auto a = EdgeValues<u32>(random), b = EdgeValues<u32>(random);
    harness.Set("%r0", a);
    harness.Set("%r1", b);
    ASSERT_EQ(harness.Run("sub.cc.u32 %r2, %r0, %r1; addc.u32 %r3, 0, 0;"), "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      ASSERT_EQ(harness.Get<u32>("%r3")[i], a[i] >= b[i] ? 1u : 0u) << i;
    }
  }
}
TEST(IntegerArithmetic, DistancesOfBytesAndHalves) {
  std::mt19937_64 random(9);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    const auto a = EdgeValues<u32>(random), b = EdgeValues<u32>(random);
    harness.Set("%r0", a);
    harness.Set("%r1", b);
    ASSERT_EQ(harness.Run("vabsdiff4.u32.u32.u32 %r2, %r0, %r1, %r0;"
                          "vabsdiff4.u32.s32.s32.add %r3, %r0, %r1, %r1;"
                          "vabsdiff2.u32.s32.s32 %r4, %r0, %r1, %r0;"),
              "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      u32 bytes = 0, sum = b[i], halves = 0;
      for (int k = 0; k < 32; k += 8) {
        bytes |= static_cast<u32>(std::abs(int{static_cast<std::uint8_t>(a[i] >> k)} -
                                           int{static_cast<std::uint8_t>(b[i] >> k)}))
                 << k;
        sum += static_cast<u32>(std::abs(int{static_cast<std::int8_t>(a[i] >> k)} -
                                         int{static_cast<std::int8_t>(b[i] >> k)}));
      }
      for (int k = 0; k < 32; k += 16) {
        halves |= static_cast<u32>(std::abs(int{static_cast<std::int16_t>(a[i] >> k)} -
                                            int{static_cast<std::int16_t>(b[i] >> k)}))
                  << k;
      }
      ASSERT_EQ(harness.Get<u32>("%r2")[i], bytes);
      ASSERT_EQ(harness.Get<u32>("%r3")[i], sum);
      ASSERT_EQ(harness.Get<u32>("%r4")[i], halves);
    }
  }
}
TEST(IntegerCarry, Products) {
  __extension__ using Unsigned = unsigned __int128;
  std::mt19937_64 random(6);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    const auto a = EdgeValues<u64>(random), b = EdgeValues<u64>(random);
    const auto low = EdgeValues<u64>(random), high = EdgeValues<u64>(random);
    harness.Set("%rd1", a);
    harness.Set("%rd2", b);
    harness.Set("%rd3", low);
    harness.Set("%rd4", high);
    ASSERT_EQ(harness.Run("mad.lo.cc.u64 %rd5, %rd1, %rd2, %rd3;"
                          "madc.hi.cc.u64 %rd6, %rd1, %rd2, %rd4; addc.u32 %r1, 0, 0;"),
              "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Unsigned addend = Unsigned{high[i]} << 64 | low[i];
      const Unsigned sum = Unsigned{a[i]} * b[i] + addend;
      ASSERT_EQ(harness.Get<u64>("%rd5")[i], static_cast<u64>(sum));
      ASSERT_EQ(harness.Get<u64>("%rd6")[i], static_cast<u64>(sum >> 64));
      ASSERT_EQ(harness.Get<u32>("%r1")[i], sum < addend ? 1u : 0u);
    }
  }
}
TEST(IntegerCarry, BelongsToTheLane) {
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    harness.SetAll<u32>("%r1", ~0u);
    harness.SetPredicate("%p1", 0xFFFF);
    ASSERT_EQ(harness.Run("add.cc.u32 %r2, %r1, 1; @%p1 add.cc.u32 %r2, 0, 0; addc.u32 %r3, 0, 0;"),
              "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_EQ(harness.Get<u32>("%r3")[i], i < 16 ? 0u : 1u);
    }
  }
}

TEST(IntegerArithmetic, DestinationMayBeASource) {
  for (const Isa isa : Isas()) {
    for (const Mask mask : kMasks) {
      OpHarness harness(DecodeInteger, isa);
      harness.mask = mask;
      std::array<u32, kLanes> a{};
      for (std::size_t i = 0; i < kLanes; ++i) a[i] = static_cast<u32>(i * 3 + 1);
      harness.Set("%r1", a);
      ASSERT_EQ(harness.Run("mad.lo.s32 %r1, %r1, %r1, %r1;"), "");
      for (std::size_t i = 0; i < kLanes; ++i) {
        const bool active = (mask >> i & 1) != 0;
        EXPECT_EQ(harness.Get<u32>("%r1")[i], active ? a[i] * a[i] + a[i] : a[i]);
      }
    }
  }
}

TEST(IntegerArithmetic, UnknownFormsAreRefused) {
  OpHarness harness(DecodeInteger, Isa::kPortable);
  for (const char* text :
       {"add.sat.u32 %r1, %r2, %r3;", "add.wide.s32 %r1, %r2, %r3;", "add.u8 %r1, %r2, %r3;",
        "neg.u32 %r1, %r2;", "abs.u32 %r1, %r2;", "mul.s32 %r1, %r2, %r3;",
        "mul.wide.u64 %rd1, %rd2, %rd3;", "min.relu.u32 %r1, %r2, %r3;",
        "add.cc.u16 %h1, %h2, %h3;", "add.u32 %r1, %r2;", "add.u32 %r1, %r2, %r3, %r4;",
        "add.u32.u32 %r1, %r2, %r3;", "sub.u16x2 %r1, %r2, %r3;", "dp4a.u32 %r1, %r2, %r3, %r4;",
        "add.u32 %rd1, %r2, %r3;"}) {
    EXPECT_NE(harness.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
