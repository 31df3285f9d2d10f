// The judge's own clock, against which a claimed time is held.
//
// Trusted time: from `go` to the end of the judge's first comparison of all outputs (its kernels
// queue behind whatever the runner still has on the device), minus the same interval for a null
// call, in which a trusted runner does everything but the work. Nothing in it comes from the
// candidate.
#pragma once

#include <span>
#include <vector>

#include "judge/timed_calls.h"

namespace caesar {

class TrustedClock {
 public:
  explicit TrustedClock(TimedCalls& calls) : calls_(calls) {}

  // Calls among the timed ones, if they are due: the device is as warm, and the other contexts are
  // as busy. A null call, and one of the candidate that begins with a dirty L2. `claims_us`: of the
  // samples so far, at least one; the candidate's verdict may be settled then.
  Status CalibrateIfDue(std::span<const double> claims_us, int delay_us);

  // The delay kernel runs in the candidate's process: nothing says that it did run, and work hidden
  // in its place would cost no time. So calls are also made without it, short ones in batches, too,
  // in which the hand-over counts for little. A null batch has one kernel for each call, as long as
  // is claimed.
  Status VerifyWithoutDelay(double claimed_us, double baseline_us);

  // Of a null call; 0 without any. Here and below a lower quartile: what disturbs a call makes it
  // longer.
  double NullUs() const;
  // Of calls that begin with a dirty L2, not less a null call; 0 without any.
  double DirtyUs() const;
  // How far null calls differ among each other: the clock is no better than that.
  double NullSpreadUs() const;
  bool has_nulls() const { return !nulls_us_.empty(); }
  // Per call, of the calls without the delay kernel; empty: nothing can be said.
  const std::vector<double>& undelayed_us() const { return undelayed_us_; }
  int batch() const { return undelayed_us_.empty() ? 1 : batch_; }
  // Of calls alone without the delay kernel: a lower quartile; infinite without any.
  double AloneUs() const;

 private:
  // `count` times `calls` without the delay kernel: per call, less a null call. Empty if the
  // candidate's verdict is settled, or the device was never idle.
  Result<std::vector<double>> Undelayed(int count, int calls, double claimed_us);

  TimedCalls& calls_;
  std::vector<double> nulls_us_;
  std::vector<double> dirty_us_;
  std::vector<double> alone_us_;
  std::vector<double> undelayed_us_;
  int batch_ = 1;
};

}  // namespace caesar
