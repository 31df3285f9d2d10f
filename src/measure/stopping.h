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

// The acceptance rule: a claimed time stands if the judge's own exceeds it by at most max(15 us, 3
// %); if that is a batch's time per call, the 15 us are divided among its calls, down to 2 us.
bool ClaimStands(double claimed_us, double trusted_us, int calls = 1);

// What a batch's interval exceeds the work of its calls by, honestly: as much as null batches in
// which kernels that only take time replay the claim, launch for launch. Of it the gaps between
// launches are more where more launches are claimed, so they are granted up to 15 us a call.
// `plain_us`: of null batches with one launch.
double BatchOverheadUs(double replayed_us, double plain_us, int calls);

// Below this, one call's trusted time says too little, and batches are timed too.
inline constexpr double kBatchBelowUs = 300.0;

// Calls per batch so that the hand-over is small against its work: between 2 and 64.
int BatchSize(double claimed_us);

}  // namespace caesar
