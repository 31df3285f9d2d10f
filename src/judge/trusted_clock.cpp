#include "judge/trusted_clock.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "measure/acceptance.h"
#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr std::size_t kSamplesPerCalibration = 3;
constexpr std::size_t kNullsMin = 5;
constexpr int kBatches = 5;
constexpr int kUndelayedCalls = 3;
constexpr int kUndelayedShortCalls = 9;  // a lower quartile is wanted of these

// What disturbs a null call makes it longer, and a longer one would flatter the candidate.
double LowerQuartile(std::span<const double> us) { return Summarize(us, 0).q1_us; }

}  // namespace

Status TrustedClock::CalibrateIfDue(std::span<const double> claims_us, int delay_us) {
  if (nulls_us_.size() >= kNullsMin && claims_us.size() % kSamplesPerCalibration != 0) return {};
  // Not as long as the last claim: a null call with more work takes longer beside it, and a
  // candidate that counts knows when one is due. Few long claims do not move the quartile.
  const auto null_us = TRY(calls_.NullCall({1, LowerQuartile(claims_us)}, delay_us));
  if (null_us.has_value()) nulls_us_.push_back(*null_us);
  // The inputs are those of the sample, and who recognises them can take its time: what this call
  // seems to grant, calls alone have to bear out (measure/acceptance.h).
  const auto dirty = TRY(calls_.Call(RunnerRole::kCandidate, CacheState::kDirty, delay_us));
  if (dirty.has_value() && !dirty->disturbed) dirty_us_.push_back(dirty->interval_us);
  return {};
}

Status TrustedClock::VerifyWithoutDelay(double claimed_us, double baseline_us) {
  const bool short_calls = claimed_us < kBatchBelowUs;
  calls_.Tell(short_calls ? "verifying the time by batches" : "verifying the time");
  alone_us_ = TRY(Undelayed(short_calls ? kUndelayedShortCalls : kUndelayedCalls, 1, claimed_us));
  undelayed_us_ = alone_us_;
  if (!short_calls || calls_.settled()) return {};
  batch_ = TRY(calls_.RoomFor(std::min(BatchSize(claimed_us, baseline_us), kSetsMax)));
  TRY(calls_.Remap(batch_));
  if (calls_.settled()) return {};
  if (!TRY(calls_.Batch()).has_value()) return {};  // new addresses warm up
  undelayed_us_ = TRY(Undelayed(kBatches, batch_, claimed_us));
  return {};
}

Result<std::vector<double>> TrustedClock::Undelayed(int count, int calls, double claimed_us) {
  std::vector<double> intervals_us;
  std::vector<double> nulls_us;
  for (int i = 0; i < count; ++i) {
    const auto interval = TRY(calls_.Batch());
    if (!interval.has_value()) return std::vector<double>();
    intervals_us.push_back(*interval);
    const auto null_us = TRY(calls_.NullCall({calls, claimed_us}, 0));
    if (null_us.has_value()) nulls_us.push_back(*null_us);
  }
  if (nulls_us.empty()) return std::vector<double>();
  const double null_us = LowerQuartile(nulls_us);
  for (double& each : intervals_us) each = std::max(0.0, each - null_us) / calls;
  return intervals_us;
}

double TrustedClock::NullUs() const { return nulls_us_.empty() ? 0 : LowerQuartile(nulls_us_); }

double TrustedClock::DirtyUs() const { return dirty_us_.empty() ? 0 : LowerQuartile(dirty_us_); }

// Somebody else may have been busy beside some of them.
double TrustedClock::AloneUs() const {
  std::vector<double> known;
  std::copy_if(alone_us_.begin(), alone_us_.end(), std::back_inserter(known),
               [](double us) { return std::isfinite(us); });
  return known.empty() ? INFINITY : LowerQuartile(known);
}

// The interquartile range. Bounded, so that a device kept busy by somebody else makes no claim
// stand.
double TrustedClock::NullSpreadUs() const {
  constexpr double kSpreadMaxUs = 5;
  if (nulls_us_.empty()) return 0;
  const TimeStats stats = Summarize(nulls_us_, 0);
  return std::min(stats.q3_us - stats.q1_us, kSpreadMaxUs);
}

}  // namespace caesar
