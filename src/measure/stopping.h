// When enough has been measured. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "record/run_config.h"

namespace caesar {

enum class Stopping { kGoOn, kPreciseEnough, kSamplesUsedUp, kBudgetSpent };

// Precise enough: at least samples_min and the relative half-width of each series' median interval
// at most ci_target. The budget never ends it before samples_min, except at three times the budget.
Stopping Decide(const TimingConfig& config, std::span<const double> candidate_us,
                std::span<const double> baseline_us, std::int64_t elapsed_ms);

// The acceptance rule: a claimed time stands if the judge's own exceeds it by at most max(15 us, 3
// %).
bool ClaimStands(double claimed_us, double trusted_us);

// Below this, one call's trusted time says too little, and batches are timed too.
inline constexpr double kBatchBelowUs = 300.0;

// Calls per batch so that the hand-over is small against its work: between 2 and 64.
int BatchSize(double claimed_us);

}  // namespace caesar
