#include "judge/trusted_clock.h"

#include <algorithm>

#include "measure/acceptance.h"
#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr std::size_t kSamplesPerCalibration = 3;
constexpr std::size_t kNullsMin = 5;
constexpr int kBatches = 5;
constexpr int kUndelayedCalls = 3;

// What disturbs a null call makes it longer, and a longer one would flatter the candidate.
double LowerQuartile(const std::vector<double>& us) { return Summarize(us, 0).q1_us; }

}  // namespace

Status TrustedClock::CalibrateIfDue(std::size_t samples, int delay_us, double claimed_us) {
  if (nulls_us_.size() >= kNullsMin && samples % kSamplesPerCalibration != 0) return {};
  const auto null_us = TRY(calls_.NullCall({1, claimed_us}, delay_us));
  if (null_us.has_value()) nulls_us_.push_back(*null_us);
  // The inputs are those of the sample: who recognises them only shortens what is granted to it.
  const auto dirty = TRY(calls_.Call(RunnerRole::kCandidate, CacheState::kDirty, delay_us));
  if (dirty.has_value() && !dirty->disturbed) dirty_us_.push_back(dirty->interval_us);
  return {};
}

Status TrustedClock::VerifyWithoutDelay(double claimed_us) {
  const bool short_calls = claimed_us < kBatchBelowUs;
  calls_.Tell(short_calls ? "verifying the time by batches" : "verifying the time");
  if (short_calls) {
    batch_ = TRY(calls_.RoomFor(std::min(BatchSize(claimed_us), kSetsMax)));
    TRY(calls_.Remap(batch_));
    if (calls_.settled()) return {};
  }
  std::vector<double> nulls_us;
  const int batches = short_calls ? kBatches + 1 : kUndelayedCalls;
  for (int i = 0; i < batches; ++i) {
    const auto interval = TRY(calls_.Batch());
    if (!interval.has_value()) return {};
    if (short_calls && i == 0) continue;  // new addresses warm up
    const auto null_us = TRY(calls_.NullCall({batch_, claimed_us}, 0));
    if (null_us.has_value()) nulls_us.push_back(*null_us);
    undelayed_us_.push_back(*interval);
  }
  if (nulls_us.empty()) undelayed_us_.clear();  // never idle
  for (double& interval : undelayed_us_)
    interval = std::max(0.0, interval - LowerQuartile(nulls_us)) / batch_;
  return {};
}

double TrustedClock::NullUs() const { return nulls_us_.empty() ? 0 : LowerQuartile(nulls_us_); }

double TrustedClock::DirtyUs() const { return dirty_us_.empty() ? 0 : LowerQuartile(dirty_us_); }

// The interquartile range. Bounded, so that a device kept busy by somebody else makes no claim
// stand.
double TrustedClock::NullSpreadUs() const {
  constexpr double kSpreadMaxUs = 5;
  if (nulls_us_.empty()) return 0;
  const TimeStats stats = Summarize(nulls_us_, 0);
  return std::min(stats.q3_us - stats.q1_us, kSpreadMaxUs);
}

}  // namespace caesar
