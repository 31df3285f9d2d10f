// Profile: candidate and baseline timed in turn on the same fresh data, every timed call compared.
// Decides which call is next and when there are enough of them; calls are made by TimedCalls, held
// against the judge's clock by TrustedClock, and turned into a verdict by Conclude.
#pragma once

#include "judge/conclude.h"
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
  Status WarmUp();  // and how long a launcher takes on the host
  Status SamplePairs(CacheState cache);

  const JudgeOrder& order_;
  Verdict verdict_;
  TimedCalls calls_;
  TrustedClock clock_{calls_};
  Samples samples_;
};

}  // namespace caesar
