// Loads, stores, atomics and addresses, instruction by instruction.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "sim/memory_access.h"
#include "unit/sim/op_harness.h"

namespace caesar::sim {
namespace {

template <class T>
std::array<T, kLanes> Each(T first, T step) {
  std::array<T, kLanes> values;
  for (int i = 0; i < kLanes; ++i)
    values[static_cast<std::size_t>(i)] = static_cast<T>(first + static_cast<T>(i) * step);
  return values;
}

class MemoryTest : public testing::TestWithParam<Isa> {
 protected:
  MemoryTest() : harness_(DecodeMemory, GetParam()) {}

  // Device memory of 4-byte words 0, 1, 2, ...
  std::uint64_t Words(std::size_t count, std::string name = "x") {
    const std::uint64_t address = harness_.arena().Allocate(count * 4, "tensor " + name);
    for (std::uint32_t i = 0; i < count; ++i) Poke<std::uint32_t>(address + i * 4, i);
    return address;
  }
  template <class T>
  void Poke(std::uint64_t address, T value) {
    std::memcpy(harness_.arena().Host(address), &value, sizeof value);
  }
  template <class T>
  T Peek(std::uint64_t address) {
    T value;
    std::memcpy(&value, harness_.arena().Host(address), sizeof value);
    return value;
  }
  std::string Finding() {
    const auto found = harness_.findings().Take();
    return found.empty() ? "" : std::string(Name(found[0].kind)) + ": " + found[0].text;
  }
  OpCounts Counts() const { return harness_.counts.at(harness_.counts.size() - 2); }

  OpHarness harness_;
};
INSTANTIATE_TEST_SUITE_P(Isas, MemoryTest, testing::Values(Isa::kPortable, BestIsa()),
                         [](const auto& each) { return std::to_string(each.index); });

TEST_P(MemoryTest, LoadsAndStoresRowsAndCountsSectors) {
  const std::uint64_t x = Words(64), y = Words(64, "y");
  harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(x, 4));
  harness_.Set<std::uint64_t>("%rd1", Each<std::uint64_t>(y, 4));
  ASSERT_EQ(harness_.Run("ld.global.u32 %r0, [%rd0+4];"), "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0"), Each<std::uint32_t>(1, 1));
  EXPECT_EQ(Counts().sectors, 5U);
  EXPECT_EQ(Counts().bytes, 128U);
  ASSERT_EQ(harness_.Run("st.global.u32 [%rd1], %r0;"), "");
  EXPECT_EQ(Counts().sectors, 4U);
  EXPECT_EQ(Peek<std::uint32_t>(y + 31 * 4), 32U);
  EXPECT_EQ(Peek<std::uint32_t>(y + 32 * 4), 32U);
  EXPECT_EQ(Finding(), "");
}

TEST_P(MemoryTest, CountsSectorsOfStrides) {
  const std::uint64_t x = Words(32 * 32);
  for (const std::uint32_t stride : {1U, 2U, 3U, 4U, 8U, 16U, 32U}) {
    harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(x, std::uint64_t{4} * stride));
    ASSERT_EQ(harness_.Run("ld.global.f32 %f0, [%rd0]; ld.global.f32 %f1, [%rd0];"), "");
    EXPECT_EQ(Counts().sectors, std::min(32U, 4 * stride)) << stride;
    EXPECT_EQ(harness_.Get<std::uint32_t>("%f0"), Each<std::uint32_t>(0, stride));
  }
  harness_.SetAll<std::uint64_t>("%rd0", x + 12);
  ASSERT_EQ(harness_.Run("ld.global.f32 %f0, [%rd0];"), "");
  EXPECT_EQ(Counts().sectors, 1U);
  harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(x, 16));
  ASSERT_EQ(harness_.Run("ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd0];"), "");
  EXPECT_EQ(Counts().sectors, 16U);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%f2"), Each<std::uint32_t>(2, 4));
}

TEST_P(MemoryTest, ExtendsNarrowLoadsAndCutsStores) {
  const std::uint64_t x = Words(8);
  Poke<std::uint16_t>(x, 0x80FE);
  harness_.SetAll<std::uint64_t>("%rd0", x);
  ASSERT_EQ(harness_.Run("ld.global.u8 %r0, [%rd0]; ld.global.s8 %r1, [%rd0];"
                         "ld.global.s16 %r2, [%rd0]; ld.global.s8 %h0, [%rd0];"
                         "ld.global.u16 %rd2, [%rd0]; ld.global.s16 %rd3, [%rd0];"),
            "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0")[5], 0xFEU);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r1")[5], 0xFFFFFFFEU);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r2")[5], 0xFFFF80FEU);
  EXPECT_EQ(harness_.Get<std::uint16_t>("%h0")[5], 0xFFFEU);
  EXPECT_EQ(harness_.Get<std::uint64_t>("%rd2")[5], 0x80FEU);
  EXPECT_EQ(harness_.Get<std::uint64_t>("%rd3")[5], 0xFFFFFFFFFFFF80FEU);
  harness_.SetAll<std::uint32_t>("%r3", 0x12345678);
  ASSERT_EQ(harness_.Run("st.global.u8 [%rd0+5], %r3;"), "");
  EXPECT_EQ(Peek<std::uint32_t>(x + 4), 0x00007801U);
}

TEST_P(MemoryTest, LeavesOtherLanesAlone) {
  const std::uint64_t x = Words(32);
  harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(x, 4));
  harness_.SetAll<std::uint32_t>("%r0", 77);
  harness_.mask = 0x00000010;
  ASSERT_EQ(harness_.Run("ld.global.u32 %r0, [%rd0];"), "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0")[4], 4U);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0")[5], 77U);
  EXPECT_EQ(Counts().sectors, 1U);
}

TEST_P(MemoryTest, FindsWhatIsOutOfBoundsToTheByte) {
  const std::uint64_t x = Words(1024, "y");
  const struct {
    std::int64_t from;
    const char* text;
  } kCases[] = {
      {4096 - 31 * 4,
       "out_of_bounds: reads 4 bytes, right behind the end of tensor y (4096 bytes) (1 of 32 "
       "lanes)"},
      {4096 - 30 * 4,
       "out_of_bounds: reads 4 bytes, right behind the end of tensor y (4096 bytes) (2 of 32 "
       "lanes)"},
      {4100,
       "out_of_bounds: reads 4 bytes, 4 bytes behind the end of tensor y (4096 bytes) (32 of 32 "
       "lanes)"},
      {-4,
       "out_of_bounds: reads 4 bytes, right before the beginning of tensor y (4096 bytes) (1 of 32 "
       "lanes)"},
      {4096 - 128, ""},
      {0, ""},
      {2, "misaligned: reads 4 bytes of global memory"},
  };
  for (const auto& each : kCases) {
    harness_.Set<std::uint64_t>("%rd0",
                                Each<std::uint64_t>(x + static_cast<std::uint64_t>(each.from), 4));
    ASSERT_EQ(harness_.Run("ld.global.u32 %r0, [%rd0];"), "");
    EXPECT_EQ(Finding().substr(0, std::strlen(each.text)), each.text) << each.from;
    EXPECT_EQ(harness_.last_step, each.text[0] == 0 ? Step::kNext : Step::kFault);
  }
}

TEST_P(MemoryTest, FindsNullHostAndFreedPointers) {
  harness_.SetAll<std::uint64_t>("%rd0", 16);
  ASSERT_EQ(harness_.Run("ld.u32 %r0, [%rd0];"), "");
  EXPECT_NE(Finding().find("a null pointer"), std::string::npos);
  std::uint32_t host = 0;
  harness_.SetAll<std::uint64_t>("%rd0", reinterpret_cast<std::uint64_t>(&host));
  ASSERT_EQ(harness_.Run("st.global.u32 [%rd0], %r0;"), "");
  EXPECT_NE(Finding().find("host memory"), std::string::npos);
  const std::uint64_t x = Words(8);
  harness_.arena().Free(x);
  harness_.SetAll<std::uint64_t>("%rd0", x + 4);
  ASSERT_EQ(harness_.Run("ld.global.u32 %r0, [%rd0];"), "");
  EXPECT_NE(Finding().find("at byte 4 of tensor x, which has been freed"), std::string::npos);
}

TEST_P(MemoryTest, CountsWavesOfKnownConflicts) {
  harness_.shared().checked = false;
  for (std::uint32_t degree = 1; degree <= 32; degree *= 2) {
    harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(0, 4 * degree));
    ASSERT_EQ(harness_.Run("ld.shared.u32 %r0, [%r1];"), "");
    EXPECT_EQ(Counts().waves, degree);
    EXPECT_EQ(Counts().waves_ideal, 1U);
  }
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(0, 33 * 4));  // a padded transpose
  ASSERT_EQ(harness_.Run("st.shared.u32 [%r1], %r0;"), "");
  EXPECT_EQ(Counts().waves, 1U);
  harness_.SetAll<std::uint32_t>("%r1", 64);
  ASSERT_EQ(harness_.Run("ld.shared.u32 %r0, [%r1];"), "");
  EXPECT_EQ(Counts().waves, 1U);
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(0, 16));
  ASSERT_EQ(harness_.Run("ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [%r1];"), "");
  EXPECT_EQ(Counts().waves, 4U);
  EXPECT_EQ(Counts().waves_ideal, 4U);
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(0, 16));
  ASSERT_EQ(harness_.Run("ld.shared.v2.u32 {%r4, %r5}, [%r1];"), "");
  EXPECT_EQ(Counts().waves, 4U);  // stride of two: each half in two passes
  EXPECT_EQ(Counts().waves_ideal, 2U);
  for (int time = 0; time < 2; ++time) {  // all lanes, then some, which the memo knows
    harness_.SetAll<std::uint32_t>("%r1", 64);
    ASSERT_EQ(harness_.Run("ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [%r1];"), "");
    EXPECT_EQ(Counts().waves, time == 0 ? 2U : 1U);
    EXPECT_EQ(Counts().waves_ideal, time == 0 ? 2U : 1U);
    harness_.mask = 0xFFFF0000;
  }
}

TEST_P(MemoryTest, CountsGenericAccessesWhereTheyGo) {
  harness_.SetAll<std::uint64_t>("%rd0", kLocalWindow + 64);
  ASSERT_EQ(harness_.Run("st.u32 [%rd0], %r0;"), "");
  EXPECT_EQ(Counts().local_sectors, 4U);
  EXPECT_EQ(Counts().sectors, 0U);
  harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(kSharedWindow, 4));
  ASSERT_EQ(harness_.Run("st.u32 [%rd0], %r0;"), "");
  EXPECT_EQ(Counts().waves, 1U);
  EXPECT_EQ(Counts().local_sectors + Counts().sectors, 0U);
  harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(Words(64), 4));
  ASSERT_EQ(harness_.Run("ld.u32 %r0, [%rd0];"), "");
  EXPECT_EQ(Counts().sectors, 4U);
  EXPECT_EQ(Counts().local_sectors + Counts().waves, 0U);
}

// In rows that are noted as one, too.
TEST_P(MemoryTest, NamesTheLaneThatReadsWhatNobodyHasWritten) {
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(256, 16));
  harness_.SetPredicate("%p0", ~(1U << 7));
  ASSERT_EQ(harness_.Run("@%p0 st.shared.v4.u32 [%r1], {%r4, %r5, %r6, %r7};"
                         "@!%p0 st.shared.v2.u32 [%r1], {%r4, %r5};"
                         "ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [%r1];"),
            "");
  const auto found = harness_.findings().Take();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, FindingKind::kUninitializedShared);
  EXPECT_EQ(found[0].thread[0], 7U);
  EXPECT_EQ(found[0].text, "reads shared memory at offset 376 that nobody has written");
}

TEST_P(MemoryTest, FindsUninitialisedAndOutOfBoundsSharedMemory) {
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(256, 4));
  ASSERT_EQ(harness_.Run("ld.shared.u32 %r0, [%r1];"), "");
  EXPECT_EQ(Finding(),
            "uninitialized_shared: reads shared memory at offset 256 that nobody has written");
  ASSERT_EQ(harness_.Run("st.shared.u32 [%r1], %r1; ld.shared.u32 %r0, [%r1];"), "");
  EXPECT_EQ(Finding(), "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0"), Each<std::uint32_t>(256, 4));
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(OpHarness::kSharedBytes - 31 * 4, 4));
  ASSERT_EQ(harness_.Run("st.shared.u32 [%r1], %r1;"), "");
  EXPECT_NE(
      Finding().find(
          "0 bytes behind the end of the block's shared memory (65536 bytes) (1 of 32 lanes)"),
      std::string::npos);
}

TEST_P(MemoryTest, ReachesAllSpacesThroughGenericAddresses) {
  const std::uint64_t x = Words(32);
  harness_.Set<std::uint64_t>("%rd1", Each<std::uint64_t>(0, 4));
  harness_.Set<std::uint32_t>("%r1", Each<std::uint32_t>(5, 7));
  ASSERT_EQ(
      harness_.Run("cvta.shared.u64 %rd2, %rd1; st.u32 [%rd2], %r1; ld.shared.u32 %r2, [%rd1];"
                   "cvta.to.shared.u64 %rd3, %rd2; isspacep.shared %p0, %rd2;"
                   "isspacep.global %p1, %rd2;"
                   "cvta.local.u64 %rd4, %rd1; st.u32 [%rd4], %r1; ld.local.u32 %r3, [%rd1];"
                   "isspacep.local %p2, %rd4;"),
      "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r2"), Each<std::uint32_t>(5, 7));
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r3"), Each<std::uint32_t>(5, 7));
  EXPECT_EQ(harness_.Get<std::uint64_t>("%rd3"), Each<std::uint64_t>(0, 4));
  EXPECT_EQ(harness_.GetPredicate("%p0"), kAllLanes);
  EXPECT_EQ(harness_.GetPredicate("%p1"), 0U);
  EXPECT_EQ(harness_.GetPredicate("%p2"), kAllLanes);
  // Every second lane in global memory.
  auto mixed = Each<std::uint64_t>(x, 4);
  for (std::size_t i = 0; i < 32; i += 2) mixed[i] = kSharedWindow + i * 4;
  harness_.Set<std::uint64_t>("%rd5", mixed);
  ASSERT_EQ(harness_.Run("ld.u32 %r4, [%rd5];"), "");
  for (std::uint32_t i = 0; i < 32; ++i) {
    EXPECT_EQ(harness_.Get<std::uint32_t>("%r4")[i], i % 2 == 0 ? 5 + 7 * i : i);
  }
  EXPECT_EQ(Finding(), "");
}

// old, b, c -> new, for one lane.
struct AtomicCase {
  const char* text;
  std::uint64_t old, b, c, after;
};
std::uint64_t F(float value) { return std::bit_cast<std::uint32_t>(value); }
std::uint64_t D(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST_P(MemoryTest, Atomics) {
  const AtomicCase kCases[] = {
      {"atom.global.add.u32 %r0, [%rd0], %r1;", 0xFFFFFFFF, 2, 0, 1},
      {"atom.add.s32 %r0, [%rd0], %r1;", 0x7FFFFFFF, 1, 0, 0x80000000},
      {"atom.global.min.s32 %r0, [%rd0], %r1;", 5, 0xFFFFFFFF, 0, 0xFFFFFFFF},
      {"atom.global.min.u32 %r0, [%rd0], %r1;", 5, 0xFFFFFFFF, 0, 5},
      {"atom.global.max.s32 %r0, [%rd0], %r1;", 5, 0xFFFFFFFF, 0, 5},
      {"atom.global.max.u32 %r0, [%rd0], %r1;", 5, 0xFFFFFFFF, 0, 0xFFFFFFFF},
      {"atom.global.inc.u32 %r0, [%rd0], %r1;", 7, 7, 0, 0},
      {"atom.global.inc.u32 %r0, [%rd0], %r1;", 6, 7, 0, 7},
      {"atom.global.dec.u32 %r0, [%rd0], %r1;", 0, 7, 0, 7},
      {"atom.global.dec.u32 %r0, [%rd0], %r1;", 9, 7, 0, 7},
      {"atom.global.dec.u32 %r0, [%rd0], %r1;", 3, 7, 0, 2},
      {"atom.global.and.b32 %r0, [%rd0], %r1;", 12, 10, 0, 8},
      {"atom.global.or.b32 %r0, [%rd0], %r1;", 12, 10, 0, 14},
      {"atom.global.xor.b32 %r0, [%rd0], %r1;", 12, 10, 0, 6},
      {"atom.global.exch.b32 %r0, [%rd0], %r1;", 12, 10, 0, 10},
      {"atom.relaxed.gpu.global.cas.b32 %r0, [%rd0], %r1, %r2;", 12, 12, 9, 9},
      {"atom.acq_rel.sys.global.cas.b32 %r0, [%rd0], %r1, %r2;", 12, 13, 9, 12},
      {"atom.global.add.f32 %f0, [%rd0], %f1;", F(1.5F), F(2.25F), 0, F(3.75F)},
      {"atom.global.add.f32 %f0, [%rd0], %f1;", 1, F(0), 0, 0},  // flushed
      {"red.global.add.u32 [%rd0], %r1;", 3, 4, 0, 7},
      {"red.global.add.noftz.f16x2 [%rd0], %r1;", 0x3C003C00, 0x40003C00, 0, 0x42004000},
      {"red.global.add.noftz.bf16x2 [%rd0], %r1;", 0x3F803F80, 0x40003F80, 0, 0x40404000},
      {"atom.global.add.u64 %rd9, [%rd0], %rd1;", ~0ULL, 2, 0, 1},
      {"atom.global.min.s64 %rd9, [%rd0], %rd1;", 5, ~0ULL, 0, ~0ULL},
      {"atom.global.max.u64 %rd9, [%rd0], %rd1;", 5, ~0ULL, 0, ~0ULL},
      {"atom.global.exch.b64 %rd9, [%rd0], %rd1;", 5, 6, 0, 6},
      {"atom.global.cas.b64 %rd9, [%rd0], %rd1, %rd2;", 5, 5, 1ULL << 40, 1ULL << 40},
      {"atom.global.add.f64 %d9, [%rd0], %d1;", D(0.5), D(0.25), 0, D(0.75)},
  };
  const std::uint64_t x = Words(8);
  harness_.mask = 1;
  harness_.SetAll<std::uint64_t>("%rd0", x);
  for (const AtomicCase& each : kCases) {
    Poke(x, each.old);
    for (const char* name : {"%r1", "%f1"})
      harness_.SetAll(name, static_cast<std::uint32_t>(each.b));
    for (const char* name : {"%rd1", "%d1"}) harness_.SetAll(name, each.b);
    harness_.SetAll("%r2", static_cast<std::uint32_t>(each.c));
    harness_.SetAll("%rd2", each.c);
    ASSERT_EQ(harness_.Run(each.text), "") << each.text;
    const bool wide = std::string(each.text).find("64 ") != std::string::npos;
    EXPECT_EQ(wide ? Peek<std::uint64_t>(x) : Peek<std::uint32_t>(x), each.after) << each.text;
    if (std::string(each.text).find(" %r0,") != std::string::npos) {
      EXPECT_EQ(harness_.Get<std::uint32_t>("%r0")[0], each.old) << each.text;
    }
    if (std::string(each.text).find(" %rd9,") != std::string::npos) {
      EXPECT_EQ(harness_.Get<std::uint64_t>("%rd9")[0], each.old) << each.text;
    }
  }
  EXPECT_EQ(Finding(), "");
}

TEST_P(MemoryTest, AtomicsTakeLanesInOrder) {
  const std::uint64_t x = Words(8);
  harness_.SetAll<std::uint64_t>("%rd0", x);
  harness_.SetAll<std::uint32_t>("%r1", 3);
  ASSERT_EQ(harness_.Run("atom.global.add.u32 %r0, [%rd0], %r1;"), "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0"), Each<std::uint32_t>(0, 3));
  EXPECT_EQ(Peek<std::uint32_t>(x), 96U);
  EXPECT_TRUE(harness_.dependent);
  harness_.SetAll<std::uint32_t>("%r2", 0);
  ASSERT_EQ(harness_.Run("st.shared.u32 [%r2], %r2; atom.shared.add.u32 %r0, [%r2], %r1;"), "");
  EXPECT_EQ(Counts().waves, 32U);
  ASSERT_EQ(harness_.Run("red.global.add.v4.f32 [%rd0], {%f0, %f1, %f2, %f3};"), "");
}

TEST_P(MemoryTest, PoliciesAndPrioritiesOfCachesChangeNothing) {
  const std::uint64_t x = Words(64);
  harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(x, 4));
  harness_.SetAll<std::uint64_t>("%rd1", 7);
  harness_.SetAll<std::uint32_t>("%r1", 128);
  for (const char* text :
       {"createpolicy.fractional.L2::evict_last.b64 %rd1;",
        "createpolicy.fractional.L2::evict_last.L2::evict_unchanged.b64 %rd1, 0f3F000000;",
        "createpolicy.range.global.L2::evict_last.L2::evict_first.b64 %rd1, [%rd0], %r1, 4096;",
        "createpolicy.cvt.L2.b64 %rd1, 0x10F0000000000000;",
        "applypriority.global.L2::evict_normal [%rd0], 128;"}) {
    EXPECT_EQ(harness_.Run(text), "") << text;
  }
  ASSERT_EQ(harness_.Run("ld.global.L2::cache_hint.u32 %r0, [%rd0], %rd1;"), "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r0"), Each<std::uint32_t>(0, 1));
  for (const char* text :
       {"createpolicy.fractional.b64 %rd1;", "createpolicy.L2::evict_last.b64 %rd1;",
        "createpolicy.range.L2::evict_last.b64 %rd1, [%rd0], %r1;"}) {
    EXPECT_NE(harness_.Run(text), "") << text;
  }
}

TEST_P(MemoryTest, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"ld.global.magic.u32 %r0, [%rd0];", "atom.global.add.f16x4 %r0, [%rd0], %r1;",
        "atom.global.inc.s32 %r0, [%rd0], %r1;", "ld.global.u32 %h0, [%rd0];",
        "cvta.global.u32 %r0, %r1;", "st.const.u32 [%rd0], %r0;",
        "fence.proxy.tensormap::generic.release.gpu;"}) {
    EXPECT_NE(harness_.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
