// The judge's own turn on the device, and whether somebody else used the device meanwhile.
//
// That cannot be asked across processes, but it shows twice. Before: in the wall time until the
// turn begins, on an H100 some 20 us alone, 2.4 ms beside one foreign block that spins, since
// contexts take turns of some milliseconds. During: a kernel of the judge keeps the device until
// the turn ends, and looks at the clock all the time; others' kernels can run only in a gap between
// two looks.
#pragma once

#include "device/device.h"

namespace caesar {

// Others' kernels begin when it has ended.
class Turn {
 public:
  Turn(Turn&& other) noexcept;
  Turn& operator=(Turn&&) = delete;
  ~Turn() { End(); }

  void End();
  bool Disturbed() const;  // once it has ended

 private:
  friend class IdleProof;
  Turn(JudgeDevice& device, bool waited, double pause_max_us)
      : device_(&device), waited_(waited), pause_max_us_(pause_max_us) {}

  JudgeDevice* device_;
  bool held_ = true;
  bool waited_;  // for others
  double pause_max_us_;
};

class IdleProof {
 public:
  explicit IdleProof(JudgeDevice& device) : device_(device) {}

  // What the device takes alone: once, before the first candidate is loaded, or one that is busy
  // from the beginning would be taken for the rule. Later calls do nothing.
  Status Calibrate();

  // What is queued on the device must have been waited for, or it would be taken for others' work.
  Result<Turn> TakeTurn();
  // A turn that ends at once.
  Result<bool> Disturbed();

 private:
  JudgeDevice& device_;
  double least_us_ = 0;
  double least_pause_us_ = 0;
  bool calibrated_ = false;
};

}  // namespace caesar
