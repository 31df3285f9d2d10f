// When enough has been measured. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "record/run_config.h"

namespace caesar {

enum class Stopping { kGoOn, kPreciseEnough, kSamplesUsedUp, kBudgetSpent };

// What was taken so far, in the same order. A role that is not timed is empty.
struct Series {
  std::span<const double> candidate_us;
  std::span<const double> baseline_us;
  std::span<const double> best_us;
};

// Precise enough: at least samples_min, the relative half-width of each median's interval and of
// the ratio to the baseline at most ci_target, and the same of the ratio to the best, whose
// interval must also lie clear of the gap's ends (see comparison.h). This is looked at after every
// eighth of the samples so far: an interval that is looked at too often misses more than it says.
// The budget never ends it before samples_min, except at three times the budget.
Stopping Decide(const TimingConfig& config, const Series& series, std::int64_t elapsed_ms);

}  // namespace caesar
