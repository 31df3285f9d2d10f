// The program in shell scripts: a loop over problems, many at once in one run directory.
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

const Words& Problems() {
  static const Words problems = {"matmul", "relu", "softmax", "vector_add"};
  return problems;
}

class CliShell : public testing::Test {
 protected:
  CliShell() { machine_.Shell("cp -r " CAESAR_SOURCE_DIR "/problems problems"); }

  void ExpectAllFinished(const std::string& run) {
    for (const std::string& problem : Problems()) {
      const std::string sample = Format("{}/{}/sample_0000", run, problem);
      EXPECT_EQ(machine_.Result(machine_.Read(sample + "/result.json")).problem, problem);
      EXPECT_EQ(machine_.LastStep(sample), "Start RoundsUsedUp");
    }
  }

  Machine machine_;
};

TEST_F(CliShell, ALoopOverFolders) {
  const Ended ended = machine_.Shell(
      "set -e; for p in problems/*; do caesar run $p --provider replay --out R; done");
  EXPECT_EQ(ended.code, 0) << ended;
  ExpectAllFinished("R");
  const Ended show = machine_.Run({"show", "R"});
  for (const std::string& problem : Problems()) EXPECT_HAS(show.out, problem);
}

TEST_F(CliShell, WithoutOutEveryProblemHasARunOfItsOwn) {
  const Ended ended = machine_.Shell(
      "set -e; for p in problems/*; do caesar run $p --provider replay --rounds 1; done; ls runs");
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(machine_.Shell("ls runs | wc -l").out, "4\n");
}

TEST_F(CliShell, FourAtOnceShareTheRunAndNeverTimeAtOnce) {
  machine_.JudgeScript("measure slow 10 20 40\n");
  const Ended ended =
      machine_.Shell("ls problems | xargs -P4 -n1 caesar run --provider replay --out R");
  EXPECT_EQ(ended.code, 0) << ended;
  ExpectAllFinished("R");
  int timings = 0;
  std::string before;
  const std::string log = machine_.Read("judge.log");
  for (const std::string_view line : Lines(log)) {
    if (!StartsWith(line, "measure")) continue;
    EXPECT_NE(line, before) << "two timings overlap:\n" << log;
    before = line;
    if (line == "measured") ++timings;
  }
  EXPECT_EQ(timings, 16);
}

TEST_F(CliShell, FourSamplesOfOneProblemAtOnce) {
  const Ended ended = machine_.Shell(
      "seq 0 3 | xargs -P4 -n1 caesar run softmax --provider replay --out R --sample");
  EXPECT_EQ(ended.code, 0) << ended;
  for (int sample = 0; sample < 4; ++sample)
    EXPECT_TRUE(machine_.Has(Format("R/softmax/sample_{:04}/result.json", sample)));
}

TEST_F(CliShell, AFailureStopsAScriptWithItsCode) {
  machine_.JudgeScript("check wrong\n");
  const Ended ended =
      machine_.Shell("caesar run relu --provider replay -q --out R && echo not reached");
  EXPECT_EQ(ended.code, 1) << ended;
  EXPECT_HAS_NOT(ended.out, "not reached");
}

TEST_F(CliShell, AReaderThatGoesAwayDoesNotHurt) {
  machine_.JudgeScript("");
  const Ended ended = machine_.Shell("caesar run relu --provider replay --out R | true; ls R/relu");
  EXPECT_EQ(ended.out, "sample_0000\n") << ended;
  EXPECT_TRUE(machine_.Has("R/relu/sample_0000/result.json"));
}

}  // namespace
}  // namespace caesar
