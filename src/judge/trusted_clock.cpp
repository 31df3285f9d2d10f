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
constexpr int kNullsWithout = 9;         // likewise

double LowerQuartile(std::span<const double> us) { return Summarize(us, 0).q1_us; }

}  // namespace

Status TrustedClock::CalibrateIfDue(std::span<const double> claims_us, int delay_us) {
  if (nulls_us_.size() >= kNullsMin && claims_us.size() % kSamplesPerCalibration != 0) return {};
  // Not as long as the last claim: a null call with more work takes longer beside it, and a
  // candidate that counts knows when one is due. Few long claims do not move the quartile.
  const double claimed_us = LowerQuartile(claims_us);
  const auto null_us = TRY(calls_.NullCall({1, claimed_us}, delay_us));
  if (null_us.has_value()) nulls_us_.push_back(*null_us);
  if (claimed_us >= kBatchBelowUs) return {};
  // The inputs are those of the sample, and who recognises them can take its time: what this call
  // seems to grant, calls alone have to bear out (measure/acceptance.h).
  const auto dirty = TRY(calls_.Call(RunnerRole::kCandidate, CacheState::kDirty, delay_us));
  if (dirty.has_value() && !dirty->disturbed) dirty_us_.push_back(dirty->interval_us);
  return {};
}

Status TrustedClock::Verify(Claim claim) {
  const bool short_calls = claim.claimed_us < kBatchBelowUs;
  calls_.Tell(short_calls ? "verifying the time by batches" : "verifying the time");
  Undelayed alone;
  TRY(Take(short_calls ? kUndelayedShortCalls : kUndelayedCalls, claim.claimed_us, alone));
  if (calls_.settled()) return {};
  Undelayed batches;
  if (short_calls) {
    const int wanted = std::min(BatchSize(claim.claimed_us, claim.baseline_us), kSetsMax);
    batches.calls = batch_ = TRY(calls_.RoomFor(wanted));
    TRY(calls_.Remap(batch_));
    if (calls_.settled()) return {};
    TRY(calls_.Batch());  // new addresses warm up
    if (calls_.settled()) return {};
    TRY(Take(kBatches, claim.claimed_us, batches));
    if (calls_.settled()) return {};
  }
  calls_.EndUntrusted();
  const auto without_us = TRY(NullCalls({1, claim.claimed_us}, claim.delay_us));
  null_us_ = caesar::NullUs(nulls_us_, without_us, 1);
  alone_us_ = TRY(PerCall(alone, claim.claimed_us));
  undelayed_us_ = short_calls ? TRY(PerCall(batches, claim.claimed_us)) : alone_us_;
  return {};
}

Status TrustedClock::Take(int count, double claimed_us, Undelayed& undelayed) {
  for (int i = 0; i < count; ++i) {
    const auto interval = TRY(calls_.Batch());
    if (!interval.has_value()) return {};
    undelayed.intervals_us.push_back(*interval);
    const auto null_us = TRY(calls_.NullCall({undelayed.calls, claimed_us}, kLeastDelayUs));
    if (null_us.has_value()) undelayed.nulls_us.push_back(*null_us);
  }
  return {};
}

Result<std::vector<double>> TrustedClock::PerCall(const Undelayed& undelayed, double claimed_us) {
  if (undelayed.nulls_us.empty()) return std::vector<double>();
  const auto without_us = TRY(NullCalls({undelayed.calls, claimed_us}, kLeastDelayUs));
  const double null_us = caesar::NullUs(undelayed.nulls_us, without_us, undelayed.calls);
  std::vector<double> per_call;
  for (const double interval_us : undelayed.intervals_us)
    per_call.push_back(std::max(0.0, interval_us - null_us) / undelayed.calls);
  return per_call;
}

Result<std::vector<double>> TrustedClock::NullCalls(NullWork work, int delay_us) {
  std::vector<double> nulls_us;
  for (int i = 0; i < kNullsWithout; ++i) {
    const auto null_us = TRY(calls_.NullCall(work, delay_us));
    if (null_us.has_value()) nulls_us.push_back(*null_us);
  }
  return nulls_us;
}

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
