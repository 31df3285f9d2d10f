// Operations among the lanes of a warp, and printf.
#include <gtest/gtest.h>

#include "sim/printf.h"
#include "unit/sim/sched_machine.h"

namespace caesar::sim {
namespace {

std::vector<std::uint32_t> Lanes(const std::string& body) {
  Machine machine;
  EXPECT_EQ(machine.Run(Machine::Kernel(body + " st.global.u32 [%rd1], %r1;"), 1, 32), 0)
      << machine.Text();
  machine.out.resize(32);
  return machine.out;
}

TEST(WarpSync, Shuffles) {
  const auto up = Lanes("shfl.sync.up.b32 %r1|%p1, %r0, 3, 0, -1; @!%p1 add.u32 %r1, %r1, 100;");
  const auto down = Lanes("shfl.sync.down.b32 %r1, %r0, 5, 31, -1;");
  const auto butterfly = Lanes("shfl.sync.bfly.b32 %r1, %r0, 16, 31, -1;");
  const auto index = Lanes("shfl.sync.idx.b32 %r1, %r0, 9, 0x181f, -1;");  // segments of 8
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(up[lane], lane < 3 ? lane + 100 : lane - 3);
    EXPECT_EQ(down[lane], lane + 5 < 32 ? lane + 5 : lane);
    EXPECT_EQ(butterfly[lane], lane ^ 16);
    EXPECT_EQ(index[lane], lane / 8 * 8 + 1);
  }
}

TEST(WarpSync, VotesMatchesAndReductions) {
  const auto ballot = Lanes("setp.lt.u32 %p1, %r0, 5; vote.sync.ballot.b32 %r1, !%p1, -1;");
  const auto any = Lanes("and.b32 %r2, %r0, 3; match.any.sync.b32 %r1, %r2, -1;");
  const auto sum = Lanes("redux.sync.add.u32 %r1, %r0, -1;");
  const auto least = Lanes("sub.u32 %r2, 5, %r0; redux.sync.min.s32 %r1, %r2, -1;");
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(ballot[lane], ~31u);
    EXPECT_EQ(any[lane], 0x11111111u << lane % 4);
    EXPECT_EQ(sum[lane], 496u);
    EXPECT_EQ(least[lane], static_cast<std::uint32_t>(-26));
  }
}

// Each tile of 8 lanes gives its own membermask, as cooperative groups do.
TEST(WarpSync, TilesWithMasksOfTheirOwn) {
  const auto sum = Lanes(R"(
    and.b32 %r2, %r0, 24; shl.b32 %r3, 0xff, %r2; redux.sync.add.u32 %r1, %r0, %r3;)");
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(sum[lane], lane / 8 * 64 + 28);
  }
}

// Lanes come to the shuffle from different sides; it waits for all.
TEST(WarpSync, WaitsForLanesThatComeLater) {
  const auto result = Lanes(R"(
    mov.u32 %r2, %r0; setp.ge.u32 %p1, %r0, 20; @%p1 bra FAR;
  MEET: shfl.sync.bfly.b32 %r1, %r2, 31, 31, -1; bra END;
  FAR: add.u32 %r2, %r2, 1000; bra MEET;
  END:)");
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(result[lane], 31 - lane + (31 - lane >= 20 ? 1000 : 0));
  }
}

TEST(WarpSync, BarrierOfAWarpAtTwoInstructions) {
  const auto result = Lanes(R"(
    setp.lt.u32 %p1, %r0, 16; @%p1 bra A;
    bar.warp.sync -1; mov.u32 %r1, 1; bra END;
  A: bar.warp.sync -1; mov.u32 %r1, 2;
  END:)");
  EXPECT_EQ(result[0], 2u);
  EXPECT_EQ(result[31], 1u);
}

TEST(WarpSync, WaitingForALaneThatNeverComesIsADeadlock) {
  Machine machine;
  const std::string body = R"(
    setp.lt.u32 %p1, %r0, 16; @%p1 bra A;
    shfl.sync.idx.b32 %r1, %r0, 0, 31, -1; bra END;
  A: shfl.sync.idx.b32 %r1, %r0, 1, 31, -1;
  END:)";
  EXPECT_EQ(machine.Run(Machine::Kernel(body), 1, 32), 702);
  EXPECT_TRUE(machine.Found(FindingKind::kDeadlock)) << machine.Text();
}

TEST(Clock, GoesForward) {
  const auto result = Lanes("mov.u32 %r2, %clock; mov.u32 %r3, %clock; sub.u32 %r1, %r3, %r2;");
  EXPECT_EQ(result[0], 1u);
}

TEST(Printf, TakesItsFormatApart) {
  std::vector<std::uint64_t> values{static_cast<std::uint32_t>(-5), 255, 0x3ff8000000000000, 7, 42};
  std::size_t at = 0;
  PrintfSource source;
  source.next = [&](std::size_t) { return at < values.size() ? values[at++] : 0; };
  source.text = [](std::uint64_t address) { return address == 7 ? std::string("seven") : ""; };
  EXPECT_EQ(FormatPrintf("%5d|%#06x|%.2f|%-7s|%lld%%", source), "   -5|0x00ff|1.50|seven  |42%");
  EXPECT_EQ(FormatPrintf("%n %", source), "%n %");
}

}  // namespace
}  // namespace caesar::sim
