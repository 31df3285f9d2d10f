// Whether somebody else keeps the GPU busy. It cannot be asked across processes, but it shows in
// the wall time of the judge's last kernel before `go`: on an H100 19 us alone, 2.4 ms beside one
// foreign block that spins, since contexts take turns of some milliseconds.
#pragma once

#include "device/device.h"

namespace caesar {

class IdleProof {
 public:
  explicit IdleProof(JudgeDevice& device) : device_(device) {}

  // What the device takes alone: once, before the first candidate is loaded, or one that is busy
  // from the beginning would be taken for the rule. Later calls do nothing.
  Status Calibrate();

  // Both make the cache ready for a call and say whether others used the device meanwhile.
  Result<bool> FlushDisturbed();
  Result<bool> DirtyDisturbed();

 private:
  using Kernel = Status (JudgeDevice::*)();
  Result<bool> Disturbed(Kernel kernel, double& least_us);

  JudgeDevice& device_;
  double flush_least_us_ = 0;
  double dirty_least_us_ = 0;
};

}  // namespace caesar
