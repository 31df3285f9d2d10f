// The simulated GPU for main: the judge's device in host memory, and runners that interpret.
#pragma once

#include "device/device.h"

namespace caesar {

// Selector "sim". There is always one.
DeviceFactory& SimDevices();

// The device that runs before there is none: `auto` is the first GPU of `cuda`, or the simulated
// GPU where `cuda` has none; everything else is asked of the one that its name belongs to.
class DevicesWithSimulator final : public DeviceFactory {
 public:
  explicit DevicesWithSimulator(DeviceFactory& cuda) : cuda_(cuda) {}
  Result<std::unique_ptr<JudgeDevice>> OpenJudge(const std::string& selector,
                                                 const std::string& toolkit) override;
  Result<std::unique_ptr<RunnerDevice>> OpenRunner(const std::string& uuid,
                                                   const std::string& toolkit) override;
  Result<std::string> Uuid(const std::string& selector) override;

 private:
  DeviceFactory& cuda_;
};

}  // namespace caesar
