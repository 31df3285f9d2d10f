// Whole sessions of the real binary on the real device. Hostile candidates: tests/adversarial.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cuda/factory.h"
#include "record/paths.h"
#include "record/sample_result.h"
#include "sys/files.h"
#include "sys/process.h"

namespace caesar {
namespace {

class GpuSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto uuid = CudaDevices().Uuid("auto");
    if (!uuid.ok()) GTEST_SKIP() << uuid.error().message;
    char name[] = "/tmp/caesar-gpu-XXXXXX";
    folder_ = mkdtemp(name);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  ProcessEnd Caesar(std::vector<std::string> arguments) {
    Command command;
    command.argv = std::move(arguments);
    command.argv.insert(command.argv.begin(), CAESAR_BINARY);
    for (char** variable = environ; *variable != nullptr; ++variable)
      command.environment.emplace_back(*variable);
    auto end = RealProcesses().Run(command, Milliseconds(250'000), {});
    EXPECT_TRUE(end.ok());
    return std::move(end).value();
  }

  SampleResult Run(const std::string& problem, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"run",    problem, "--provider",
                                          "replay", "--out", folder_ + "/run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessEnd end = Caesar(arguments);
    const auto content =
        RealFiles().Read(ResultFile(SampleFolder(folder_ + "/run", problem, 0)), 1 << 24);
    EXPECT_TRUE(content.ok()) << end.output << end.errors;
    auto result = ParseSampleResult(content.ok() ? content.value() : "");
    EXPECT_TRUE(result.ok()) << end.output << end.errors;
    return result.ok() ? std::move(result).value() : SampleResult{};
  }

  std::string folder_;
};

TEST_F(GpuSessionTest, EveryBundledProblemGoesFromACompileErrorToAFasterKernel) {
  for (const std::string problem : {"vector_add", "softmax", "matmul", "relu"}) {
    const SampleResult result = Run(problem, {"--rounds", "4"});
    ASSERT_EQ(result.rounds.size(), 4U) << problem;
    EXPECT_EQ(result.rounds[0].outcome, "CompileFailed") << problem;
    EXPECT_EQ(result.rounds[1].outcome, "Wrong") << problem;
    EXPECT_EQ(result.rounds[2].outcome, "Measured") << problem;
    EXPECT_EQ(result.rounds[3].outcome, "Measured") << problem;
    EXPECT_LT(result.rounds[3].median_us, result.rounds[2].median_us) << problem;
    EXPECT_TRUE(result.rounds[3].verified) << problem << " " << result.rounds[3].headline;
    EXPECT_EQ(result.best_round, 4) << problem;
  }
}

}  // namespace
}  // namespace caesar
