// Memory that threads take from their stack, and the system's part of a block's shared memory.
#include <gtest/gtest.h>

#include "unit/sim/sched_machine.h"

namespace caesar::sim {
namespace {

// Fills 4 * %r1 bytes at .local address %rd2 with %r2, %r2 + 1, ...; uses %r3, %rd3, %p1.
std::string FillLoop(const std::string& label) {
  return "mov.u32 %r3, 0;\n" + label +
         ": mul.wide.u32 %rd3, %r3, 4; add.u64 %rd3, %rd3, %rd2; add.u32 %r4, %r2, %r3;\n"
         "st.local.u32 [%rd3], %r4; add.u32 %r3, %r3, 1; setp.lt.u32 %p1, %r3, %r1;\n"
         "@%p1 bra " +
         label + ";\n";
}

TEST(SchedStackTest, EachThreadTakesAsMuchAsItWants) {
  Machine machine;
  // Two pieces a thread, of 4 * (lane + 1) bytes each; the first keeps what was written.
  ASSERT_EQ(
      machine.Run(Machine::Kernel("add.u32 %r1, %r0, 1; mul.wide.u32 %rd4, %r1, 4;\n"
                                  "alloca.u64 %rd2, %rd4; mov.u64 %rd5, %rd2;\n"
                                  "mul.lo.u32 %r2, %r0, 1000;\n" +
                                  FillLoop("L1") + "alloca.u64 %rd2, %rd4, 64; mov.u32 %r2, 7;\n" +
                                  FillLoop("L2") +
                                  "and.b64 %rd6, %rd2, 63; cvt.u32.u64 %r9, %rd6;\n"
                                  "mul.wide.u32 %rd3, %r0, 4; add.u64 %rd3, %rd5, %rd3;\n"
                                  "ld.local.u32 %r5, [%rd3]; add.u32 %r5, %r5, %r9;\n"
                                  "cvta.local.u64 %rd3, %rd3; ld.u32 %r6, [%rd3];\n"
                                  "add.u32 %r5, %r5, %r6; st.global.u32 [%rd1], %r5;"),
                  1, 64),
      0)
      << machine.Text();
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(machine.out[i], 2 * (1000 * i + i)) << i;
}

TEST(SchedStackTest, CalleesDoNotTouchWhatTheirCallersHaveTaken) {
  Machine machine;
  const char* const callee =
      ".func (.param .b32 r) f(.param .b32 a) {\n.reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .pred "
      "%p<4>;\n.param .b32 x; .param .b32 y; ld.param.u32 %r1, [a];\n"
      "alloca.u64 %rd1, 40; st.local.u32 [%rd1], %r1; st.local.u32 [%rd1+36], %r1;\n"
      "setp.eq.u32 %p1, %r1, 0; mov.u32 %r2, 0; @%p1 bra DONE;\n"
      "sub.u32 %r3, %r1, 1; st.param.b32 [x], %r3; call (y), f, (x); ld.param.b32 %r2, [y];\n"
      "DONE: ld.local.u32 %r4, [%rd1]; add.u32 %r2, %r2, %r4; ld.local.u32 %r4, [%rd1+36];\n"
      "add.u32 %r2, %r2, %r4; st.param.b32 [r], %r2; ret;\n}";
  ASSERT_EQ(
      machine.Run(Machine::Kernel(
                      ".param .b32 x; .param .b32 y; .local .align 8 .b8 own[24];\n"
                      "mul.wide.u32 %rd4, %r0, 8; alloca.u64 %rd2, %rd4; mov.u32 %r1, 11;\n"
                      "mov.u64 %rd7, own; st.local.u32 [%rd7+20], %r1; setp.eq.u32 %p2, %r0, 0;\n"
                      "@%p2 bra CALL; st.local.u32 [%rd2], %r0;\n"
                      "CALL: and.b32 %r2, %r0, 7; st.param.b32 [x], %r2; call (y), f, (x);\n"
                      "ld.param.b32 %r5, [y]; mov.u32 %r6, 0; @!%p2 ld.local.u32 %r6, [%rd2];\n"
                      "ld.local.u32 %r7, [%rd7+20]; mad.lo.u32 %r5, %r6, 1000, %r5;\n"
                      "add.u32 %r5, %r5, %r7; st.global.u32 [%rd1], %r5;",
                      callee),
                  1, 32),
      0)
      << machine.Text();
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint32_t k = i % 8;
    EXPECT_EQ(machine.out[i], 1000 * i + k * (k + 1) + 11) << i;
  }
}

TEST(SchedStackTest, RestoringGivesMemoryBack) {
  Machine machine;
  machine.n = 100000;
  // Without giving back it would be more than a thread may have.
  const std::string loop =
      "mov.u32 %r1, 0; ld.param.u32 %r3, [n];\n"
      "L: stacksave.u64 %rd2; alloca.u64 %rd3, 4096; st.local.u32 [%rd3+4092], %r1;\n"
      "stackrestore.u64 %rd2;\n"
      "add.u32 %r1, %r1, 1; setp.lt.u32 %p1, %r1, %r3; @%p1 bra L;\n"
      "cvt.u32.u64 %r2, %rd3; st.global.u32 [%rd1], %r2;";
  ASSERT_EQ(machine.Run(Machine::Kernel(loop), 1, 1), 0) << machine.Text();
  machine.n = 1000;
  std::string without = loop;
  const std::string restore = "stackrestore.u64 %rd2;";
  without.erase(without.find(restore), restore.size());
  EXPECT_EQ(machine.Run(Machine::Kernel(without), 1, 1), 719);
  EXPECT_TRUE(machine.Found(FindingKind::kStackOverflow)) << machine.Text();
}

TEST(SchedStackTest, WrongAllocationsAreFound) {
  Machine machine;
  EXPECT_EQ(machine.Run(Machine::Kernel("mov.u64 %rd4, -1; alloca.u64 %rd2, %rd4;"), 1, 32), 719);
  EXPECT_TRUE(machine.Found(FindingKind::kStackOverflow)) << machine.Text();
  EXPECT_EQ(machine.Run(Machine::Kernel("mov.u64 %rd4, 1024; stackrestore.u64 %rd4;"), 1, 32), 715);
  EXPECT_EQ(
      machine.Run(Machine::Kernel("alloca.u64 %rd2, 16; st.local.u32 [%rd2+1024], %r0;"), 1, 32),
      700);
  EXPECT_EQ(machine.Run(Machine::Kernel("alloca.u64 %rd2, 16, 0;"), 1, 32), -1);
}

TEST(SchedStackTest, TheSystemsSharedMemoryLiesBehindTheBlocksOwn) {
  Machine machine;
  machine.shape.dynamic_shared_bytes = 100;
  const std::string own = ".shared .align 4 .b8 own[20];";
  ASSERT_EQ(
      machine.Run(Machine::Kernel(own + "mov.u32 %r1, %reserved_smem_offset_1;\n"
                                        "ld.shared.u32 %r8, [%r1+8]; st.shared.u32 [%r1], %r1;\n"
                                        "ld.shared.u32 %r2, [%r1]; add.u32 %r2, %r2, %r8;\n"
                                        "mov.u32 %r3, %reserved_smem_offset_end;\n"
                                        "st.shared.u32 [%r3+-4], %r1; mov.u32 %r4, own;\n"
                                        "mov.u32 %r5, %total_smem_size;\n"
                                        "mov.u32 %r6, %aggr_smem_size; sub.u32 %r6, %r6, %r5;\n"
                                        "mov.u32 %r7, %reserved_smem_offset_0;\n"
                                        "sub.u32 %r7, %r7, %r5;\n"
                                        "st.global.v2.u32 [%rd0], {%r2, %r4};\n"
                                        "st.global.v2.u32 [%rd0+8], {%r6, %r7};"),
                  1, 1),
      0)
      << machine.Text();
  EXPECT_TRUE(machine.found.empty()) << machine.Text();
  EXPECT_EQ(machine.out[0] % 128, 0U);  // what was not written there is 0
  EXPECT_GE(machine.out[0], 132U);
  EXPECT_EQ(machine.out[1], 0U);
  EXPECT_EQ(machine.out[2], kReservedSharedBytes);
  EXPECT_LT(machine.out[3], 128U);
  // Others have none: an access behind their own memory is out of bounds.
  EXPECT_EQ(
      machine.Run(Machine::Kernel(own + "mov.u32 %r1, own; st.shared.u32 [%r1+256], %r1;"), 1, 1),
      700);
}

}  // namespace
}  // namespace caesar::sim
