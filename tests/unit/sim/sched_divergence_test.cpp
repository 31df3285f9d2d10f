// Branches, loops, locks and calls by lanes that take different ways.
#include <gtest/gtest.h>

#include "base/format.h"
#include "unit/sim/sched_machine.h"

namespace caesar::sim {
namespace {

TEST(Divergence, StraightLine) {
  Machine machine;
  ASSERT_EQ(machine.Run(Machine::Kernel("st.global.u32 [%rd1], %r0;"), 3, 70), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 210; ++i) ASSERT_EQ(machine.out[i], i);
  EXPECT_EQ(machine.out[210], 0u);
  EXPECT_EQ(machine.record.blocks_run, 3u);
}

TEST(Divergence, LanesMeetAgainBehindABranch) {
  Machine machine;
  const std::string body = R"(
    and.b32 %r1, %r0, 1; setp.eq.u32 %p1, %r1, 0;
    @%p1 bra EVEN;
    add.u32 %r2, %r0, 100; bra JOIN;
  EVEN:
    add.u32 %r2, %r0, 200;
  JOIN:
    activemask.b32 %r3; xor.b32 %r3, %r3, %r2; st.global.u32 [%rd1], %r3;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 32), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 32; ++i) {
    EXPECT_EQ(machine.out[i], ~(i + (i % 2 == 0 ? 200 : 100))) << i;
  }
}

// Each lane goes round as often as its number says, leaves early or skips.
TEST(Divergence, LoopsOfDifferentLengthsWithBreakAndContinue) {
  Machine machine;
  const std::string body = R"(
    mov.u32 %r1, 0; mov.u32 %r2, 0;
  LOOP:
    setp.ge.u32 %p1, %r1, %r0; @%p1 bra DONE;
    add.u32 %r1, %r1, 1;
    and.b32 %r3, %r1, 3; setp.eq.u32 %p2, %r3, 0; @%p2 bra LOOP;
    add.u32 %r2, %r2, %r1;
    setp.gt.u32 %p3, %r2, 150; @%p3 bra DONE;
    bra LOOP;
  DONE:
    activemask.b32 %r4; setp.ne.u32 %p4, %r4, 0xffffffff; @%p4 trap;
    st.global.u32 [%rd1], %r2;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 32), 0) << machine.Text();
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 1; i <= lane && sum <= 150; ++i) sum += i % 4 == 0 ? 0 : i;
    EXPECT_EQ(machine.out[lane], sum) << lane;
  }
}

TEST(Divergence, SomeLanesExitEarly) {
  Machine machine;
  const std::string body = R"(
    setp.lt.u32 %p1, %r0, 10; @%p1 exit;
    activemask.b32 %r1; st.global.u32 [%rd1], %r1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 32), 0) << machine.Text();
  EXPECT_EQ(machine.out[9], 0u);
  EXPECT_EQ(machine.out[10], 0xfffffc00u);
}

TEST(Divergence, TablesOfTargets) {
  Machine machine;
  const std::string body = R"(
    and.b32 %r1, %r0, 3;
    T: .branchtargets A, B, C, B;
    brx.idx %r1, T;
  A: mov.u32 %r2, 10; bra END;
  B: mov.u32 %r2, 20; bra END;
  C: mov.u32 %r2, 30;
  END: activemask.b32 %r3; not.b32 %r3, %r3; add.u32 %r2, %r2, %r3; st.global.u32 [%rd1], %r2;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 64), 0) << machine.Text();
  const std::uint32_t expected[] = {10, 20, 30, 20};
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(machine.out[i], expected[i % 4]) << i;
}

// The lanes of a warp, and warps and blocks, take one lock after the other.
TEST(Divergence, SpinLocksFinish) {
  Machine machine;
  const std::string body = R"(
  LOCK:
    atom.global.cas.b32 %r1, [%rd0], 0, 1;
    setp.ne.u32 %p1, %r1, 0; @%p1 bra LOCK;
    ld.volatile.global.u32 %r2, [%rd0+4]; add.u32 %r2, %r2, 1; st.volatile.global.u32 [%rd0+4], %r2;
    membar.gl;
    atom.global.exch.b32 %r3, [%rd0], 0;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 3, 64), 0) << machine.Text();
  EXPECT_EQ(machine.out[1], 192u);
}

// A block that waits for one that comes after it: all are at work at once on a GPU.
TEST(Divergence, BlocksWaitForLaterOnes) {
  Machine machine;
  const std::string body = R"(
    setp.ne.u32 %p1, %r62, 0; @%p1 exit;
    atom.global.add.u32 %r1, [%rd0], 1;
  WAIT:
    ld.volatile.global.u32 %r2, [%rd0]; setp.ne.u32 %p2, %r2, 8; @%p2 bra WAIT;
    atom.global.add.u32 %r1, [%rd0+4], 1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 8, 32), 0) << machine.Text();
  EXPECT_EQ(machine.out[1], 8u);
}

constexpr std::string_view kFactorial = R"(
.func (.param .b32 result) sum(.param .b32 depth)
{
  .reg .pred %p<2>; .reg .b32 %r<6>;
  ld.param.u32 %r1, [depth];
  setp.eq.u32 %p1, %r1, 0; mov.u32 %r3, 0; @%p1 bra END;
  sub.u32 %r2, %r1, 1;
  { .param .b32 p0; .param .b32 r0;
  st.param.b32 [p0], %r2;
  call.uni (r0), sum, (p0);
  ld.param.b32 %r3, [r0]; }
  add.u32 %r3, %r3, %r1;
END:
  st.param.b32 [result], %r3;
  ret;
}
)";

TEST(Calls, RecursionToADifferentDepthInEachLane) {
  Machine machine;
  const std::string body = R"(
    { .param .b32 p0; .param .b32 r0;
    st.param.b32 [p0], %r0;
    call.uni (r0), sum, (p0);
    ld.param.b32 %r5, [r0]; }
    activemask.b32 %r6; setp.ne.u32 %p1, %r6, 0xffffffff; @%p1 trap;
    st.global.u32 [%rd1], %r5;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body, kFactorial), 2, 64), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 128; ++i) EXPECT_EQ(machine.out[i], i * (i + 1) / 2) << i;
}

TEST(Calls, EndlessRecursionIsAStackOverflow) {
  Machine machine;
  const std::string body = R"(
    { .param .b32 p0; .param .b32 r0;
    st.param.b32 [p0], 1000000;
    call.uni (r0), sum, (p0); })";
  EXPECT_EQ(machine.Run(Machine::Kernel(body, kFactorial), 1, 32), 719);
  EXPECT_TRUE(machine.Found(FindingKind::kStackOverflow)) << machine.Text();
}

TEST(Calls, ThroughPointersThatDifferByLane) {
  Machine machine;
  const std::string functions = R"(
.func (.param .b32 result) twice(.param .b32 x)
{ .reg .b32 %r<3>; ld.param.u32 %r1, [x]; shl.b32 %r2, %r1, 1; st.param.b32 [result], %r2; ret; }
.func (.param .b32 result) next(.param .b32 x)
{ .reg .b32 %r<3>; ld.param.u32 %r1, [x]; add.u32 %r2, %r1, 1; st.param.b32 [result], %r2; ret; })";
  const std::string body = R"(
    mov.u64 %rd2, twice; mov.u64 %rd3, next;
    and.b32 %r1, %r0, 1; setp.eq.u32 %p1, %r1, 0; selp.b64 %rd4, %rd2, %rd3, %p1;
    { .param .b32 p0; .param .b32 r0;
    st.param.b32 [p0], %r0;
    proto: .callprototype (.param .b32 _) _ (.param .b32 _);
    call (r0), %rd4, (p0), proto;
    ld.param.b32 %r5, [r0]; }
    st.global.u32 [%rd1], %r5;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body, functions), 1, 32), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 32; ++i) EXPECT_EQ(machine.out[i], i % 2 == 0 ? 2 * i : i + 1);
}

constexpr std::string_view kVotes = R"(
.func (.param .b32 result) votes(.param .b32 x)
{ .reg .pred %p; .reg .b32 %r<3>; ld.param.u32 %r1, [x]; setp.ne.u32 %p, %r1, 0;
  vote.sync.ballot.b32 %r2, %p, -1; st.param.b32 [result], %r2; ret; })";

// The even lanes come to the call by a detour behind it, when the others are in it already.
TEST(Calls, LanesMeetInAFunctionThatTheyCallOneAfterTheOther) {
  Machine machine;
  const std::string body = R"(
    and.b32 %r1, %r0, 1; setp.eq.u32 %p1, %r1, 0; @%p1 bra EVEN;
  CALL:
    { .param .b32 p0; .param .b32 r0;
    st.param.b32 [p0], %r1;
    call.uni (r0), votes, (p0);
    ld.param.b32 %r5, [r0]; }
    st.global.u32 [%rd1], %r5; ret;
  EVEN:
    setp.eq.u32 %p2, %r0, 4; selp.b32 %r1, 1, 0, %p2; bra CALL;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body, kVotes), 1, 32), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 32; ++i) EXPECT_EQ(machine.out[i], 0xAAAA'AAAA | 1U << 4) << i;
}

// Odd and even lanes call the function from different places.
std::string CallsFromTwoPlaces(std::string_view even_lanes) {
  const std::string_view call =
      "{ .param .b32 p0; .param .b32 r0; st.param.b32 [p0], %r1;"
      "  call.uni (r0), votes, (p0); ld.param.b32 %r5, [r0]; }";
  return "and.b32 %r1, %r0, 1; setp.eq.u32 %p1, %r1, 0; @%p1 bra EVEN;" + std::string(call) +
         "bra END; EVEN:" + std::string(even_lanes) + std::string(call) + "END:";
}

// They would meet on hardware: it is not the kernel that is at fault.
TEST(Calls, LanesThatMeetInAFunctionFromDifferentPlacesAreNotSimulated) {
  Machine machine;
  EXPECT_EQ(machine.Run(Machine::Kernel(CallsFromTwoPlaces(""), kVotes), 1, 64), 801);
  EXPECT_TRUE(machine.Found(FindingKind::kNotSimulated)) << machine.Text();
  EXPECT_FALSE(machine.Found(FindingKind::kDeadlock)) << machine.Text();
  EXPECT_NE(machine.Text().find("called votes from different places"), std::string::npos)
      << machine.Text();
}

TEST(Calls, LanesThatWaitInAFunctionForOneThatIsElsewhereAreADeadlock) {
  Machine machine;
  const std::string_view leave = R"(
    setp.eq.u32 %p2, %r0, 4; @!%p2 bra GO; shfl.sync.idx.b32 %r2, %r0, 0, 31, -1; GO:)";
  EXPECT_EQ(machine.Run(Machine::Kernel(CallsFromTwoPlaces(leave), kVotes), 1, 32), 702);
  EXPECT_TRUE(machine.Found(FindingKind::kDeadlock)) << machine.Text();
}

// Blocks share the heap: which of them gets what must not depend on the host's threads.
TEST(Calls, OfMallocKeepBlocksInOrder) {
  Machine machine;
  machine.options.host_threads = 8;
  constexpr std::string_view kMalloc = ".extern .func (.param .b64 result) malloc(.param .b64 n);";
  const std::string body = R"(
    { .param .b64 p0; .param .b64 r0;
    st.param.b64 [p0], 16;
    call.uni (r0), malloc, (p0);
    ld.param.b64 %rd2, [r0]; }
    sub.u64 %rd2, %rd2, %rd0; shr.u64 %rd2, %rd2, 9; cvt.u32.u64 %r1, %rd2;
    st.global.u32 [%rd1], %r1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body, kMalloc), 4096, 1), 0) << machine.Text();
  for (std::uint32_t i = 1; i < 4096; ++i) ASSERT_LT(machine.out[i - 1], machine.out[i]) << i;
}

TEST(Watchdog, EndsAnEndlessLoop) {
  Machine machine;
  machine.options.operations_max = 1 << 22;
  EXPECT_EQ(machine.Run(Machine::Kernel("L: add.u32 %r1, %r1, 1; bra L;"), 4, 64), 702);
  EXPECT_TRUE(machine.Found(FindingKind::kWatchdog)) << machine.Text();
}

TEST(Trap, EndsTheGrid) {
  Machine machine;
  EXPECT_EQ(machine.Run(Machine::Kernel("setp.eq.u32 %p1, %r0, 40; @%p1 trap;"), 4, 64), 719);
  ASSERT_TRUE(machine.Found(FindingKind::kTrap)) << machine.Text();
  EXPECT_EQ(machine.found[0].thread[0], 40u);
}

}  // namespace
}  // namespace caesar::sim
