// What a runner may read, from what a machine has.
#include "judge/runner_policy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fakes/memory_files.h"

namespace caesar {
namespace {

class RunnerPolicyTest : public testing::Test {
 protected:
  RunnerPolicyTest() {
    for (const char* file : {"/usr/lib/x86_64-linux-gnu/libc.so.6",
                             "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
                             "/usr/lib/x86_64-linux-gnu/libcublas.so.13",
                             "/usr/lib/x86_64-linux-gnu/libtorch.so",
                             "/opt/driver/libcuda.so.580",
                             "/opt/driver/libnvidia-ptxjitcompiler.so.1",
                             "/opt/driver/libmine.so",
                             "/home/me/lib/libcuda.so.1",
                             "/home/me/lib/key",
                             "/cuda/lib64/libcupti.so.13",
                             "/cuda/lib64/libnvperf_host.so",
                             "/cuda/lib64/libcublas.so.13",
                             "/dev/nvidiactl",
                             "/dev/nvidia0",
                             "/dev/nvidia-uvm",
                             "/dev/nvidia-uvm-tools",
                             "/dev/nvidia-modeset",
                             "/dev/nvidia-caps/nvidia-cap1",
                             "/dev/sda",
                             "/dev/kmsg"}) {
      const std::string path = file;
      EXPECT_TRUE(files_.MakeFolders(path.substr(0, path.rfind('/'))).ok());
      EXPECT_TRUE(files_.Write(path, "").ok());
    }
    policy_ =
        RunnerPolicy({"/opt/driver/libcuda.so.580"}, "/cuda", "/home/me/lib:relative", files_);
  }

  static bool Has(const std::vector<std::string>& paths, const std::string& path) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  }

  MemoryFiles files_;
  SandboxPolicy policy_;
};

TEST_F(RunnerPolicyTest, FindsTheDriverWhereTheJudgeLoadedIt) {
  EXPECT_TRUE(Has(policy_.read, "/opt/driver/libcuda.so.580"));
  EXPECT_TRUE(Has(policy_.read, "/opt/driver/libnvidia-ptxjitcompiler.so.1"));
  EXPECT_TRUE(Has(policy_.read, "/home/me/lib/libcuda.so.1")) << "named by LD_LIBRARY_PATH";
  EXPECT_TRUE(Has(policy_.read, "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"));
  EXPECT_TRUE(Has(policy_.read, "/cuda/lib64/libcupti.so.13"));
  EXPECT_TRUE(Has(policy_.read, "/cuda/lib64/libnvperf_host.so"));
}

TEST_F(RunnerPolicyTest, NamesNoLibraryThatCouldDoTheWorkAndNoFileOfTheUsers) {
  for (const char* path :
       {"/usr/lib/x86_64-linux-gnu/libcublas.so.13", "/usr/lib/x86_64-linux-gnu/libtorch.so",
        "/opt/driver/libmine.so", "/home/me/lib/key", "/cuda/lib64/libcublas.so.13", "/cuda/lib64",
        "/usr/lib/x86_64-linux-gnu", "/opt/driver", "/home/me/lib", "/dev", "/proc", "/etc",
        "/tmp"})
    EXPECT_FALSE(Has(policy_.read, path)) << path;
  EXPECT_TRUE(policy_.write.empty());
  EXPECT_TRUE(policy_.execute.empty());
}

TEST_F(RunnerPolicyTest, GivesTheToolkitsLibrariesOnlyWhereTheProblemDoes) {
  const SandboxPolicy with = WithToolkitLibraries(policy_, "/cuda");
  EXPECT_TRUE(Has(with.read, "/cuda/lib64"));
  EXPECT_FALSE(Has(with.read, "/cuda"));
  EXPECT_EQ(WithToolkitLibraries(policy_, "").read, policy_.read);
}

TEST_F(RunnerPolicyTest, OpensTheGpusNodesAndNoOthers) {
  for (const char* node : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm",
                           "/dev/nvidia-uvm-tools", "/dev/nvidia-caps", "/dev/null"})
    EXPECT_TRUE(Has(policy_.devices, node)) << node;
  for (const char* node : {"/dev/nvidia-modeset", "/dev/sda", "/dev/kmsg"})
    EXPECT_FALSE(Has(policy_.devices, node)) << node;
}

TEST_F(RunnerPolicyTest, WorksWithoutToolkitOrDriver) {
  const SandboxPolicy policy = RunnerPolicy({}, "", "", files_);
  EXPECT_FALSE(Has(policy.read, "/opt/driver/libcuda.so.580"));
  EXPECT_TRUE(Has(policy.read, "/usr/lib/x86_64-linux-gnu/libc.so.6"));
}

TEST(OwnLibraries, AreThoseThatThisProgramHasLoaded) {
  const auto libraries = OwnLibraries();
  EXPECT_TRUE(std::any_of(libraries.begin(), libraries.end(), [](const std::string& library) {
    return library.find("/libc.so") != std::string::npos;
  }));
}

}  // namespace
}  // namespace caesar
