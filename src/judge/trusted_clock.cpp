#include "judge/trusted_clock.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "judge/secret.h"
#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr std::uint32_t kSamplesPerNull = 3;
constexpr std::size_t kNullsMin = 5;
constexpr std::uint32_t kSamplesPerDirty = 4;
constexpr std::size_t kDirtyMin = 4;
constexpr std::size_t kDirtyMax = 9;
constexpr int kBatches = 5;
constexpr int kUndelayedCalls = 3;
constexpr int kUndelayedShortCalls = 9;   // a lower quartile is wanted of these
constexpr std::size_t kNullsWithout = 9;  // likewise
constexpr int kTriesMax = 3 * 9;

double LowerQuartile(std::span<const double> us) { return Summarize(us, 0).q1_us; }

}  // namespace

Status TrustedClock::Calibrate(std::span<const double> claims_us, int delay_us) {
  // Not as long as the last claim: a null call with more work takes longer beside it, and a
  // candidate that counts knows when one is due. Few long claims do not move the quartile.
  const double claimed_us = LowerQuartile(claims_us);
  if (nulls_us_.size() < kNullsMin || RandomBelow(kSamplesPerNull) == 0) {
    const auto null_us = TRY(calls_.NullCall(RunnerRole::kBaseline, {1, claimed_us}, delay_us));
    if (null_us.has_value()) nulls_us_.push_back(*null_us);
  }
  if (claimed_us < kBatchBelowUs && dirty_us_.size() < kDirtyMax &&
      RandomBelow(kSamplesPerDirty) == 0)
    return TakeDirty(delay_us);
  return {};
}

Status TrustedClock::TakeDirty(int delay_us) {
  const auto dirty_us = TRY(calls_.DirtyCall(delay_us));
  if (dirty_us.has_value()) dirty_us_.push_back(*dirty_us);
  return {};
}

Status TrustedClock::TakeUndelayed(Claim claim) {
  claim_ = claim;
  const bool short_calls = claim.claimed_us < kBatchBelowUs;
  calls_.Tell(short_calls ? "verifying the time by batches" : "verifying the time");
  for (int i = 0; short_calls && dirty_us_.size() < kDirtyMin && i < kTriesMax; ++i) {
    TRY(TakeDirty(claim.delay_us));
    if (calls_.settled()) return {};
  }
  TRY(Take(short_calls ? kUndelayedShortCalls : kUndelayedCalls, alone_));
  if (!short_calls || calls_.settled()) return {};
  const int wanted = std::min(BatchSize(claim.claimed_us, claim.baseline_us), kSetsMax);
  batches_.calls = TRY(calls_.MakeRoom(wanted));
  if (calls_.settled()) return {};
  TRY(calls_.Batch());  // new addresses warm up
  if (calls_.settled()) return {};
  return Take(kBatches, batches_);
}

Status TrustedClock::TakeNulls() {
  const auto without_us = TRY(NullCalls({1, claim_.claimed_us}, claim_.delay_us));
  null_time_ = NullTimeOf(nulls_us_, without_us, 1);
  alone_us_ = TRY(PerCall(alone_));
  undelayed_us_ = claim_.claimed_us < kBatchBelowUs ? TRY(PerCall(batches_)) : alone_us_;
  return {};
}

Status TrustedClock::Take(int count, Undelayed& undelayed) {
  for (int i = 0; i < count; ++i) {
    const auto interval = TRY(calls_.Batch());
    if (!interval.has_value()) return {};
    undelayed.intervals_us.push_back(*interval);
    const auto null_us = TRY(calls_.NullCall(RunnerRole::kBaseline,
                                             {undelayed.calls, claim_.claimed_us}, kLeastDelayUs));
    if (null_us.has_value()) undelayed.nulls_us.push_back(*null_us);
  }
  return {};
}

Result<std::vector<double>> TrustedClock::PerCall(const Undelayed& undelayed) {
  if (undelayed.nulls_us.empty()) return std::vector<double>();
  const auto without_us = TRY(NullCalls({undelayed.calls, claim_.claimed_us}, kLeastDelayUs));
  const double null_us = NullTimeOf(undelayed.nulls_us, without_us, undelayed.calls).us;
  std::vector<double> per_call;
  for (const double interval_us : undelayed.intervals_us)
    per_call.push_back(std::max(0.0, interval_us - null_us) / undelayed.calls);
  return per_call;
}

// By two processes, of which the faster one is believed: a process may be slow for its life.
Result<std::vector<double>> TrustedClock::NullCalls(NullWork work, int delay_us) {
  std::vector<double> by_oracle = TRY(NullCallsBy(RunnerRole::kOracle, work, delay_us));
  std::vector<double> by_baseline = TRY(NullCallsBy(RunnerRole::kBaseline, work, delay_us));
  if (by_oracle.empty() || by_baseline.empty()) return by_oracle.empty() ? by_baseline : by_oracle;
  return LowerQuartile(by_oracle) < LowerQuartile(by_baseline) ? by_oracle : by_baseline;
}

Result<std::vector<double>> TrustedClock::NullCallsBy(RunnerRole role, NullWork work,
                                                      int delay_us) {
  std::vector<double> nulls_us;
  for (int i = 0; nulls_us.size() < kNullsWithout && i < kTriesMax; ++i) {
    const auto null_us = TRY(calls_.NullCall(role, work, delay_us));
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

}  // namespace caesar
