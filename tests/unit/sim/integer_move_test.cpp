// Comparisons, selections, moves, packs and unpacks.
#include <gtest/gtest.h>

#include <functional>

#include "unit/sim/lanes_check.h"

namespace caesar::sim {

extern int clock_reads;  // of integer_arithmetic_test.cpp

namespace {

using u16 = std::uint16_t;
using s16 = std::int16_t;
using u32 = std::uint32_t;
using s32 = std::int32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

template <class T>
struct Comparison {
  const char* name;
  std::function<bool(T, T)> holds;
};

// Runs setp with values of which many are equal, for all masks; compares both destinations.
template <class T>
void CheckSetp(const Comparison<T>& comparison, const std::string& type) {
  std::mt19937_64 random(7);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    for (const Mask mask : kMasks) {
      harness.mask = mask;
      const auto a = EdgeValues<T>(random);
      auto b = EdgeValues<T>(random);
      for (std::size_t i = 0; i < kLanes; i += 3) b[i] = a[i];
      Mask truth = 0;
      for (std::size_t i = 0; i < kLanes; ++i) {
        truth |= comparison.holds(a[i], b[i]) ? Mask{1} << i : 0;
      }
      const auto c = static_cast<Mask>(random()), old = static_cast<Mask>(random());
      harness.Set(Register<T>(1), a);
      harness.Set(Register<T>(2), b);
      harness.SetPredicate("%p9", c);
      for (const char* p : {"%p1", "%p2", "%p3", "%p4", "%p5", "%p6", "%p7"}) {
        harness.SetPredicate(p, old);
      }
      const std::string head = std::string("setp.") + comparison.name;
      const std::string sources = ", " + Register<T>(1) + ", " + Register<T>(2);
      ASSERT_EQ(harness.Run(head + type + " %p1" + sources + ";" +                    //
                            head + type + " %p2|%p3" + sources + ";" +                //
                            head + ".and" + type + " %p4|%p5" + sources + ", %p9;" +  //
                            head + ".or" + type + " %p6" + sources + ", !%p9;" +      //
                            head + ".xor" + type + " _|%p7" + sources + ", %p9;"),
                "")
          << head << type;
      const auto merged = [&](Mask result) { return (result & mask) | (old & ~mask); };
      EXPECT_EQ(harness.GetPredicate("%p1"), merged(truth)) << head << type;
      EXPECT_EQ(harness.GetPredicate("%p2"), merged(truth)) << head << type;
      EXPECT_EQ(harness.GetPredicate("%p3"), merged(~truth)) << head << type;
      EXPECT_EQ(harness.GetPredicate("%p4"), merged(truth & c)) << head << type;
      EXPECT_EQ(harness.GetPredicate("%p5"), merged(~truth & c)) << head << type;
      EXPECT_EQ(harness.GetPredicate("%p6"), merged(truth | ~c)) << head << type;
      EXPECT_EQ(harness.GetPredicate("%p7"), merged(~truth ^ c)) << head << type;
    }
  }
}
template <class T>
void CheckComparisons() {
  const std::string bits = std::to_string(sizeof(T) * 8);
  const bool is_signed = std::is_signed_v<T>;
  const std::string type = (is_signed ? ".s" : ".u") + bits;
  CheckSetp<T>({"eq", std::equal_to<T>()}, type);
  CheckSetp<T>({"ne", std::not_equal_to<T>()}, type);
  CheckSetp<T>({"lt", std::less<T>()}, type);
  CheckSetp<T>({"le", std::less_equal<T>()}, type);
  CheckSetp<T>({"gt", std::greater<T>()}, type);
  CheckSetp<T>({"ge", std::greater_equal<T>()}, type);
  if (is_signed) return;
  CheckSetp<T>({"lo", std::less<T>()}, type);
  CheckSetp<T>({"ls", std::less_equal<T>()}, type);
  CheckSetp<T>({"hi", std::greater<T>()}, type);
  CheckSetp<T>({"hs", std::greater_equal<T>()}, type);
  CheckSetp<T>({"eq", std::equal_to<T>()}, ".b" + bits);
  CheckSetp<T>({"ne", std::not_equal_to<T>()}, ".b" + bits);
}
TEST(IntegerCompare, Setp) {
  CheckComparisons<u16>();
  CheckComparisons<s16>();
  CheckComparisons<u32>();
  CheckComparisons<s32>();
  CheckComparisons<u64>();
  CheckComparisons<s64>();
}

TEST(IntegerCompare, Set) {
  CheckLanes<u32, s32, s32>(DecodeInteger, "set.lt.u32.s32",
                            [](s32 a, s32 b) { return a < b ? ~0u : 0u; });
  CheckLanes<u32, u64, u64>(DecodeInteger, "set.hi.f32.u64",
                            [](u64 a, u64 b) { return a > b ? 0x3F80'0000u : 0u; });
  CheckLanes<u16, u32, u32>(DecodeInteger, "set.ne.f16.b32",
                            [](u32 a, u32 b) { return a != b ? 0x3C00 : 0; });
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    harness.SetPredicate("%p1", 0xF0F0'F0F0);
    ASSERT_EQ(harness.Run("set.eq.xor.s32.u32 %r1, %r2, 0, !%p1;"), "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_EQ(harness.Get<u32>("%r1")[i], (0xF0F0'F0F0 >> i & 1) != 0 ? ~0u : 0u);
    }
  }
}

template <class T>
void CheckSelect(const std::string& type) {
  std::mt19937_64 random(9);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    for (const Mask mask : kMasks) {
      harness.mask = mask;
      const auto a = EdgeValues<T>(random), b = EdgeValues<T>(random), old = EdgeValues<T>(random);
      const auto c = static_cast<Mask>(random());
      harness.Set(Register<T>(0), old);
      harness.Set(Register<T>(1), a);
      harness.Set(Register<T>(2), b);
      harness.SetPredicate("%p1", c);
      ASSERT_EQ(harness.Run("selp" + type + " " + Register<T>(0) + ", " + Register<T>(1) + ", " +
                            Register<T>(2) + ", %p1;"),
                "");
      for (std::size_t i = 0; i < kLanes; ++i) {
        const bool active = (mask >> i & 1) != 0;
        EXPECT_EQ(harness.Get<T>(Register<T>(0))[i],
                  active ? ((c >> i & 1) != 0 ? a[i] : b[i]) : old[i]);
      }
    }
  }
}
TEST(IntegerMove, Select) {
  for (const char* type : {".b16", ".u16", ".s16"}) CheckSelect<u16>(type);
  for (const char* type : {".b32", ".u32", ".s32"}) CheckSelect<u32>(type);
  for (const char* type : {".b64", ".u64", ".s64"}) CheckSelect<u64>(type);
}
TEST(IntegerMove, SelectBySign) {
  CheckLanes<u32, u32, u32, s32>(DecodeInteger, "slct.u32.s32",
                                 [](u32 a, u32 b, s32 c) { return c >= 0 ? a : b; });
  CheckLanes<u64, u64, u64, s32>(DecodeInteger, "slct.s64.s32",
                                 [](u64 a, u64 b, s32 c) { return c >= 0 ? a : b; });
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    std::array<float, kLanes> c{};
    c[1] = -0.0f, c[2] = 1.0f, c[3] = -1.0f, c[4] = __builtin_nanf(""), c[5] = __builtin_inff(),
    c[6] = -__builtin_inff(), c[7] = -1e-42f, c[8] = -__builtin_nanf("");
    harness.Set("%f1", c);
    ASSERT_EQ(harness.Run("slct.b32.f32 %r1, 1, 2, %f1; slct.ftz.b32.f32 %r2, 1, 2, %f1;"), "");
    const std::array<u32, 9> wanted = {1, 1, 1, 2, 2, 1, 2, 2, 2};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(harness.Get<u32>("%r1")[i], wanted[i]) << i;
      EXPECT_EQ(harness.Get<u32>("%r2")[i], i == 7 ? 1 : wanted[i]) << i;
    }
  }
}

TEST(IntegerMove, Registers) {
  CheckLanes<u16, u16>(DecodeInteger, "mov.b16", [](u16 a) { return a; });
  CheckLanes<u16, s16>(DecodeInteger, "mov.u16", [](s16 a) { return a; });
  CheckLanes<u32, u32>(DecodeInteger, "mov.b32", [](u32 a) { return a; });
  CheckLanes<u32, u32>(DecodeInteger, "mov.s32", [](u32 a) { return a; });
  CheckLanes<u64, u64>(DecodeInteger, "mov.u64", [](u64 a) { return a; });
}
TEST(IntegerMove, PredicatesAndTheirLogic) {
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    harness.mask = 0x00FF'FFFF;
    const Mask a = 0x1234'5678, b = 0x0F0F'F0F0, old = 0xAA00'0000;
    harness.SetPredicate("%p1", a);
    harness.SetPredicate("%p2", b);
    for (const char* p : {"%p3", "%p4", "%p5", "%p6", "%p7"}) harness.SetPredicate(p, old);
    ASSERT_EQ(harness.Run("and.pred %p3, %p1, %p2; or.pred %p4, %p1, %p2; xor.pred %p5, %p1, %p2;"
                          "not.pred %p6, %p1; mov.pred %p7, %p1;"),
              "");
    const auto merged = [&](Mask result) { return (result & 0x00FF'FFFF) | old; };
    EXPECT_EQ(harness.GetPredicate("%p3"), merged(a & b));
    EXPECT_EQ(harness.GetPredicate("%p4"), merged(a | b));
    EXPECT_EQ(harness.GetPredicate("%p5"), merged(a ^ b));
    EXPECT_EQ(harness.GetPredicate("%p6"), merged(~a));
    EXPECT_EQ(harness.GetPredicate("%p7"), merged(a));
  }
}

TEST(IntegerMove, PacksAndUnpacks) {
  std::mt19937_64 random(3);
  for (const Isa isa : Isas()) {
    for (const Mask mask : kMasks) {
      OpHarness harness(DecodeInteger, isa);
      harness.mask = mask;
      std::array<std::array<u16, kLanes>, 4> h;
      for (std::size_t k = 0; k < 4; ++k) {
        harness.Set(Register<u16>(static_cast<int>(k) + 1), h[k] = EdgeValues<u16>(random));
      }
      ASSERT_EQ(harness.Run("mov.b32 %r1, {%h1, %h2}; mov.b64 %rd1, {%h1, %h2, %h3, %h4};"
                            "mov.b64 {%r2, %r3}, %rd1; mov.b64 %rd2, {%r2, %r3};"
                            "mov.b32 {_, %h5}, %r1; mov.b128 %q1, {%rd1, %rd2};"
                            "mov.b128 {%rd3, %rd4}, %q1; mov.b128 %q2, %q1;"
                            "mov.b128 {%r4, %r5, %r6, %r7}, %q2;"
                            "mov.b64 {%h6, %h7, %h8, %h9}, %rd3;"),
                "");
      for (std::size_t i = 0; i < kLanes; ++i) {
        const bool active = (mask >> i & 1) != 0;
        const u32 low = active ? u32{h[1][i]} << 16 | h[0][i] : 0;
        const u32 high = active ? u32{h[3][i]} << 16 | h[2][i] : 0;
        const u64 both = u64{high} << 32 | low;
        EXPECT_EQ(harness.Get<u32>("%r1")[i], low);
        EXPECT_EQ(harness.Get<u64>("%rd1")[i], both);
        EXPECT_EQ(harness.Get<u32>("%r2")[i], low);
        EXPECT_EQ(harness.Get<u32>("%r3")[i], high);
        EXPECT_EQ(harness.Get<u64>("%rd2")[i], both);
        EXPECT_EQ(harness.Get<u16>("%h5")[i], low >> 16);
        EXPECT_EQ(harness.Get<u64>("%rd3")[i], both);
        EXPECT_EQ(harness.Get<u64>("%rd4")[i], both);
        EXPECT_EQ(harness.Get<u32>("%r6")[i], low);
        EXPECT_EQ(harness.Get<u32>("%r7")[i], high);
        EXPECT_EQ(harness.Get<u16>("%h8")[i], static_cast<u16>(high));
      }
    }
  }
}

TEST(IntegerMove, ConstantsAddressesAndSpecialRegisters) {
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    harness.module_text = ".global .align 4 .b8 table[64];";
    ASSERT_EQ(harness.Run("mov.u32 %r1, %tid.x; mov.u64 %rd1, table; mov.s32 %r2, -5;"
                          "mov.f32 %f1, 0f3F800000; mov.f64 %d1, 0d4000000000000000;"
                          "mov.u64 %rd2, table+16; mov.b64 %rd3, -1;"),
              "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_EQ(harness.Get<u32>("%r1")[i], i);
      EXPECT_EQ(harness.Get<s32>("%r2")[i], -5);
      EXPECT_EQ(harness.Get<float>("%f1")[i], 1.0f);
      EXPECT_EQ(harness.Get<double>("%d1")[i], 2.0);
      EXPECT_TRUE(harness.arena().Contains(harness.Get<u64>("%rd1")[i]));
      EXPECT_EQ(harness.Get<u64>("%rd2")[i], harness.Get<u64>("%rd1")[i] + 16);
      EXPECT_EQ(harness.Get<u64>("%rd3")[i], ~u64{0});
    }
  }
}
TEST(IntegerMove, ClocksAreReadByTheirOwnOperation) {
  OpHarness harness(DecodeInteger, Isa::kPortable);
  const int before = clock_reads;
  ASSERT_EQ(harness.Run("mov.u32 %r1, %clock; mov.u32 %r1, %clock_hi; mov.u64 %rd1, %clock64;"
                        "mov.u64 %rd1, %globaltimer; mov.u32 %r1, %globaltimer_lo;"
                        "mov.u32 %r1, %globaltimer_hi; mov.u32 %r1, %laneid;"),
            "");
  EXPECT_EQ(clock_reads, before + 6);
}

TEST(IntegerMove, UnknownFormsAreRefused) {
  OpHarness harness(DecodeInteger, Isa::kPortable);
  for (const char* text :
       {"setp.lo.s32 %p1, %r1, %r2;", "setp.lt.b32 %p1, %r1, %r2;", "setp.equ.s32 %p1, %r1, %r2;",
        "setp.eq.and.s32 %p1, %r1, %r2;", "setp.eq.ftz.s32 %p1, %r1, %r2;",
        "setp.eq.s8 %p1, %r1, %r2;", "set.eq.u64.s32 %rd1, %r1, %r2;", "mov.u8 %h1, %h2;",
        "mov.f16 %h1, %h2;", "mov.b32 %r1, {%h1, %h2, %h3};", "mov.b64 %rd1, {%h1, %h2};",
        "mov.b32.relaxed %r1, %r2;", "selp.pred %p1, %p2, %p3, %p4;",
        "slct.u32.u32 %r1, %r2, %r3, %r4;", "and.and.pred %p1, %p2, %p3;"}) {
    EXPECT_NE(harness.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
