// Barriers of blocks, clusters and grids; deadlocks; launches that the hardware refuses.
#include <gtest/gtest.h>

#include "base/format.h"
#include "unit/sim/sched_machine.h"

namespace caesar::sim {
namespace {

constexpr std::string_view kShared = ".shared .align 4 .b8 s[4096];";

// Every thread reads what the thread opposite wrote.
TEST(Barriers, ThreadsSeeWhatOthersWroteBefore) {
  Machine machine;
  const std::string body = R"(
    mov.u32 %r1, s; shl.b32 %r2, %r62, 2; add.u32 %r3, %r1, %r2;
    st.shared.u32 [%r3], %r0;
    bar.sync 0;
    sub.u32 %r4, %r61, %r62; sub.u32 %r4, %r4, 1; shl.b32 %r4, %r4, 2; add.u32 %r4, %r4, %r1;
    ld.shared.u32 %r5, [%r4]; st.global.u32 [%rd1], %r5;)";
  for (const bool reversed : {false, true}) {
    machine.options.reversed_warps = reversed;
    ASSERT_EQ(machine.Run(Machine::Kernel(body, kShared), 2, 200), 0) << machine.Text();
    for (std::uint32_t i = 0; i < 400; ++i) {
      EXPECT_EQ(machine.out[i], i / 200 * 200 + 199 - i % 200);
    }
    EXPECT_TRUE(machine.found.empty()) << machine.Text();
  }
}

TEST(Barriers, Reductions) {
  Machine machine;
  const std::string body = R"(
    setp.lt.u32 %p1, %r62, 40;
    barrier.cta.red.popc.aligned.u32 %r1, 0, %p1;
    bar.red.and.pred %p2, 1, %p1;
    bar.red.or.pred %p3, 1, !%p1;
    selp.u32 %r2, 1000, 0, %p2; selp.u32 %r3, 2000, 0, %p3;
    add.u32 %r1, %r1, %r2; add.u32 %r1, %r1, %r3; st.global.u32 [%rd1], %r1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 64), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(machine.out[i], 2040u);
}

TEST(Barriers, ArriveDoesNotWait) {
  Machine machine;
  const std::string body = R"(
    setp.lt.u32 %p1, %r62, 32; @%p1 bra PRODUCE;
    bar.sync 3, 64;
    ld.volatile.global.u32 %r1, [%rd0+1024]; st.global.u32 [%rd1], %r1; bra END;
  PRODUCE:
    st.volatile.global.u32 [%rd0+1024], 7;
    bar.arrive 3, 64;
  END:)";
  machine.options.reversed_warps = true;
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 64), 0) << machine.Text();
  EXPECT_EQ(machine.out[40], 7u);
}

TEST(Barriers, TwoHalvesAtTwoBarriersAreDivergentAndGoOn) {
  Machine machine;
  const std::string body = R"(
    setp.lt.u32 %p1, %r62, 16; @%p1 bra A;
    bar.sync 0; bra END;
  A: bar.sync 0;
  END: st.global.u32 [%rd1], 1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 32), 0) << machine.Text();
  EXPECT_TRUE(machine.Found(FindingKind::kDivergentBarrier)) << machine.Text();
  EXPECT_EQ(machine.out[31], 1u);
}

TEST(Barriers, WhoExitsIsNotWaitedFor) {
  Machine machine;
  const std::string body = R"(
    setp.ge.u32 %p1, %r62, 40; @%p1 exit;
    bar.sync 0; st.global.u32 [%rd1], 1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 96), 0) << machine.Text();
  EXPECT_TRUE(machine.Found(FindingKind::kBarrierAfterExit)) << machine.Text();
  EXPECT_EQ(machine.out[39], 1u);
}

TEST(Barriers, ADeadlockSaysWhoWaitsWhere) {
  Machine machine;
  const std::string body = R"(
    setp.lt.u32 %p1, %r62, 32; @%p1 bra A;
    bar.sync 1, 64; bra END;
  A: bar.sync 2, 64;
  END:)";
  EXPECT_EQ(machine.Run(Machine::Kernel(body), 1, 64), 702);
  ASSERT_TRUE(machine.Found(FindingKind::kDeadlock)) << machine.Text();
  EXPECT_NE(machine.Text().find("32 threads wait at barrier 1 for 64 threads"), std::string::npos)
      << machine.Text();
  EXPECT_NE(machine.Text().find("32 threads wait at barrier 2"), std::string::npos);
}

TEST(Barriers, ClustersMeet) {
  Machine machine;
  machine.shape.cluster = {4, 1, 1};
  const std::string body = R"(
    red.global.add.u32 [%rd0+8192], 1;
    barrier.cluster.arrive.release; barrier.cluster.wait.acquire;
    ld.volatile.global.u32 %r1, [%rd0+8192]; mov.u32 %r2, %cluster_ctarank;
    mad.lo.u32 %r1, %r2, 1000, %r1; st.global.u32 [%rd1], %r1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 4, 64), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 256; ++i) EXPECT_EQ(machine.out[i], 256 + i / 64 * 1000);
}

// Each thread reads what another warp of its block, and what one of the other block, wrote before.
TEST(Barriers, ClustersOrderSharedMemory) {
  const auto found = [](std::string_view arrive, std::string_view wait) {
    Machine machine;
    machine.shape.cluster = {2, 1, 1};
    const std::string body = Format(R"(
      mov.u32 %r1, s; shl.b32 %r2, %r62, 2; add.u32 %r3, %r1, %r2;
      st.shared.u32 [%r3], %r0;
      {}
      xor.b32 %r4, %r62, 32; shl.b32 %r4, %r4, 2; add.u32 %r4, %r4, %r1;
      {}
      ld.shared.u32 %r5, [%r4];
      mov.u32 %r6, %cluster_ctarank; xor.b32 %r6, %r6, 1;
      mapa.shared::cluster.u32 %r7, %r4, %r6;
      ld.shared::cluster.u32 %r8, [%r7];
      xor.b32 %r5, %r5, %r8; st.global.u32 [%rd1], %r5;)",
                                    arrive, wait);
    EXPECT_EQ(machine.Run(Machine::Kernel(body, kShared), 2, 64), 0) << machine.Text();
    if (machine.found.empty()) {
      for (std::uint32_t i = 0; i < 128; ++i) EXPECT_EQ(machine.out[i], 64u);
    }
    return machine.Found(FindingKind::kRace);
  };
  constexpr std::string_view kArrive = "barrier.cluster.arrive.aligned;",
                             kRelaxed = "barrier.cluster.arrive.relaxed.aligned;",
                             kWait = "barrier.cluster.wait.acquire.aligned;";
  EXPECT_FALSE(found(kArrive, kWait));
  EXPECT_FALSE(found(Format("fence.acq_rel.cluster; {}", kRelaxed), kWait));
  EXPECT_TRUE(found(kRelaxed, kWait));
  EXPECT_TRUE(found(kArrive, ""));
}

// What one warp copies, another reads: once the mbarrier says so, and not before.
TEST(Barriers, CopiesOfAnotherWarpArriveAtAnMbarrier) {
  Machine machine;
  const auto run = [&](std::string_view wait) {
    const std::string body = Format(R"(
      mov.u32 %r1, s; shl.b32 %r2, %r62, 2; add.u32 %r3, %r1, %r2; add.u32 %r3, %r3, 64;
      add.u64 %rd2, %rd1, 1024; st.global.u32 [%rd2], %r0;
      setp.ne.u32 %p1, %r62, 0;
      @!%p1 mbarrier.init.shared.b64 [s], 96;
      bar.sync 0;
      cp.async.ca.shared.global [%r3], [%rd2], 4;
      cp.async.mbarrier.arrive.noinc.shared.b64 [s];
    WAIT:
      {}
      xor.b32 %r4, %r62, 33; setp.lt.u32 %p3, %r62, 64; selp.b32 %r4, %r4, %r62, %p3;
      shl.b32 %r4, %r4, 2; add.u32 %r4, %r4, %r1;
      ld.shared.u32 %r5, [%r4+64]; st.global.u32 [%rd1], %r5;)",
                                    wait);
    return machine.Run(Machine::Kernel(body, kShared), 2, 96);
  };
  for (const bool reversed : {false, true}) {
    machine.options.reversed_warps = reversed;
    ASSERT_EQ(run("mbarrier.try_wait.parity.shared.b64 %p2, [s], 0; @!%p2 bra WAIT;"), 0)
        << machine.Text();
    EXPECT_TRUE(machine.found.empty()) << machine.Text();
    for (std::uint32_t i = 0; i < 192; ++i) {
      const std::uint32_t thread = i % 96;
      EXPECT_EQ(machine.out[i], i / 96 * 96 + (thread < 64 ? thread ^ 33 : thread));
    }
    run("");
    EXPECT_TRUE(machine.Found(FindingKind::kUninitializedShared)) << machine.Text();
  }
}

// An mbarrier for which a thread never comes: all others ask for it for ever.
TEST(Barriers, NobodyArrivesAtAnMbarrier) {
  const auto body = [](std::string_view arrive, std::string_view wait) {
    return Machine::Kernel(Format(R"(
      setp.ne.u32 %p1, %r62, 0; setp.ne.u32 %p3, %r62, 63; mov.u32 %r9, 0;
      @!%p1 mbarrier.init.shared.b64 [s+8], 64;
      bar.sync 0;
      {} mbarrier.arrive.shared.b64 _, [s+8];
      @%p3 bra WAIT;
      {}
    WAIT:
      mbarrier.try_wait.parity.shared.b64 %p2, [s+8], 0; @!%p2 bra WAIT;
      st.global.u32 [%rd1], %r0;)",
                                  arrive, wait),
                           kShared);
  };
  for (const bool reversed : {false, true}) {
    Machine machine;
    machine.options.reversed_warps = reversed;
    ASSERT_EQ(machine.Run(body("", ""), 2, 64), 0) << machine.Text();
    EXPECT_EQ(machine.out[127], 127U);
    EXPECT_EQ(machine.Run(body("@%p3", ""), 2, 64), 702);
    ASSERT_EQ(machine.found.size(), 1U) << machine.Text();
    EXPECT_EQ(machine.found[0].kind, FindingKind::kDeadlock);
    EXPECT_NE(machine.found[0].text.find("64 threads wait for the mbarrier at offset 8 of shared "
                                         "memory, where 1 arrivals and 0 bytes are missing"),
              std::string::npos)
        << machine.Text();
    // Others wait elsewhere meanwhile.
    EXPECT_EQ(machine.Run(body("@%p3", "bar.sync 1, 64;"), 1, 64), 702);
    EXPECT_TRUE(machine.Found(FindingKind::kDeadlock)) << machine.Text();
    EXPECT_NE(machine.Text().find("1 threads wait at barrier 1 for 64 threads"), std::string::npos)
        << machine.Text();
  }
}

// try_wait says no after a while, be others running or not: the program may then do what helps.
TEST(Barriers, WhoWaitsForAnMbarrierIsTold) {
  const auto body = [](std::string_view others) {
    return Machine::Kernel(Format(R"(
      setp.ne.u32 %p1, %r62, 0; setp.ge.u32 %p3, %r62, 32; mov.u32 %r9, 0;
      @!%p1 mbarrier.init.shared.b64 [s], 1;
      @!%p1 st.shared.u32 [s+8], 0;
      bar.sync 0;
      @%p3 bra OTHERS;
      @%p1 bra DONE;
    WAIT:
      add.u32 %r9, %r9, 1; setp.eq.u32 %p4, %r9, 20;
      @%p4 st.volatile.shared.u32 [s+8], 1;
      @%p4 mbarrier.arrive.shared.b64 _, [s];
      mbarrier.try_wait.parity.shared.b64 %p2, [s], 0; @!%p2 bra WAIT;
      st.global.u32 [%rd1], %r9;
      bra DONE;
    OTHERS:
      {}
    DONE:)",
                                  others),
                           kShared);
  };
  Machine machine;
  ASSERT_EQ(machine.Run(body(""), 1, 64), 0) << machine.Text();
  EXPECT_EQ(machine.out[0], 20U);
  ASSERT_EQ(machine.Run(body("ld.volatile.shared.u32 %r5, [s+8]; setp.eq.u32 %p5, %r5, 0;"
                             "@%p5 bra OTHERS;"),
                        1, 64),
            0)
      << machine.Text();
  EXPECT_EQ(machine.out[0], 20U);
}

// The second warp repeats the first one's pattern: what it does is checked all the same.
TEST(Barriers, RepeatedPatternsOfSharedMemoryAreChecked) {
  Machine machine;
  const auto run = [&](std::string_view last) {
    const std::string body = Format(R"(
      mov.u32 %r1, s; shl.b32 %r2, %r62, 3; add.u32 %r3, %r1, %r2;
      setp.lt.u32 %p1, %r62, 32;
      st.shared.u32 [%r3], %r0; @%p1 st.shared.u32 [%r3+4], %r0;
      ld.shared.u32 %r5, [%r3]; st.global.u32 [%rd1], %r5;
      {})",
                                    last);
    return machine.Run(Machine::Kernel(body, kShared), 1, 64);
  };
  ASSERT_EQ(run(""), 0);
  EXPECT_TRUE(machine.found.empty()) << machine.Text();
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(machine.out[i], i);
  EXPECT_EQ(run("ld.shared.u32 %r5, [%r3+4];"), 0);  // which the second has not written
  ASSERT_EQ(machine.found.size(), 1U) << machine.Text();
  EXPECT_EQ(machine.found[0].kind, FindingKind::kUninitializedShared);
  EXPECT_NE(run("st.shared.u32 [%r3+3840], %r0;"), 0);
  EXPECT_TRUE(machine.Found(FindingKind::kSharedOutOfBounds)) << machine.Text();
  EXPECT_EQ(run("xor.b32 %r2, %r2, 256; add.u32 %r3, %r1, %r2; st.shared.u32 [%r3], %r0;"), 0);
  EXPECT_TRUE(machine.Found(FindingKind::kRace)) << machine.Text();
}

// As cooperative groups do it: all blocks spin on a word until the last has come.
TEST(Barriers, CooperativeGridsMeet) {
  Machine machine;
  machine.shape.cooperative = true;
  const std::string body = R"(
    bar.sync 0;
    setp.ne.u32 %p1, %r62, 0; @%p1 bra MET;
    mov.u32 %r1, %envreg2; mov.u32 %r2, %envreg1; mov.b64 %rd4, {%r1, %r2};
    atom.global.add.u32 %r3, [%rd4+4], 1;
  SPIN:
    ld.acquire.gpu.global.u32 %r4, [%rd4+4]; setp.ne.u32 %p2, %r4, 100; @%p2 bra SPIN;
  MET:
    bar.sync 0;
    st.global.u32 [%rd1], 1;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 100, 32), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 3200; ++i) ASSERT_EQ(machine.out[i], 1u);
}

TEST(Launches, AreRefusedAsOnTheHardware) {
  Machine machine;
  const std::string plain = Machine::Kernel("");
  EXPECT_EQ(machine.Run(plain, 1, 1025), 1);
  EXPECT_TRUE(machine.Found(FindingKind::kLaunchFailed));
  EXPECT_EQ(machine.Run(plain, 0, 32), 1);
  EXPECT_EQ(machine.Run(plain, 1, 0), 1);
  EXPECT_EQ(machine.Run(Machine::Kernel("", "", ".maxntid 64"), 1, 65), 1);
  machine.shape.dynamic_shared_bytes = 50000;
  EXPECT_EQ(machine.Run(plain, 1, 32), 1);
  machine.shape.dynamic_shared_max = 50000;
  EXPECT_EQ(machine.Run(plain, 1, 32), 0) << machine.Text();
  machine.shape.dynamic_shared_max = machine.shape.dynamic_shared_bytes = 232449;
  EXPECT_EQ(machine.Run(plain, 1, 32), 1);
  machine.shape = {};
  machine.shape.cooperative = true;
  EXPECT_EQ(machine.Run(plain, 132 * 2 + 1, 1024), 720);
  machine.shape = {};
  machine.shape.cluster = {16, 1, 1};
  EXPECT_EQ(machine.Run(plain, 16, 32), 912);
}

// Blocks that write one word, plainly: the last one decides, and which it is the order.
TEST(Launches, IndependentBlocksBeginWithTheLastInTheReversedSchedule) {
  const std::string race =
      Machine::Kernel("setp.eq.u32 %p1, %r62, 0; @%p1 st.global.u32 [%rd0], %r60;");
  const std::string dependent =
      Machine::Kernel("setp.eq.u32 %p1, %r62, 0; @%p1 st.global.u32 [%rd0], %r60; membar.gl;");
  Machine machine;
  machine.options.host_threads = 1;
  for (const bool reversed : {false, true}) {
    machine.options.reversed_warps = reversed;
    ASSERT_EQ(machine.Run(race, 100, 64), 0) << machine.Text();
    EXPECT_EQ(machine.out[0], reversed ? 0U : 99U);
    ASSERT_EQ(machine.Run(dependent, 100, 64), 0) << machine.Text();
    EXPECT_EQ(machine.out[0], 99U);
    machine.shape.clustered = true;
    machine.shape.cluster = {4, 1, 1};
    ASSERT_EQ(machine.Run(race, 100, 64), 0) << machine.Text();
    EXPECT_EQ(machine.out[0], reversed ? 3U : 99U);
    machine.shape = {};
  }
  // All of them run on all threads, too.
  machine.options.host_threads = 3;
  ASSERT_EQ(machine.Run(Machine::Kernel("st.global.u32 [%rd1], %r0;"), 100, 32), 0);
  for (std::uint32_t i = 0; i < 3200; ++i) EXPECT_EQ(machine.out[i], i);
}

TEST(Launches, AreEndedWhenTheirTimeIsUp) {
  Machine machine;
  machine.options.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_EQ(machine.Run(Machine::Kernel("AGAIN: bra AGAIN;"), 1, 32), 702);
  ASSERT_EQ(machine.found.size(), 1U);
  EXPECT_EQ(machine.found[0].kind, FindingKind::kWatchdog);
  EXPECT_NE(machine.Text().find("when the time for the call was up"), std::string::npos);
  machine.options.deadline = std::chrono::steady_clock::time_point::max();
  machine.options.operations_max = 1 << 22;
  EXPECT_EQ(machine.Run(Machine::Kernel("AGAIN: bra AGAIN;"), 1, 32), 702);
  EXPECT_NE(machine.Text().find("after 4194304 operations"), std::string::npos);
}

TEST(Launches, SameResultsOnManyThreads) {
  Machine one, many;
  one.options.host_threads = 1;
  many.options.host_threads = 4;
  const std::string kernel = Machine::Kernel(
      "st.global.u32 [%rd1], %r0; setp.eq.u32 %p1, %r0, 3000; @%p1 trap;"
      "setp.eq.u32 %p1, %r0, 1000; @%p1 trap;");
  EXPECT_EQ(one.Run(kernel, 128, 32), 719);
  EXPECT_EQ(many.Run(kernel, 128, 32), 719);
  ASSERT_EQ(one.found.size(), 1u);
  ASSERT_EQ(many.found.size(), 1u);
  EXPECT_EQ(many.found[0].block[0], one.found[0].block[0]);
}

// The lanes that complete a barrier do not run ahead of those of their warp that it lets go.
TEST(Barriers, LanesThatArriveByDifferentWaysMeetBehindIt) {
  Machine machine;
  const std::string body = R"(
    and.b32 %r1, %r0, 1; setp.eq.u32 %p1, %r1, 0;
    @%p1 bra EVEN;
    barrier.sync 0; bra JOIN;
  EVEN:
    barrier.sync 0;
  JOIN:
    activemask.b32 %r3; st.global.u32 [%rd1], %r3;)";
  ASSERT_EQ(machine.Run(Machine::Kernel(body), 1, 64), 0) << machine.Text();
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(machine.out[i], ~0U) << i;
}

}  // namespace
}  // namespace caesar::sim
