// Calls by the clock, at the bench shape: runners and tensors made ready, fresh data, one call, its
// result compared in full, and whom a failure is blamed on. How many calls are enough and what
// their times mean is decided elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "judge/evaluator.h"

namespace caesar {

enum class CacheState { kCold, kHot };

struct TimedCall {
  CallClaim claim;
  double interval_us = 0;  // by the judge's clock, from go to the end of the first compare
  bool disturbed = false;  // somebody else used the GPU
};

class TimedCalls {
 public:
  // A candidate that fails turns `verdict`.
  TimedCalls(Evaluator& judge, const JudgeOrder& order, Verdict& verdict)
      : judge_(judge), order_(order), verdict_(verdict) {}

  // Runners with their objects, and the tensors of one set.
  Status Prepare();
  Status Remap(int sets);
  void UnmapTrusted();  // the memory goes back, also where the candidate is dead
  void Tell(const std::string& text) { judge_.tell_(text); }

  // New inputs, what is expected of them, new poison in both outputs.
  Status FreshData(int set);
  // One call on set 0. Empty: the candidate's verdict is settled (a baseline's failure is an
  // Error).
  Result<std::optional<TimedCall>> Call(RunnerRole role, CacheState cache, int delay_us);
  // One call of the candidate on all sets, one after the other, without the delay kernel: the
  // judge's interval. Empty: the candidate's verdict is settled.
  Result<std::optional<double>> Batch();
  // The judge's interval of a call of the baseline's runner that does everything but the work.
  // Empty if somebody else used the GPU. `delay_us`: of the calls that it is held against (a batch
  // has none); `compared`: whose output.
  Result<std::optional<double>> NullCall(int sets, int delay_us, double claimed_us,
                                         RunnerRole compared);
  // How many sets there is room for, at most `wanted`.
  Result<int> RoomFor(int wanted) const;

  bool settled() const { return verdict_.kind != VerdictKind::kCorrect; }

 private:
  Result<bool> Disturbed(double& least_us, const std::function<Status()>& last_kernel);
  void Settle(const RunnerFailure& failure) { Blame(verdict_, failure, "while it was timed"); }
  Result<bool> Compared(RunnerRole role, int set);
  void Wake(RunnerRole role);
  Runner& RunnerOf(RunnerRole role) { return *judge_.Of(role).runner; }

  Evaluator& judge_;
  const JudgeOrder& order_;
  Verdict& verdict_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<CallSets> sets_;
  double flush_least_us_ = 0;
  double dirty_least_us_ = 0;
};

}  // namespace caesar
