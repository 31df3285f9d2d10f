// Profile: baseline, candidate and the best kernel so far timed in turn, the latter two in random
// order, on the same fresh data, every timed call compared. Decides which call is next and when
// there are enough of them; calls are made by TimedCalls, held against the judge's clock by
// TrustedClock and against the device's state by HealthWatch, and turned into a verdict by
// Conclude.
#pragma once

#include <vector>

#include "judge/conclude.h"
#include "judge/health_watch.h"
#include "judge/timed_calls.h"
#include "judge/trusted_clock.h"

namespace caesar {

class Measurement {
 public:
  Measurement(Evaluator& judge, const JudgeOrder& order, Verdict checked)
      : order_(order), verdict_(std::move(checked)), calls_(judge, order, verdict_) {}
  Measurement(const Measurement&) = delete;

  Result<Verdict> Run();

 private:
  // Which calls, and when there are enough.
  struct Plan {
    std::vector<RunnerRole> roles;  // whose times are kept
    CacheState cache = CacheState::kCold;
    std::int64_t budget_ms = 0;
  };
  enum class Taken { kKept, kAgain, kStop };  // kStop: the verdict is settled

  std::vector<RunnerRole> TimedRoles(bool with_baseline) const;
  Status WarmUp();  // and how long a launcher takes on the host
  Status TakeSamples(Plan plan, Samples& samples);
  Result<Taken> TakeSample(const Plan& plan, Samples& samples);
  bool Enough(const Plan& plan, const Samples& samples, SteadyTime begin) const;
  // Whether a sample with that reading is to be taken again.
  Result<bool> SettleDisturbance(Samples& samples);
  // Drops what was taken since the last good reading, if this one is not; whether it did.
  bool DropUnfit(std::optional<HealthWatch::Finding> finding, Samples& samples);
  Status Confirm();
  Status Verify();
  // Again, where the device is not fine behind them; few or none if it stays so.
  Status TimeWithoutCandidate(RunnerRole role, std::size_t wanted);
  Status TakeWithoutCandidate(RunnerRole role, std::size_t wanted, std::vector<double>& times_us);

  const JudgeOrder& order_;
  Verdict verdict_;
  TimedCalls calls_;
  TrustedClock clock_{calls_};
  HealthWatch watch_{[this] { return calls_.Health(); }, std::chrono::steady_clock::now};
  Samples samples_;
  int disturbed_ = 0;  // since the last trial of who it is
  int tries_ = 0;      // likewise
  int trials_ = 0;
};

}  // namespace caesar
