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
#include "measure/acceptance.h"

namespace caesar {

class TrustedClock {
 public:
  explicit TrustedClock(TimedCalls& calls) : calls_(calls) {}

  // Now and then a call among the timed ones, where the device is as warm, and the other contexts
  // are as busy: a null call, and, of short calls, one of the candidate that begins with a dirty
  // L2. Which samples they come behind is the dice's. `claims_us`: of the samples so far, at least
  // one; the candidate's verdict may be settled then.
  Status Calibrate(std::span<const double> claims_us, int delay_us);

  // What is verified, and how long the timed calls were delayed.
  struct Claim {
    double claimed_us = 0;
    double baseline_us = 0;
    int delay_us = 0;
  };
  // The delay kernel runs in the candidate's process: nothing says that it did run, and work hidden
  // in its place would cost no time. So calls are also made behind the least delay, short ones in
  // batches, too, in which the hand-over counts for little.
  Status TakeUndelayed(Claim claim);
  // What it all is held against: null calls, and null batches of a kernel for each call, as long as
  // is claimed. Once the processes of candidate and best have ended.
  Status TakeNulls();

  // Of a call alone (measure/acceptance.h); zeros before TakeNulls.
  const NullTime& null_time() const { return null_time_; }
  // Of calls that begin with a dirty L2, not less a null call; 0 without any. Here and below a
  // lower quartile.
  double DirtyUs() const;
  bool has_nulls() const { return !nulls_us_.empty(); }
  // Per call, of the calls behind the least delay; empty: nothing can be said.
  const std::vector<double>& undelayed_us() const { return undelayed_us_; }
  int batch() const { return undelayed_us_.empty() ? 1 : batches_.calls; }
  // Of calls alone behind the least delay: a lower quartile; infinite without any.
  double AloneUs() const;

 private:
  // Calls behind the least delay, several at once, and null calls among them.
  struct Undelayed {
    int calls = 1;
    std::vector<double> intervals_us;
    std::vector<double> nulls_us;
  };
  Status TakeDirty(int delay_us);
  // Stops early where the candidate's verdict is settled.
  Status Take(int count, Undelayed& undelayed);
  // Per call, less a null call; empty if the device was never idle.
  Result<std::vector<double>> PerCall(const Undelayed& undelayed);
  Result<std::vector<double>> NullCalls(NullWork work, int delay_us);
  Result<std::vector<double>> NullCallsBy(RunnerRole role, NullWork work, int delay_us);

  TimedCalls& calls_;
  std::vector<double> nulls_us_;
  Claim claim_;
  Undelayed alone_;
  Undelayed batches_;
  NullTime null_time_;
  std::vector<double> dirty_us_;
  std::vector<double> alone_us_;
  std::vector<double> undelayed_us_;
};

}  // namespace caesar
