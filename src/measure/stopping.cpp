#include "measure/stopping.h"

#include <algorithm>

#include "base/check.h"
#include "measure/comparison.h"
#include "measure/statistics.h"

namespace caesar {
namespace {

// Where the samples are too slow for the least number to fit the budget, this much of it is still
// granted.
constexpr std::int64_t kPatience = 3;

constexpr std::size_t kLooksPerDoubling = 8;

bool Precise(std::span<const double> samples_us, double ci_target) {
  return RelativeHalfWidth(Summarize(samples_us, 0)) <= ci_target;
}

bool Precise(const Series& series, double ci_target) {
  if (!Precise(series.candidate_us, ci_target)) return false;
  if (!series.baseline_us.empty()) {
    if (!Precise(series.baseline_us, ci_target)) return false;
    if (RelativeHalfWidth(PairedRatio(series.baseline_us, series.candidate_us)) > ci_target)
      return false;
  }
  if (series.best_us.empty()) return true;
  const Ratio ratio = PairedRatio(series.best_us, series.candidate_us);
  return RelativeHalfWidth(ratio) <= ci_target && ChangeOf(ratio) != Change::kUndecided;
}

bool IsLook(std::size_t samples) {
  return samples % std::max<std::size_t>(1, samples / kLooksPerDoubling) == 0;
}

}  // namespace

Stopping Decide(const TimingConfig& config, const Series& series, std::int64_t elapsed_ms) {
  const std::size_t taken = series.candidate_us.size();
  CHECK(series.baseline_us.empty() || series.baseline_us.size() == taken);
  CHECK(series.best_us.empty() || series.best_us.size() == taken);
  const bool any = taken > 0;
  const bool enough = any && taken >= static_cast<std::size_t>(std::max(config.samples_min, 0));
  if (enough && IsLook(taken) && Precise(series, config.ci_target)) return Stopping::kPreciseEnough;
  if (any && taken >= static_cast<std::size_t>(std::max(config.samples_max, 0)))
    return Stopping::kSamplesUsedUp;
  // elapsed / 3 instead of budget * 3, which could overflow.
  const bool spent =
      enough ? elapsed_ms >= config.budget_ms : elapsed_ms / kPatience >= config.budget_ms;
  return spent ? Stopping::kBudgetSpent : Stopping::kGoOn;
}

}  // namespace caesar
