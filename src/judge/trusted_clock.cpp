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
constexpr double kGapLeastUs = 2;  // from the start of a kernel to that of the next, on any device

// What disturbs a null call makes it longer, and a longer one would flatter the candidate.
double LowerQuartile(const std::vector<double>& us) { return Summarize(us, 0).q1_us; }

// Null calls of one kind, without the delay kernel.
struct Nulls {
  TimedCalls& calls;
  NullWork work;
  std::vector<double> us;

  Status Take() {
    const auto null_us = TRY(calls.NullCall(work, 0));
    if (null_us.has_value()) us.push_back(*null_us);
    return {};
  }
};

}  // namespace

Status TrustedClock::NullIfDue(std::size_t samples, int delay_us, double claimed_us) {
  if (nulls_us_.size() >= kNullsMin && samples % kSamplesPerNull != 0) return {};
  const auto null_us = TRY(calls_.NullCall({1, claimed_us}, delay_us));
  if (null_us.has_value()) nulls_us_.push_back(*null_us);
  return {};
}

Status TrustedClock::VerifyWithoutDelay(double claimed_us, int kernels) {
  const bool short_calls = claimed_us < kBatchBelowUs;
  calls_.Tell(short_calls ? "verifying the time by batches" : "verifying the time");
  if (short_calls) {
    batch_ = TRY(calls_.RoomFor(std::min(BatchSize(claimed_us), kSetsMax)));
    TRY(calls_.Remap(batch_));
    if (calls_.settled()) return {};
  }
  // How many is a claim, too, but the claimed time holds the gaps between them.
  kernels = std::clamp(
      kernels, 1,
      static_cast<int>(std::clamp(claimed_us / kGapLeastUs, 1.0, double{kKernelClaimsMax})));
  Nulls plain{calls_, {1, claimed_us * batch_}, {}};
  Nulls replayed{calls_, {kernels * batch_, claimed_us / kernels}, {}};
  const int batches = short_calls ? kBatches + 1 : kUndelayedCalls;
  for (int i = 0; i < batches; ++i) {
    const auto interval = TRY(calls_.Batch());
    if (!interval.has_value()) return {};
    if (short_calls && i == 0) continue;  // new addresses warm up
    TRY(plain.Take());
    if (short_calls) TRY(replayed.Take());
    undelayed_us_.push_back(*interval);
  }
  if (plain.us.empty() || (short_calls && replayed.us.empty())) {  // never idle
    undelayed_us_.clear();
    return {};
  }
  const double overhead_us =
      short_calls ? BatchOverheadUs(LowerQuartile(replayed.us), LowerQuartile(plain.us), batch_)
                  : LowerQuartile(plain.us);
  for (double& interval : undelayed_us_) interval = std::max(0.0, interval - overhead_us) / batch_;
  return {};
}

double TrustedClock::NullUs() const { return nulls_us_.empty() ? 0 : LowerQuartile(nulls_us_); }

// The interquartile range. Bounded, so that a device kept busy by somebody else makes no claim
// stand.
double TrustedClock::NullSpreadUs() const {
  constexpr double kSpreadMaxUs = 15;
  if (nulls_us_.empty()) return 0;
  const TimeStats stats = Summarize(nulls_us_, 0);
  return std::min(stats.q3_us - stats.q1_us, kSpreadMaxUs);
}

}  // namespace caesar
