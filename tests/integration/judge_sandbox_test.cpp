// What candidates can reach from within a runner, with the sandbox, without it, and on kernels that
// lack a part of it.
#include <sys/stat.h>

#include "integration/judge_bench.h"
#include "sys/sandbox.h"

namespace caesar {
namespace {

bool FullHere() { return ProbeSandbox().full(); }

Verdict CheckIn(SandboxMode mode, const std::string& candidate, const std::string& kernel = "") {
  JudgeBench bench(std::int64_t{64} << 20, mode, kernel);
  return bench.Check(candidate);
}

class JudgeSandbox : public testing::TestWithParam<const char*> {};

TEST_P(JudgeSandbox, NothingIsInReach) {
  if (!FullHere()) GTEST_SKIP() << Join(Lacking(ProbeSandbox()), "\n");
  const Verdict verdict = CheckIn(SandboxMode::kRequired, GetParam());
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason << verdict.detail;
  EXPECT_EQ(verdict.sandbox, "full");
}
INSTANTIATE_TEST_SUITE_P(Candidates, JudgeSandbox,
                         testing::Values("Reaches", "ReachesFromAThread", "ReachedAtLoad",
                                         "UsesItsOwn"),
                         [](const auto& candidate) { return std::string(candidate.param); });

TEST(JudgeSandboxModes, SwitchedOffEverythingIs) {
  const Verdict verdict = CheckIn(SandboxMode::kOff, "Reaches");
  EXPECT_EQ(Name(verdict.kind), "crashed");
  EXPECT_NE(verdict.reason.find("a file of the system"), std::string::npos) << verdict.reason;
  EXPECT_EQ(verdict.sandbox, "off");
}

TEST(JudgeSandboxModes, WhatTheKernelLacksIsInTheVerdict) {
  if (!FullHere()) GTEST_SKIP() << Join(Lacking(ProbeSandbox()), "\n");
  for (const char* kernel : {"without-landlock", "landlock-off", "forbidden"}) {
    const Verdict verdict = CheckIn(SandboxMode::kBestEffort, "Reaches", kernel);
    EXPECT_NE(verdict.reason.find("a file of the system"), std::string::npos)
        << kernel << ": " << verdict.reason;
    EXPECT_EQ(verdict.sandbox, "partial: no Landlock");
  }
  const Verdict verdict = CheckIn(SandboxMode::kBestEffort, "Reaches", "without-seccomp");
  EXPECT_NE(verdict.reason.find("the network"), std::string::npos) << verdict.reason;
  EXPECT_EQ(verdict.sandbox, "partial: no seccomp");
  EXPECT_EQ(Name(CheckIn(SandboxMode::kBestEffort, "Honest", "without-seccomp").kind), "correct");
}

TEST(JudgeSandboxModes, WhatIsRequiredAndLackingIsAnError) {
  for (const char* kernel : {"without-landlock", "without-seccomp"}) {
    JudgeBench bench(std::int64_t{64} << 20, SandboxMode::kRequired, kernel);
    const auto verdict = bench.judge().Check(RequestFor("Honest"), {}, {});
    ASSERT_FALSE(verdict.ok());
    EXPECT_EQ(verdict.error().code, ErrorCode::kEnvironment);
    EXPECT_NE(verdict.error().message.find("sandbox"), std::string::npos);
    EXPECT_NE(verdict.error().detail.find(kernel == std::string("without-seccomp") ? "seccomp"
                                                                                   : "Landlock"),
              std::string::npos)
        << verdict.error().detail;
  }
}

}  // namespace
}  // namespace caesar
