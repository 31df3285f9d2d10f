// The real program with the real nvcc; only the judge is scripted.
#include <gtest/gtest.h>

#include "build/toolkit.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

class CliNvcc : public testing::Test {
 protected:
  void SetUp() override {
    const auto toolkit = FindToolkit(RealFiles(), RealProcesses());
    if (!toolkit.ok()) GTEST_SKIP() << toolkit.error().message << "\n" << toolkit.error().detail;
    machine_.Set("CAESAR_NVCC", toolkit.value().nvcc);
  }
  Machine machine_;
};

TEST_F(CliNvcc, ABundledStory) {
  const Ended ended = machine_.Run(
      {"run", "vector_add", "--provider", "replay", "--out", "R", "--rounds", "2", "--json"});
  EXPECT_EQ(ended.code, 0) << ended;
  const SampleResult result = machine_.Result(ended.out);
  ASSERT_EQ(result.rounds.size(), 2U);
  EXPECT_EQ(result.rounds[0].outcome, "CompileFailed");
  EXPECT_HAS(result.rounds[0].headline, "kernel.cu(");
  EXPECT_EQ(result.rounds[1].outcome, "Measured");
  EXPECT_HAS(machine_.Read("R/vector_add/sample_0000/round_002/compile.log"), "registers");
  // The model saw what nvcc said, without our paths.
  const std::string prompt = machine_.Read("R/vector_add/sample_0000/round_002/prompt.md");
  EXPECT_HAS(prompt, "kernel.cu(");
  EXPECT_HAS_NOT(prompt, machine_ / "");
}

}  // namespace
}  // namespace caesar
