// cp.async, mbarrier and bulk copies: what completes when.
#include <gtest/gtest.h>

#include "unit/sim/op_harness.h"

namespace caesar::sim {
namespace {

template <class T>
std::array<T, kLanes> Each(T first, T step) {
  std::array<T, kLanes> values;
  for (std::size_t i = 0; i < kLanes; ++i) {
    values[i] = static_cast<T>(first + static_cast<T>(i) * step);
  }
  return values;
}

class AsyncTest : public testing::Test {
 protected:
  AsyncTest() : harness_(DecodeAsync, BestIsa()) {
    x_ = harness_.arena().Allocate(4096, "tensor x");
    for (std::uint32_t i = 0; i < 1024; ++i) {
      std::memcpy(harness_.arena().Host(x_ + i * 4), &i, sizeof i);
    }
    harness_.Set<std::uint64_t>("%rd0", Each<std::uint64_t>(x_, 16));
    harness_.Set<std::uint32_t>("%r0", Each<std::uint32_t>(1024, 16));
    harness_.SetAll<std::uint32_t>("%r1", 512);  // an mbarrier
  }
  std::uint32_t Shared(std::uint32_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, harness_.shared().data() + offset, sizeof value);
    return value;
  }
  std::string Finding() {
    const auto found = harness_.findings().Take();
    return found.empty() ? "" : std::string(Name(found.back().kind)) + ": " + found.back().text;
  }

  OpHarness harness_;
  std::uint64_t x_ = 0;
};

constexpr std::uint32_t kUnwritten = 0xFFFFFFFF;

TEST_F(AsyncTest, ACopyArrivesWhenItIsWaitedForAndNotBefore) {
  ASSERT_EQ(harness_.Run("cp.async.cg.shared.global [%r0], [%rd0], 16; cp.async.commit_group;"),
            "");
  EXPECT_EQ(Shared(1024 + 16), kUnwritten);
  ASSERT_EQ(harness_.Run("cp.async.wait_group 1;"), "");
  EXPECT_EQ(Shared(1024 + 16), kUnwritten);
  ASSERT_EQ(harness_.Run("cp.async.wait_group 0;"), "");
  for (std::uint32_t word = 0; word < 128; ++word) EXPECT_EQ(Shared(1024 + word * 4), word);
  EXPECT_EQ(Finding(), "");
}

TEST_F(AsyncTest, GroupsCompleteInOrder) {
  ASSERT_EQ(harness_.Run("cp.async.ca.shared.global [%r0], [%rd0], 4; cp.async.commit_group;"
                         "cp.async.ca.shared.global [%r0+8], [%rd0+8], 8; cp.async.commit_group;"
                         "cp.async.ca.shared.global [%r0+4], [%rd0+4], 4;"
                         "cp.async.wait_group 1;"),
            "");
  EXPECT_EQ(Shared(1024 + 16), 4U);
  EXPECT_EQ(Shared(1024 + 24), kUnwritten);
  ASSERT_EQ(harness_.Run("cp.async.wait_group 0;"), "");
  EXPECT_EQ(Shared(1024 + 24), 6U);
  EXPECT_EQ(Shared(1024 + 20), kUnwritten);  // of no group yet
  ASSERT_EQ(harness_.Run("cp.async.wait_all;"), "");
  EXPECT_EQ(Shared(1024 + 20), 5U);
}

TEST_F(AsyncTest, FillsWithZerosWhatItDoesNotRead) {
  harness_.SetAll<std::uint32_t>("%r2", 8);
  ASSERT_EQ(harness_.Run("cp.async.cg.shared.global.L2::128B [%r0], [%rd0], 16, %r2;"
                         "cp.async.wait_all;"),
            "");
  EXPECT_EQ(Shared(1024 + 16 + 4), 5U);
  EXPECT_EQ(Shared(1024 + 16 + 8), 0U);
  // Nothing is read through a wild pointer if the size is 0.
  harness_.SetAll<std::uint32_t>("%r2", 0);
  harness_.SetAll<std::uint64_t>("%rd1", 0);
  ASSERT_EQ(harness_.Run("cp.async.cg.shared.global [%r0], [%rd1], 16, %r2; cp.async.wait_all;"),
            "");
  EXPECT_EQ(Shared(1024 + 16), 0U);
  EXPECT_EQ(Finding(), "");
  harness_.SetPredicate("%p0", 1);
  ASSERT_EQ(harness_.Run("cp.async.ca.shared.global [%r0], [%rd0], 16, %p0; cp.async.wait_all;"),
            "");
  EXPECT_EQ(Shared(1024 + 4), 0U);
  EXPECT_EQ(Shared(1024 + 20), 5U);
}

TEST_F(AsyncTest, ChecksBothSides) {
  harness_.SetAll<std::uint32_t>("%r2", OpHarness::kSharedBytes);
  ASSERT_EQ(harness_.Run("cp.async.ca.shared.global [%r2], [%rd0], 4;"), "");
  EXPECT_NE(Finding().find("shared_out_of_bounds: writes 4 bytes"), std::string::npos);
  harness_.SetAll<std::uint64_t>("%rd1", x_ + 4096);
  ASSERT_EQ(harness_.Run("cp.async.ca.shared.global [%r0], [%rd1], 4;"), "");
  EXPECT_NE(Finding().find("right behind the end of tensor x"), std::string::npos);
}

TEST_F(AsyncTest, AnMbarrierCountsArrivalsAndPhases) {
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r2", 2);
  harness_.SetAll<std::uint32_t>("%r3", 0);
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"
                         "mbarrier.arrive.shared.b64 %rd1, [%r1];"
                         "mbarrier.test_wait.shared.b64 %p0, [%r1], %rd1;"
                         "mbarrier.arrive.shared::cta.b64 %rd2, [%r1];"
                         "mbarrier.test_wait.shared.b64 %p1, [%r1], %rd1;"
                         "mbarrier.try_wait.parity.shared.b64 %p2, [%r1], %r3;"
                         "mbarrier.pending_count.b64 %r4, %rd1;"
                         "mbarrier.pending_count.b64 %r5, %rd2;"),
            "");
  EXPECT_EQ(harness_.GetPredicate("%p0"), 0U);
  EXPECT_EQ(harness_.GetPredicate("%p1"), 1U);
  EXPECT_EQ(harness_.GetPredicate("%p2"), 1U);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r4")[0], 2U);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r5")[0], 1U);
  // The second phase: one thread drops out, so that the third one needs one arrival only.
  harness_.SetAll<std::uint32_t>("%r3", 1);
  ASSERT_EQ(harness_.Run("mbarrier.arrive_drop.shared.b64 %rd1, [%r1];"
                         "mbarrier.test_wait.parity.shared.b64 %p0, [%r1], %r3;"
                         "mbarrier.arrive.shared.b64 _, [%r1];"
                         "mbarrier.test_wait.parity.shared.b64 %p1, [%r1], %r3;"
                         "mbarrier.arrive.shared.b64 %rd3, [%r1];"
                         "mbarrier.test_wait.shared.b64 %p2, [%r1], %rd3;"),
            "");
  EXPECT_EQ(harness_.GetPredicate("%p0"), 0U);
  EXPECT_EQ(harness_.GetPredicate("%p1"), 1U);
  EXPECT_EQ(harness_.GetPredicate("%p2"), 1U);
  EXPECT_EQ(Finding(), "");
}

TEST_F(AsyncTest, AllLanesOfAWarpArrive) {
  harness_.SetAll<std::uint32_t>("%r2", 32);
  harness_.SetAll<std::uint32_t>("%r3", 0);
  harness_.mask = 1;
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"), "");
  harness_.mask = kAllLanes;
  ASSERT_EQ(harness_.Run("cp.async.ca.shared.global [%r0], [%rd0], 16;"
                         "cp.async.mbarrier.arrive.noinc.shared.b64 [%r1];"
                         "cp.async.ca.shared.global [%r0+8192], [%rd0], 16;"),
            "");
  EXPECT_EQ(Shared(1024 + 16), kUnwritten);  // until somebody waits
  ASSERT_EQ(harness_.Run("mbarrier.test_wait.parity.shared.b64 %p0, [%r1], %r3;"), "");
  EXPECT_EQ(harness_.GetPredicate("%p0"), kAllLanes);
  EXPECT_EQ(Shared(1024 + 16), 4U);
  EXPECT_EQ(Shared(1024 + 8192 + 16), kUnwritten);  // begun after the arrival
  EXPECT_EQ(Finding(), "");
}

TEST_F(AsyncTest, AnArrivalOfCopiesComesWhenTheyAreWaitedFor) {
  harness_.SetAll<std::uint32_t>("%r2", 1);
  harness_.SetAll<std::uint32_t>("%r3", 0);
  harness_.mask = 1;
  // With increment, the thread's own arrival is what the count is for.
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"
                         "cp.async.ca.shared.global [%r0], [%rd0+4], 4;"
                         "cp.async.mbarrier.arrive.shared.b64 [%r1];"
                         "mbarrier.arrive.shared.b64 %rd1, [%r1];"
                         "mbarrier.pending_count.b64 %r4, %rd1;"),
            "");
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r4")[0], 2U);
  EXPECT_EQ(Shared(1024), kUnwritten);
  ASSERT_EQ(harness_.Run("cp.async.wait_all; mbarrier.arrive.shared.b64 %rd1, [%r1];"
                         "mbarrier.pending_count.b64 %r4, %rd1;"
                         "mbarrier.test_wait.parity.shared.b64 %p0, [%r1], %r2;"),
            "");
  EXPECT_EQ(Shared(1024), 1U);
  EXPECT_EQ(harness_.Get<std::uint32_t>("%r4")[0], 1U);  // of the second phase
  EXPECT_EQ(harness_.GetPredicate("%p0"), 1U);
  EXPECT_EQ(Finding(), "");
}

TEST_F(AsyncTest, CopiesWithoutIncrementAreAmongTheArrivals) {
  harness_.SetAll<std::uint32_t>("%r2", 2);
  harness_.SetAll<std::uint32_t>("%r3", 0);
  harness_.mask = 1;
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"
                         "cp.async.mbarrier.arrive.noinc.shared.b64 [%r1];"
                         "mbarrier.test_wait.parity.shared.b64 %p0, [%r1], %r3;"),
            "");
  EXPECT_EQ(harness_.GetPredicate("%p0"), 0U);
  ASSERT_EQ(harness_.Run("cp.async.mbarrier.arrive.noinc.shared.b64 [%r1];"
                         "mbarrier.test_wait.parity.shared.b64 %p0, [%r1], %r3;"),
            "");
  EXPECT_EQ(harness_.GetPredicate("%p0"), 1U);
}

TEST_F(AsyncTest, MisuseOfMbarriersIsFound) {
  ASSERT_EQ(harness_.Run("mbarrier.arrive.shared.b64 %rd1, [%r1];"), "");
  EXPECT_NE(Finding().find("not initialised"), std::string::npos);
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r2", 2);
  harness_.SetAll<std::uint32_t>("%r3", 3);
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"
                         "mbarrier.arrive.shared.b64 %rd1, [%r1], %r3;"),
            "");
  EXPECT_NE(Finding().find("arrives 3 times"), std::string::npos);
  EXPECT_EQ(harness_.last_step, Step::kFault);
}

// Of 21 bits with a sign, as PTX has it; neither wraps around.
TEST_F(AsyncTest, MbarriersCountBytesUpToALimit) {
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r2", 1);
  harness_.SetAll<std::uint32_t>("%r3", (1U << 20) - 1);
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"
                         "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r1], %r3;"),
            "");
  EXPECT_EQ(harness_.last_step, Step::kNext) << Finding();
  ASSERT_EQ(harness_.Run("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r1], %r2;"), "");
  EXPECT_NE(Finding().find("counts at most 1048575 bytes"), std::string::npos);
}

TEST_F(AsyncTest, MbarriersDoNotTakeMoreBytesThanTheyCount) {
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r2", 1);
  harness_.SetAll<std::uint32_t>("%r3", 1024);
  harness_.SetAll<std::uint32_t>("%r4", 0);
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"), "");
  for (int i = 0; i < 1024; ++i) {
    ASSERT_EQ(harness_.Run("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes"
                           " [%r0], [%rd0], %r3, [%r1];"),
              "");
    ASSERT_EQ(harness_.last_step, Step::kNext) << Finding();
  }
  ASSERT_EQ(harness_.Run("mbarrier.test_wait.parity.shared.b64 %p0, [%r1], %r4;"), "");
  EXPECT_NE(Finding().find("counts at most 1048575 bytes"), std::string::npos);
}

TEST_F(AsyncTest, ABulkCopyArrivesWithItsMbarriersPhase) {
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r2", 1);
  harness_.SetAll<std::uint32_t>("%r3", 256);
  harness_.SetAll<std::uint32_t>("%r4", 0);
  ASSERT_EQ(harness_.Run("mbarrier.init.shared.b64 [%r1], %r2;"
                         "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes"
                         " [%r0], [%rd0], %r3, [%r1];"),
            "");
  EXPECT_EQ(Shared(1024), kUnwritten);
  ASSERT_EQ(harness_.Run("mbarrier.arrive.expect_tx.shared::cta.b64 %rd1, [%r1], %r3;"), "");
  EXPECT_EQ(Shared(1024), kUnwritten);
  ASSERT_EQ(harness_.Run("mbarrier.try_wait.parity.shared.b64 %p0, [%r1], %r4;"), "");
  EXPECT_EQ(harness_.GetPredicate("%p0"), 1U);
  EXPECT_EQ(Shared(1024 + 252), 63U);
  EXPECT_EQ(Shared(1024 + 256), kUnwritten);
  EXPECT_EQ(Finding(), "");
}

TEST_F(AsyncTest, ABulkCopyOutWaitsForItsGroup) {
  harness_.mask = 1;
  harness_.SetAll<std::uint32_t>("%r3", 32);
  const std::uint32_t value = 4711;
  std::memcpy(harness_.shared().data() + 1024, &value, sizeof value);
  harness_.shared().NoteForeignWrite(1024, 32);
  const auto word = [&] {
    std::uint32_t now = 0;
    std::memcpy(&now, harness_.arena().Host(x_), sizeof now);
    return now;
  };
  ASSERT_EQ(harness_.Run("cp.async.bulk.global.shared::cta.bulk_group [%rd0], [%r0], %r3;"
                         "cp.async.bulk.commit_group; cp.async.bulk.wait_group 1;"),
            "");
  EXPECT_EQ(word(), 0U);
  ASSERT_EQ(harness_.Run("cp.async.bulk.wait_group.read 0;"), "");
  EXPECT_EQ(word(), value);
  harness_.SetAll<std::uint32_t>("%r3", 24);
  ASSERT_EQ(harness_.Run("cp.async.bulk.global.shared::cta.bulk_group [%rd0], [%r0], %r3;"), "");
  EXPECT_NE(Finding().find("multiples of 16"), std::string::npos);
}

TEST_F(AsyncTest, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"cp.async.cg.shared.global [%r0], [%rd0], 8;", "cp.async.wait_group %r0;",
        "cp.async.bulk.tensor.1d.shared::cluster.global.tile.mbarrier::complete_tx::bytes"
        " [%r0], [%rd0, {%r1}], [%r2];",
        "mbarrier.magic.shared.b64 [%r1];"}) {
    EXPECT_NE(harness_.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
