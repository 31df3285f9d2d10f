// Which device a selector means, where there is a GPU and where there is none.
#include "sim/factory.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

// CUDA with one GPU or none; remembers what it was asked.
class FakeCuda final : public DeviceFactory {
 public:
  explicit FakeCuda(bool gpu) : gpu_(gpu) {}
  Result<std::unique_ptr<JudgeDevice>> OpenJudge(const std::string& selector,
                                                 const std::string&) override {
    asked += "judge " + selector + "\n";
    if (!gpu_) return Error{ErrorCode::kEnvironment, "no GPU", ""};
    return std::unique_ptr<JudgeDevice>();
  }
  Result<std::unique_ptr<RunnerDevice>> OpenRunner(const std::string& uuid,
                                                   const std::string&) override {
    asked += "runner " + uuid + "\n";
    return std::unique_ptr<RunnerDevice>();
  }
  Result<std::string> Uuid(const std::string& selector) override {
    if (!gpu_) return Error{ErrorCode::kEnvironment, "no GPU", ""};
    return "GPU of " + selector;
  }
  std::string asked;

 private:
  bool gpu_;
};

TEST(DevicesWithSimulator, SimIsSimulatedWhateverThereIs) {
  for (const bool gpu : {false, true}) {
    FakeCuda cuda(gpu);
    DevicesWithSimulator devices(cuda);
    auto judge = devices.OpenJudge("sim", "");
    ASSERT_TRUE(judge.ok());
    EXPECT_TRUE(judge.value()->info().simulated());
    EXPECT_EQ(devices.Uuid("sim").value(), judge.value()->info().uuid);
    EXPECT_EQ(cuda.asked, "");
  }
}

TEST(DevicesWithSimulator, AutoIsAGpuIfThereIsOne) {
  FakeCuda cuda(true);
  DevicesWithSimulator devices(cuda);
  auto judge = devices.OpenJudge("auto", "");
  ASSERT_TRUE(judge.ok());
  EXPECT_EQ(judge.value(), nullptr) << "what CUDA gave";
  EXPECT_EQ(devices.Uuid("auto").value(), "GPU of auto");
}

TEST(DevicesWithSimulator, AutoIsSimulatedWithoutAGpu) {
  FakeCuda cuda(false);
  DevicesWithSimulator devices(cuda);
  auto judge = devices.OpenJudge("auto", "");
  ASSERT_TRUE(judge.ok());
  EXPECT_TRUE(judge.value()->info().simulated());
  EXPECT_EQ(cuda.asked, "judge auto\n") << "asked before";
  EXPECT_EQ(devices.Uuid("auto").value(), judge.value()->info().uuid);
}

TEST(DevicesWithSimulator, CudaIsNeverSimulated) {
  FakeCuda cuda(false);
  DevicesWithSimulator devices(cuda);
  for (const char* selector : {"cuda", "cuda:0"}) {
    const auto judge = devices.OpenJudge(selector, "");
    ASSERT_FALSE(judge.ok());
    EXPECT_EQ(judge.error().message, "no GPU");
    EXPECT_FALSE(devices.Uuid(selector).ok());
  }
}

TEST(DevicesWithSimulator, ARunnerFollowsItsJudge) {
  FakeCuda cuda(true);
  DevicesWithSimulator devices(cuda);
  EXPECT_TRUE(devices.OpenRunner("GPU-1234", "").ok());
  EXPECT_EQ(cuda.asked, "runner GPU-1234\n");
  auto runner = devices.OpenRunner(devices.Uuid("sim").value(), "");
  ASSERT_TRUE(runner.ok());
  EXPECT_NE(runner.value(), nullptr);
  EXPECT_EQ(cuda.asked, "runner GPU-1234\n");
}

TEST(SimDevices, KnowsNoOther) {
  EXPECT_FALSE(SimDevices().OpenJudge("cuda", "").ok());
  EXPECT_FALSE(SimDevices().Uuid("auto").ok());
}

}  // namespace
}  // namespace caesar
