// atom and red of 128 bits and of vectors, against arithmetic of the host.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "unit/sim/lanes_check.h"

namespace caesar::sim {
namespace {

struct Wide {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Wide&) const = default;
};

class AtomicTest : public testing::TestWithParam<Isa> {
 protected:
  AtomicTest() : harness_(DecodeMemory, GetParam()) {
    at_ = harness_.arena().Allocate(4096, "tensor x");
    harness_.SetAll<std::uint64_t>("%rd0", at_);
  }
  template <class T>
  T Peek(std::uint64_t offset) {
    T value;
    std::memcpy(&value, harness_.arena().Host(at_ + offset), sizeof value);
    return value;
  }
  template <class T>
  void Poke(std::uint64_t offset, T value) {
    std::memcpy(harness_.arena().Host(at_ + offset), &value, sizeof value);
  }
  std::string Finding() {
    const auto found = harness_.findings().Take();
    return found.empty() ? "" : std::string(Name(found.back().kind)) + ": " + found.back().text;
  }

  OpHarness harness_;
  std::uint64_t at_ = 0;
};

std::string IsaName(const testing::TestParamInfo<Isa>& info) {
  return info.param == Isa::kAvx2 ? "Avx2" : "Portable";
}
INSTANTIATE_TEST_SUITE_P(Isa, AtomicTest, testing::ValuesIn(Isas()), IsaName);

TEST_P(AtomicTest, ExchangesWideValuesLaneByLane) {
  std::array<Wide, kLanes> values;
  for (std::uint64_t i = 0; i < kLanes; ++i) values[i] = {i, ~i};
  const Wide first = {1ULL << 63, 4711};
  for (const Mask mask : kMasks) {
    harness_.mask = mask;
    Poke(16, first);
    harness_.Set("%q1", values);
    ASSERT_EQ(harness_.Run("atom.acq_rel.gpu.global.exch.b128 %q0, [%rd0+16], %q1;"), "");
    Wide expected = first;
    for (std::size_t i = 0; i < kLanes; ++i) {
      if ((mask >> i & 1) == 0) continue;
      EXPECT_EQ(harness_.Get<Wide>("%q0")[i], expected) << i;
      expected = values[i];
    }
    EXPECT_EQ(Peek<Wide>(16), expected);
    EXPECT_TRUE(harness_.dependent);
  }
  ASSERT_EQ(harness_.Run("atom.global.exch.b128 _, [%rd0], %q1;"), "");
  EXPECT_EQ(Finding(), "");
}

TEST_P(AtomicTest, SwapsWideValuesWhereBothHalvesAreEqual) {
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r1", 256);
  harness_.SetAll<Wide>("%q2", {8, 9});
  harness_.SetAll<Wide>("%q3", {5, 6});
  for (const Wide compared : {Wide{5, 6}, Wide{5, 7}, Wide{4, 6}}) {
    harness_.SetAll("%q1", compared);
    ASSERT_EQ(harness_.Run("st.shared.b128 [%r1], %q3; atom.shared.cas.b128 %q0, [%r1], %q1, %q2;"
                           "ld.shared.b128 %q4, [%r1];"),
              "");
    EXPECT_EQ(harness_.Get<Wide>("%q0")[0], (Wide{5, 6}));
    const Wide wanted = compared == Wide{5, 6} ? Wide{8, 9} : Wide{5, 6};
    EXPECT_EQ(harness_.Get<Wide>("%q4")[0], wanted);
  }
  EXPECT_EQ(Finding(), "");
  ASSERT_EQ(harness_.Run("atom.global.cas.b128 %q0, [%rd0+8], %q1, %q2;"), "");
  EXPECT_EQ(Finding().find("misaligned"), 0U);
}

TEST_P(AtomicTest, AddsVectorsOfFloats) {
  harness_.mask = 0x8000'0101;
  for (int k = 0; k < 4; ++k) {
    std::array<float, kLanes> values;
    for (std::size_t i = 0; i < kLanes; ++i) {
      values[i] = static_cast<float>(i * 10) + static_cast<float>(k);
    }
    harness_.Set("%f" + std::to_string(4 + k), values);
    Poke(static_cast<std::uint64_t>(k) * 4, static_cast<float>(k) * 0.5F);
  }
  ASSERT_EQ(harness_.Run("atom.global.add.v4.f32 {%f0, %f1, %f2, %f3}, [%rd0],"
                         " {%f4, %f5, %f6, %f7};"),
            "");
  for (int k = 0; k < 4; ++k) {
    const auto old = harness_.Get<float>("%f" + std::to_string(k));
    const float start = static_cast<float>(k) * 0.5F, each = static_cast<float>(k);
    EXPECT_EQ(old[0], start);
    EXPECT_EQ(old[8], start + each);
    EXPECT_EQ(old[31], start + each + (80 + each));
    EXPECT_EQ(Peek<float>(static_cast<std::uint64_t>(k) * 4), start + 3 * each + 80 + 310);
  }
  ASSERT_EQ(harness_.Run("red.relaxed.gpu.global.add.v2.f32 [%rd0+8], {%f4, %f5};"), "");
  EXPECT_EQ(Peek<float>(8), 1.0F + 6 + 390 + 390);
  EXPECT_EQ(Finding(), "");
  ASSERT_EQ(harness_.Run("red.global.add.v2.f32 [%rd0+4], {%f4, %f5};"), "");
  EXPECT_EQ(Finding().find("misaligned"), 0U);
}

// f16 by hand: the sign, infinities, and whether a number is less than another one.
struct HalfCase {
  std::uint16_t old, operand, least, most;
};
TEST_P(AtomicTest, TakesExtremaOfHalves) {
  constexpr HalfCase kF16[] = {
      {0x3C00, 0x4000, 0x3C00, 0x4000},  // 1, 2
      {0xBC00, 0xC000, 0xC000, 0xBC00},  // -1, -2
      {0x0000, 0x8000, 0x8000, 0x0000},  // -0 is less than +0
      {0x8000, 0x0001, 0x8000, 0x0001},  // a subnormal is not flushed
      {0x7C00, 0x7BFF, 0x7BFF, 0x7C00},  // infinity
      {0xFC00, 0x7E00, 0xFC00, 0xFC00},  // NaN: the other
      {0x7C01, 0x3C00, 0x3C00, 0x3C00}, {0xFE00, 0x7D00, 0x7FFF, 0x7FFF},
  };
  constexpr HalfCase kBF16[] = {
      {0x3F80, 0x4000, 0x3F80, 0x4000},
      {0x7F80, 0x7F7F, 0x7F7F, 0x7F80},
      {0x7F81, 0x7F80, 0x7F80, 0x7F80},
      {0x7C01, 0x7C00, 0x7C00, 0x7C01},
  };
  harness_.mask = 2;
  const auto check = [&](const HalfCase& each, const std::string& type) {
    harness_.SetAll<std::uint16_t>("%h3", each.operand);
    harness_.SetAll<std::uint32_t>("%r3", each.operand * 0x10001U);
    for (const bool most : {false, true}) {
      const std::uint16_t expected = most ? each.most : each.least;
      const std::string name = std::string(most ? "max" : "min") + ".noftz.";
      for (std::uint64_t k = 0; k < 8; ++k) Poke(2 * k, each.old);
      ASSERT_EQ(harness_.Run("atom.global." + name + "v4." + type +
                             " {%h4, %h5, %h6, %h7}, [%rd0], {%h3, %h3, %h3, %h3};"),
                "");
      EXPECT_EQ(harness_.Get<std::uint16_t>("%h7")[1], each.old);
      EXPECT_EQ(Peek<std::uint16_t>(6), expected) << name << type << " " << each.old;
      EXPECT_EQ(Peek<std::uint16_t>(8), each.old);
      ASSERT_EQ(harness_.Run("red.global." + name + "v2." + type + "x2 [%rd0+8], {%r3, %r3};"), "");
      EXPECT_EQ(Peek<std::uint16_t>(8), expected);
      EXPECT_EQ(Peek<std::uint16_t>(14), expected);
    }
  };
  for (const HalfCase& each : kF16) check(each, "f16");
  for (const HalfCase& each : kBF16) check(each, "bf16");
  EXPECT_EQ(Finding(), "");
}

TEST_P(AtomicTest, AddsVectorsOfHalves) {
  harness_.mask = 1;
  harness_.SetAll<std::uint16_t>("%h1", 0x3C00);  // 1
  for (std::uint64_t k = 0; k < 8; ++k) Poke(2 * k, static_cast<std::uint16_t>(0x3C00 + 0x400 * k));
  ASSERT_EQ(harness_.Run("red.global.add.noftz.v8.f16 [%rd0],"
                         " {%h1, %h1, %h1, %h1, %h1, %h1, %h1, %h1};"),
            "");
  constexpr std::uint16_t kSums[] = {0x4000, 0x4200, 0x4500, 0x4880,
                                     0x4C40, 0x5020, 0x5410, 0x5808};
  for (std::uint64_t k = 0; k < 8; ++k) EXPECT_EQ(Peek<std::uint16_t>(2 * k), kSums[k]) << k;
}

TEST_P(AtomicTest, RefusesWhatDoesNotExist) {
  for (const char* text :
       {"red.shared.add.v2.f32 [%r0], {%f0, %f1};", "atom.global.min.noftz.f16 %h0, [%rd0], %h1;",
        "red.global.add.v2.f64 [%rd0], {%d0, %d1};", "red.global.exch.b128 [%rd0], %q0;",
        "red.global.add.noftz.v8.f16x2 [%rd0], {%r1, %r1, %r1, %r1, %r1, %r1, %r1, %r1};",
        "atom.global.add.v2.u32 {%r0, %r1}, [%rd0], {%r2, %r3};",
        "atom.global.add.b128 %q0, [%rd0], %q1;"}) {
    EXPECT_NE(harness_.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
