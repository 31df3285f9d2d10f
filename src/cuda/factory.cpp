#include "cuda/factory.h"

#include "cuda/driver.h"
#include "cuda/judge_device.h"
#include "cuda/runner_device.h"

namespace caesar {
namespace {

class CudaFactory final : public DeviceFactory {
 public:
  Result<std::unique_ptr<JudgeDevice>> OpenJudge(const std::string& selector,
                                                 const std::string& toolkit) override {
    return OpenCudaJudge(selector, toolkit);
  }
  Result<std::unique_ptr<RunnerDevice>> OpenRunner(const std::string& uuid,
                                                   const std::string& toolkit) override {
    return OpenCudaRunner(uuid, toolkit);
  }
  Result<std::string> Uuid(const std::string& selector) override {
    const Driver& driver = *TRY(Driver::Load());
    return UuidOf(driver, TRY(FindDevice(driver, selector)));
  }
};

}  // namespace

DeviceFactory& CudaDevices() {
  static CudaFactory factory;
  return factory;
}

}  // namespace caesar
