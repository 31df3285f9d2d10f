// What was measured, as a verdict: whether it is enough for a time, whether the claimed time stands
// against the judge's clock, and what it says of the candidate. Works on numbers alone.
#pragma once

#include <vector>

#include "judge/evaluator.h"
#include "judge/trusted_clock.h"

namespace caesar {

// One side of the samples: what is claimed, and what the judge's clock says.
struct TimedSide {
  std::vector<double> cold_us;
  std::vector<double> hot_us;
  std::vector<double> wall_us;
  std::vector<double> interval_us;  // cold: from go to the end of the first compare
  std::vector<CallClaim> claims;    // some, for the kernels
};

struct Samples {
  TimedSide candidate;
  TimedSide baseline;
  int delay_us = 0;
  int discarded = 0;
  int disturbed = 0;  // of these, because somebody else used the GPU
};

// `verdict` passed every check; its device is known.
void Conclude(const JudgeOrder& order, const Samples& samples, const TrustedClock& clock,
              Verdict& verdict);

}  // namespace caesar
