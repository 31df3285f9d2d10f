// --sandbox of the real program, on kernels that lack what it asks for
// (tests/fakes/older_kernel.cpp).
#include <gtest/gtest.h>

#include "base/format.h"
#include "integration/cli_machine.h"
#include "record/verdict.h"
#include "sys/command_group.h"
#include "sys/process.h"
#include "sys/sandbox.h"

namespace caesar {
namespace {

class CliSandbox : public testing::Test {
 protected:
  void SetUp() override {
    if (!ProbeSandbox().full()) GTEST_SKIP() << Lacking(ProbeSandbox()).front();
    machine_.Write("k.cu", KernelOf("judge: measure 30 60"));
  }
  // `kernel` empty: the one that runs here.
  Ended Caesar(const std::string& kernel, const std::string& words) {
    const std::string on = kernel.empty() ? "" : Format("{} {} ", CAESAR_OLDER_KERNEL, kernel);
    return machine_.Shell(Format("{}caesar {}", on, words));
  }
  static int Count(const std::string& text, const std::string& part) {
    int count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      ++count;
    return count;
  }

  Machine machine_;
};

TEST_F(CliSandbox, SaysNothingWhereTheKernelHasAll) {
  for (const char* mode : {"required", "best-effort", "off"}) {
    const Ended ended = Caesar("", Format("eval scale k.cu --sandbox {}", mode));
    EXPECT_EQ(ended.code, 0) << ended;
    EXPECT_HAS_NOT(ended.err, "sandbox");
  }
}

TEST_F(CliSandbox, WarnsOnceOfWhatTheKernelLacksAndWhatThatMeans) {
  for (const auto& [kernel, why] : std::map<std::string, std::string>{
           {"without-landlock", "the kernel has no Landlock (it came with Linux 5.13)"},
           {"landlock-off", "Landlock is not in the kernel's list of security modules"},
           {"forbidden", "Landlock cannot be used here: Operation not permitted"},
           {"without-seccomp", "seccomp filters cannot be used here"}}) {
    const Ended ended = Caesar(kernel, "eval scale k.cu");
    EXPECT_EQ(ended.code, 0) << ended;
    EXPECT_EQ(Count(ended.err, why), 1) << ended;
    EXPECT_HAS(ended.err, ": a candidate can ");
    const Ended off = Caesar(kernel, "eval scale k.cu --sandbox off");
    EXPECT_EQ(off.code, 0) << off;
    EXPECT_HAS_NOT(off.err, why);
  }
}

TEST_F(CliSandbox, EndsWithExitCodeThreeWhereItIsRequired) {
  const Ended flag = Caesar("landlock-off", "eval scale k.cu --sandbox required");
  EXPECT_EQ(flag.code, 3) << flag;
  EXPECT_HAS(flag.err, "the sandbox that is required cannot be had on this system");
  EXPECT_HAS(flag.err, "boot parameter lsm=");
  machine_.Set("CAESAR_SANDBOX", "required");
  EXPECT_EQ(Caesar("without-seccomp", "eval scale k.cu").code, 3);
  const Ended wrong = Caesar("", "eval scale k.cu --sandbox strict");
  EXPECT_EQ(wrong.code, 2) << wrong;
  EXPECT_HAS(wrong.err, "required");
}

TEST_F(CliSandbox, ARunKeepsItsMode) {
  machine_.Replies({ReplyOf("judge: measure 30 60")});
  const std::string run = "run scale --provider replay --out R --rounds 1";
  const Ended first = Caesar("", run + " --sandbox off");
  EXPECT_EQ(first.code, 0) << first;
  EXPECT_HAS(machine_.Read("R/run.json"), "\"sandbox\": \"off\"");
  const Ended other = Caesar("", "run scale --out R --sandbox required");
  EXPECT_EQ(other.code, 2) << other;
  EXPECT_HAS(other.err, "sandbox");
}

TEST_F(CliSandbox, DoctorTriesIt) {
  machine_.Unset("CAESAR_JUDGE");
  EXPECT_HAS(Caesar("", "doctor").out, "ok       sandbox    full: Landlock ");
  const Ended lacking = Caesar("without-landlock", "doctor");
  EXPECT_HAS(lacking.out, "note     sandbox    partial: no Landlock");
  EXPECT_HAS(lacking.out, "it came with Linux 5.13");
  const Ended required = Caesar("without-seccomp", "doctor --sandbox required");
  EXPECT_EQ(required.code, 3) << required;
  EXPECT_HAS(required.out, "missing  sandbox    partial: no seccomp");
}

TEST_F(CliSandbox, DoctorSaysWhetherCommandsHaveGroups) {
  machine_.Unset("CAESAR_JUDGE");
  const Ended ended = Caesar("", "doctor");
  EXPECT_HAS(ended.out, ProbeGroups(RealProcesses()).kills
                            ? " cgroup     kills descendants, limits "
                            : "note     cgroup     not allowed here: ");
}

}  // namespace
}  // namespace caesar
