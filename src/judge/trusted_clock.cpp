#include "judge/trusted_clock.h"

#include <algorithm>

#include "measure/statistics.h"
#include "measure/stopping.h"

namespace caesar {
namespace {

constexpr std::size_t kSamplesPerNull = 10;
constexpr std::size_t kNullsMin = 5;
constexpr int kBatches = 5;
constexpr int kUndelayedCalls = 3;

}  // namespace

Status TrustedClock::NullIfDue(std::size_t samples, int delay_us, double claimed_us) {
  if (nulls_us_.size() >= kNullsMin && samples % kSamplesPerNull != 0) return {};
  const auto null_us = TRY(calls_.NullCall(1, delay_us, claimed_us, RunnerRole::kBaseline));
  if (null_us.has_value()) nulls_us_.push_back(*null_us);
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
  std::vector<double> nulls;
  const int batches = short_calls ? kBatches + 1 : kUndelayedCalls;
  for (int i = 0; i < batches; ++i) {
    const auto interval = TRY(calls_.Batch());
    if (!interval.has_value()) return {};
    if (short_calls && i == 0) continue;  // new addresses warm up
    if (const auto null_us =
            TRY(calls_.NullCall(batch_, 0, claimed_us * batch_, RunnerRole::kCandidate)))
      nulls.push_back(*null_us);
    undelayed_us_.push_back(*interval);
  }
  if (nulls.empty()) {  // never idle: nothing can be said
    undelayed_us_.clear();
    return {};
  }
  const double null_us = Summarize(nulls, 0).q1_us;
  for (double& interval : undelayed_us_) interval = std::max(0.0, interval - null_us) / batch_;
  return {};
}

// The lower quartile: what disturbs a null call makes it longer, and a longer one would flatter the
// candidate.
double TrustedClock::NullUs() const {
  return nulls_us_.empty() ? 0 : Summarize(nulls_us_, 0).q1_us;
}

// The interquartile range. Bounded, so that a device kept busy by somebody else makes no claim
// stand.
double TrustedClock::NullSpreadUs() const {
  constexpr double kSpreadMaxUs = 15;
  if (nulls_us_.empty()) return 0;
  const TimeStats stats = Summarize(nulls_us_, 0);
  return std::min(stats.q3_us - stats.q1_us, kSpreadMaxUs);
}

}  // namespace caesar
