// Profile: candidate and baseline timed in turn on the same fresh data, every timed call compared,
// and the claimed times held against the judge's own clock.
//
// Trusted time. From `go` to the end of the judge's first kernel that reads the output (it queues
// behind whatever the runner still has on the device), minus the same interval for a null call.
// Nothing in it comes from the runner.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judge/evaluator.h"

namespace caesar {

class Measurement {
 public:
  Measurement(Evaluator& judge, const JudgeOrder& order, Verdict checked)
      : judge_(judge), order_(order), verdict_(std::move(checked)) {}

  Result<Verdict> Run();

 private:
  // One side of a pair: what is claimed, and what the judge's clock says.
  struct Side {
    std::vector<double> cold_us;
    std::vector<double> hot_us;
    std::vector<double> wall_us;
    std::vector<double> interval_us;  // cold: from go to the end of the first compare
    std::vector<CallClaim> claims;    // the last few, for the kernels
  };
  struct TimedCall {
    CallClaim claim;
    double interval_us = 0;  // from go to the end of the first compare
    bool disturbed = false;  // somebody else used the GPU
  };
  enum class Cache { kCold, kHot };

  Status Prepare();  // runners, tensors, warm-up
  Status Remap(int sets);
  Status WarmUp();
  Status SamplePairs(Cache cache);
  Status VerifyWithoutDelay();
  void Conclude();

  // One timed call, compared in full. Empty: the candidate's verdict is settled (or, for the
  // baseline, an Error).
  Result<std::optional<TimedCall>> CallOne(RunnerRole role, Cache cache);
  Result<std::optional<double>> Batch();  // trusted microseconds per call
  // `delay_us`: of the calls that it is held against (a batch has none). Empty if somebody else
  // used the GPU.
  Result<std::optional<double>> NullInterval(int sets, int delay_us, double claimed_us,
                                             RunnerRole compared);
  Result<bool> Disturbed(double& least_us, const std::function<Status()>& last_kernel);
  double NullUs() const;
  double NullSpreadUs() const;
  double WriteBackUs() const;
  bool Settle(const RunnerFailure& failure);  // the candidate failed while it was timed
  Result<bool> Compared(RunnerRole role, int set);
  // New inputs, what is expected of them, new poison in both outputs.
  Status FreshData(int set);
  void Wake(RunnerRole role);
  Runner& RunnerOf(RunnerRole role) { return *judge_.Of(role).runner; }
  std::string BaselineObject() const {
    return order_.baseline.empty() ? order_.reference : order_.baseline;
  }
  std::vector<KernelTime> Kernels(const Side& side) const;
  bool settled() const { return verdict_.kind != VerdictKind::kCorrect; }

  Evaluator& judge_;
  const JudgeOrder& order_;
  Verdict verdict_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<CallSets> sets_;
  Side candidate_;
  Side baseline_;
  int delay_us_ = 50;
  std::vector<double> nulls_us_;  // the same interval for null calls
  int discarded_ = 0;
  int disturbed_ = 0;  // of these, because somebody else used the GPU
  double flush_least_us_ = 0;
  double dirty_least_us_ = 0;
  int batch_ = 1;
  std::vector<double> batch_us_;  // trusted time per call, by batches
};

}  // namespace caesar
