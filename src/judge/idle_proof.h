// The judge's own turn on the device, and whether somebody else used the device meanwhile.
//
// That cannot be asked across processes, but it shows twice. Before: in the wall time of the
// judge's last kernel, on an H100 19 us alone, 2.4 ms beside one foreign block that spins, since
// contexts take turns of some milliseconds. During: a kernel of the judge keeps the device until
// the turn ends, and looks at the clock all the time; others can have it only in a gap between two
// looks.
#pragma once

#include "device/device.h"

namespace caesar {

enum class L2State { kFlushed, kDirty, kAsIs };  // at the end of the turn

// Others' work begins when it has ended.
class Turn {
 public:
  Turn(Turn&& other) noexcept;
  Turn& operator=(Turn&&) = delete;
  ~Turn() { End(); }

  void End();
  // Only after what was queued on the device behind the turn has been waited for.
  bool Disturbed() const;

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
  Result<Turn> TakeTurn(L2State cache);
  // A turn that ends at once.
  Result<bool> Disturbed();

 private:
  Status Prepare(L2State cache);

  JudgeDevice& device_;
  double least_us_[3] = {};  // by L2State
  double least_pause_us_ = 0;
  bool calibrated_ = false;
};

}  // namespace caesar
