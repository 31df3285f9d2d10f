// st.async, red.async, cp.reduce.async.bulk and multicasts: what arrives, where, and when.
#include <gtest/gtest.h>

#include <bit>
#include <utility>

#include "sim/memory_access.h"
#include "unit/sim/lanes_check.h"

namespace caesar::sim {
namespace {

constexpr std::uint32_t kBarrier = 512, kSource = 1024, kTarget = 4096;
constexpr std::uint32_t kUnwritten = 0xFFFFFFFF;

// A cluster of two blocks, of which the first one runs.
class RemoteTest : public testing::TestWithParam<Isa> {
 protected:
  RemoteTest() : harness_(DecodeAsync, GetParam()) {
    other_.shared.Reset(OpHarness::kSharedBytes, 1);
    blocks_ = {&harness_.block(), &other_};
    harness_.block().cluster = other_.cluster = blocks_.data();
    harness_.block().cluster_blocks = other_.cluster_blocks = 2;
    other_.cluster_rank = 1;
    x_ = harness_.arena().Allocate(4096, "tensor x");
    harness_.mask = 1;
    harness_.SetAll<std::uint32_t>("%r0", kTarget);
    harness_.SetAll<std::uint32_t>("%r1", kBarrier);
    harness_.SetAll<std::uint32_t>("%r2", kSource);
    harness_.SetAll<std::uint32_t>("%r3", 1);
    harness_.SetAll<std::uint32_t>("%r4", 0);
    harness_.SetAll<std::uint32_t>("%r10", ClusterAddress(1, kTarget));
    harness_.SetAll<std::uint32_t>("%r11", ClusterAddress(1, kBarrier));
    harness_.SetAll<std::uint64_t>("%rd0", x_);
  }
  template <class T>
  static T Read(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  std::uint32_t Here(std::uint32_t offset) {
    return Read<std::uint32_t>(harness_.shared().data() + offset);
  }
  std::uint32_t There(std::uint32_t offset) {
    return Read<std::uint32_t>(other_.shared.data() + offset);
  }
  template <class T>
  void PutShared(std::uint32_t offset, const std::vector<T>& values) {
    std::memcpy(harness_.shared().data() + offset, values.data(), values.size() * sizeof(T));
    harness_.shared().NoteForeignWrite(offset,
                                       static_cast<std::uint32_t>(values.size() * sizeof(T)));
  }
  // Whether the phase of the own barrier, or of the other block's, is over.
  Mask Done() {
    EXPECT_EQ(harness_.Run("mbarrier.test_wait.parity.shared::cta.b64 %p0, [%r1], %r4;"), "");
    return harness_.GetPredicate("%p0");
  }
  Mask DoneThere() {
    Block* const own = std::exchange(harness_.warp().block, &other_);
    const Mask done = Done();
    harness_.warp().block = own;
    return done;
  }
  void InitBarriers() {
    ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r3;"), "");
    std::memcpy(other_.shared.data() + kBarrier, harness_.shared().data() + kBarrier, 8);
    other_.shared.NoteForeignWrite(kBarrier, 8);
  }
  std::string Finding() {
    const auto found = harness_.findings().Take();
    return found.empty() ? "" : std::string(Name(found.back().kind)) + ": " + found.back().text;
  }

  OpHarness harness_;
  Block other_;
  std::array<Block*, 2> blocks_ = {};
  std::uint64_t x_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Isas, RemoteTest, testing::ValuesIn(Isas()),
                         [](const auto& each) { return std::to_string(each.index); });

TEST_P(RemoteTest, AStoreArrivesWithTheOtherBlocksMbarrier) {
  InitBarriers();
  harness_.SetAll<std::uint32_t>("%r5", 24);
  harness_.SetAll<std::uint32_t>("%r6", 4711);
  harness_.SetAll<std::uint64_t>("%rd5", 0x1234'5678'9ABC'DEF0);
  ASSERT_EQ(
      harness_.Run(
          "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [%r10], %r6, [%r11];"
          "st.async.shared::cluster.mbarrier::complete_tx::bytes.u64 [%r10+8], %rd5, [%r11];"
          "mbarrier.arrive.expect_tx.release.cluster.shared::cluster.b64 _, [%r11], %r5;"),
      "");
  EXPECT_EQ(DoneThere(), 0U);  // 12 of 24 bytes
  EXPECT_EQ(There(kTarget), 4711U);
  EXPECT_EQ(There(kTarget + 12), 0x12345678U);
  harness_.SetAll<float>("%f1", 1.5F);
  harness_.SetAll<float>("%f2", -2.0F);
  harness_.SetAll<std::uint32_t>("%r6", 9);
  ASSERT_EQ(harness_.Run("st.async.shared::cluster.mbarrier::complete_tx::bytes.v2.f32"
                         " [%r10+16], {%f1, %f2}, [%r11];"
                         "st.async.shared::cluster.mbarrier::complete_tx::bytes.s32"
                         " [%r10+4], %r6, [%r11];"),
            "");
  EXPECT_EQ(There(kTarget + 16), kUnwritten);
  EXPECT_EQ(DoneThere(), 1U);
  EXPECT_EQ(There(kTarget + 4), 9U);
  EXPECT_EQ(There(kTarget + 20), std::bit_cast<std::uint32_t>(-2.0F));
  EXPECT_EQ(Here(kTarget), kUnwritten);
  EXPECT_EQ(Finding(), "");
}

TEST_P(RemoteTest, AllLanesStoreVectors) {
  InitBarriers();
  harness_.mask = 0xF000'0F0F;
  std::array<std::uint32_t, kLanes> to{};
  for (std::uint32_t i = 0; i < kLanes; ++i) to[i] = kTarget + 16 * i;
  harness_.Set("%r0", to);
  for (std::uint32_t k = 0; k < 4; ++k) {
    std::array<std::uint32_t, kLanes> values{};
    for (std::uint32_t i = 0; i < kLanes; ++i) values[i] = 10 * i + k;
    harness_.Set("%r" + std::to_string(20 + k), values);
  }
  ASSERT_EQ(harness_.Run("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.b32"
                         " [%r0], {%r20, %r21, %r22, %r23}, [%r1];"),
            "");
  harness_.SetAll<std::uint32_t>("%r5", 12 * 16);
  const Mask lanes = std::exchange(harness_.mask, 1);
  ASSERT_EQ(harness_.Run("mbarrier.arrive.expect_tx.shared.b64 _, [%r1], %r5;"), "");
  EXPECT_EQ(Done(), 1U);
  for (std::uint32_t i = 0; i < kLanes; ++i) {
    for (std::uint32_t k = 0; k < 4; ++k) {
      EXPECT_EQ(Here(kTarget + 16 * i + 4 * k), (lanes >> i & 1) != 0 ? 10 * i + k : kUnwritten);
    }
  }
}

struct ReduceCase {
  const char* form;
  std::uint32_t old, operand, expected;
};
TEST_P(RemoteTest, ReducesInOrder) {
  constexpr ReduceCase kCases[] = {
      {"add.u32", 0xFFFFFFFF, 3, 2},
      {"add.s32", 5, 0xFFFFFFFF, 4},
      {"min.u32", 5, 0xFFFFFFFF, 5},
      {"min.s32", 5, 0xFFFFFFFF, 0xFFFFFFFF},
      {"max.u32", 5, 0xFFFFFFFF, 0xFFFFFFFF},
      {"max.s32", 5, 0xFFFFFFFF, 5},
      {"inc.u32", 7, 7, 0},
      {"dec.u32", 0, 7, 7},
      {"and.b32", 12, 10, 8},
      {"or.b32", 12, 10, 14},
      {"xor.b32", 12, 10, 6},
  };
  for (const ReduceCase& each : kCases) {
    InitBarriers();
    PutShared<std::uint32_t>(kTarget, {each.old});
    harness_.SetAll<std::uint32_t>("%r5", 4);
    harness_.SetAll("%r6", each.operand);
    ASSERT_EQ(
        harness_.Run("red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes." +
                     std::string(each.form) +
                     " [%r0], %r6, [%r1]; mbarrier.arrive.expect_tx.shared.b64 _, [%r1], %r5;"),
        "")
        << each.form;
    EXPECT_EQ(Here(kTarget), each.old);
    EXPECT_EQ(Done(), 1U);
    EXPECT_EQ(Here(kTarget), each.expected) << each.form;
  }
  EXPECT_EQ(Finding(), "");
}

TEST_P(RemoteTest, ReducesABulkIntoTheOtherBlock) {
  InitBarriers();
  PutShared<std::uint32_t>(kSource, {1, 2, 3, 0xFFFFFFFF});
  const std::uint32_t old[] = {10, 20, 30, 40};
  std::memcpy(other_.shared.data() + kTarget, old, sizeof old);
  harness_.SetAll<std::uint32_t>("%r5", 16);
  ASSERT_EQ(harness_.Run("cp.reduce.async.bulk.shared::cluster.shared::cta"
                         ".mbarrier::complete_tx::bytes.add.s32 [%r10], [%r2], %r5, [%r11];"
                         "mbarrier.arrive.expect_tx.release.cluster.shared::cluster.b64 _, [%r11],"
                         " %r5;"),
            "");
  EXPECT_EQ(There(kTarget), 10U);
  EXPECT_EQ(DoneThere(), 1U);
  for (std::uint32_t k = 0; k < 4; ++k) {
    EXPECT_EQ(There(kTarget + 4 * k), k == 3 ? 39 : old[k] + k + 1);
  }
  EXPECT_EQ(Finding(), "");
}

TEST_P(RemoteTest, ReducesABulkIntoGlobalMemory) {
  const auto word = [&](std::uint64_t offset) {
    return Read<std::uint32_t>(harness_.arena().Host(x_ + offset));
  };
  const auto put = [&](const std::vector<std::uint32_t>& old) {
    std::memcpy(harness_.arena().Host(x_), old.data(), old.size() * 4);
  };
  harness_.SetAll<std::uint32_t>("%r5", 16);
  const auto run = [&](const std::string& form) {
    ASSERT_EQ(harness_.Run("cp.reduce.async.bulk.global.shared::cta.bulk_group." + form +
                           " [%rd0], [%r2], %r5; cp.async.bulk.commit_group;"),
              "")
        << form;
    EXPECT_TRUE(harness_.dependent);
    ASSERT_EQ(harness_.Run("cp.async.bulk.wait_group 0;"), "");
  };
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  PutShared<std::uint32_t>(kSource, {bits(1.5F), bits(-2.0F), 1, bits(0x1p127F)});
  put({bits(1.0F), bits(2.0F), 0, bits(0x1p127F)});
  run("add.f32");
  EXPECT_EQ(word(0), bits(2.5F));
  EXPECT_EQ(word(4), 0U);
  EXPECT_EQ(word(8), 0U);  // subnormals are flushed
  EXPECT_EQ(word(12), 0x7F800000U);
  // f16: 1 + 1, 2 + 1; the smallest subnormal twice; 65504 + 65504.
  PutShared<std::uint32_t>(kSource, {0x3C00'3C00, 0x0001'7BFF, 0, 0});
  put({0x3C00'4000, 0x0001'7BFF, 0, 0});
  run("add.noftz.f16");
  EXPECT_EQ(word(0), 0x4000'4200U);
  EXPECT_EQ(word(4), 0x0002'7C00U);
  put({0x3C00'4000, 0x8001'7BFF, 0, 0});
  run("min.f16");
  EXPECT_EQ(word(0), 0x3C00'3C00U);
  EXPECT_EQ(word(4), 0x8001'7BFFU);
  PutShared<std::uint32_t>(kSource, {0xFFFFFFFF, 0xFFFFFFFF, 7, 0});
  put({5, 0, 9, 0});
  run("min.s64");
  EXPECT_EQ(word(0), 0xFFFFFFFFU);
  EXPECT_EQ(word(8), 7U);
  put({5, 0, 9, 0});
  run("min.u64");
  EXPECT_EQ(word(0), 5U);
  put({5, 1, 1, 1});
  run("and.b64");
  EXPECT_EQ(word(0), 5U);
  EXPECT_EQ(word(12), 0U);
  EXPECT_EQ(Finding(), "");
}

TEST_P(RemoteTest, MulticastsToTheBlocksOfTheMask) {
  InitBarriers();
  for (std::uint32_t i = 0; i < 8; ++i) {
    std::memcpy(harness_.arena().Host(x_ + 4 * i), &i, sizeof i);
  }
  harness_.SetAll<std::uint32_t>("%r5", 32);
  harness_.SetAll<std::uint16_t>("%h1", 2);
  const std::string copy =
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster"
      " [%r0], [%rd0], %r5, [%r1], %h1;";
  ASSERT_EQ(harness_.Run(copy + "mbarrier.arrive.expect_tx.shared.b64 _, [%r1], %r5;"
                                "mbarrier.arrive.expect_tx.shared::cluster.b64 _, [%r11], %r5;"),
            "");
  EXPECT_EQ(Done(), 0U);
  EXPECT_EQ(DoneThere(), 1U);
  EXPECT_EQ(There(kTarget + 28), 7U);
  EXPECT_EQ(Here(kTarget + 28), kUnwritten);
  InitBarriers();
  harness_.SetAll<std::uint16_t>("%h1", 3);
  ASSERT_EQ(harness_.Run(copy + "mbarrier.arrive.expect_tx.shared.b64 _, [%r1], %r5;"), "");
  EXPECT_EQ(Done(), 1U);
  EXPECT_EQ(Here(kTarget + 28), 7U);
  EXPECT_EQ(Finding(), "");
  harness_.SetAll<std::uint16_t>("%h1", 4);
  ASSERT_EQ(harness_.Run(copy), "");
  EXPECT_NE(Finding().find("a block that the cluster does not have"), std::string::npos);
}

TEST_P(RemoteTest, ChecksPlaces) {
  harness_.SetAll<std::uint32_t>("%r6", ClusterAddress(1, OpHarness::kSharedBytes));
  const std::string store = "st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 ";
  ASSERT_EQ(harness_.Run(store + "[%r6], %r5, [%r11];"), "");
  EXPECT_EQ(Finding().find("shared_out_of_bounds"), 0U);
  ASSERT_EQ(harness_.Run(store + "[%r10+2], %r5, [%r11];"), "");
  EXPECT_EQ(Finding().find("misaligned"), 0U);
  ASSERT_EQ(harness_.Run(store + "[%r10], %r5, [%r1];"), "");
  EXPECT_NE(Finding().find("another block"), std::string::npos);
}

TEST_P(RemoteTest, RefusesWhatDoesNotExist) {
  const std::string complete = ".mbarrier::complete_tx::bytes";
  for (const std::string& text :
       {"st.async.shared::cluster" + complete + ".b16 [%r0], %h0, [%r1];",
        "st.async.shared::cluster" + complete + ".v4.b64 [%r0], {%rd0, %rd1, %rd2, %rd3}, [%r1];",
        "red.async.relaxed.cluster.shared::cluster" + complete + ".min.u64 [%r0], %rd0, [%r1];",
        "red.async.relaxed.cluster.shared::cluster" + complete + ".add.f32 [%r0], %f0, [%r1];",
        "cp.reduce.async.bulk.shared::cluster.global" + complete +
            ".add.u32 [%r0], [%rd0], %r1,"
            " [%r1];",
        "cp.reduce.async.bulk.shared::cluster.shared::cta" + complete +
            ".add.f32 [%r0], [%r1], %r1, [%r1];",
        std::string("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f16 [%rd0], [%r1],"
                    " %r1;"),
        std::string("cp.reduce.async.bulk.global.shared::cta.bulk_group.and.u32 [%rd0], [%r1],"
                    " %r1;"),
        std::string("cp.reduce.async.global.shared::cta.bulk_group.and.b32 [%rd0], [%r1], %r1;")}) {
    EXPECT_NE(harness_.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
