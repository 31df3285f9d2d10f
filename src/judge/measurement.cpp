#include "judge/measurement.h"

#include <algorithm>

#include "judge/profile.h"
#include "judge/secret.h"
#include "measure/statistics.h"
#include "measure/stopping.h"

namespace caesar {
namespace {

constexpr int kWarmUpPairs = 2;
constexpr std::size_t kHotPairs = 30;
constexpr std::size_t kClaimsKept = 64;
constexpr int kDiscardedMaxPerSample = 4;
constexpr int kDelayFirstUs = 50;
constexpr int kDelayMinUs = 20;    // covers the launch of a kernel or two
constexpr int kDelayMaxUs = 2000;  // a launcher that takes longer has gaps, and they count

std::int64_t MillisecondsSince(SteadyTime begin) {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin).count();
}

bool Usable(const CallClaim& claim) { return claim.dropped <= 0 && claim.envelope_us > 0; }

void Keep(const TimedCall& call, CacheState cache, TimedSide& side) {
  if (cache == CacheState::kHot) {
    side.hot_us.push_back(call.claim.envelope_us);
    return;
  }
  side.cold_us.push_back(call.claim.envelope_us);
  side.wall_us.push_back(call.claim.wall_us);
  side.interval_us.push_back(call.interval_us);
  if (side.claims.size() < kClaimsKept) side.claims.push_back(call.claim);
}

}  // namespace

Result<Verdict> Evaluator::Measure(const JudgeOrder& order, Verdict checked) {
  auto verdict = simulated() ? SimulatedProfile(*this, order, std::move(checked)).Run()
                             : Measurement(*this, order, std::move(checked)).Run();
  TRY(Restart(RunnerRole::kCandidate));  // never used again; the next one finds a context
  return verdict;
}

Result<Verdict> Measurement::Run() {
  TRY(calls_.Prepare());
  if (!calls_.settled()) TRY(WarmUp());
  if (!calls_.settled()) TRY(SamplePairs(CacheState::kCold));
  if (!calls_.settled() && !samples_.candidate.cold_us.empty())
    TRY(clock_.VerifyWithoutDelay(Median(samples_.candidate.cold_us)));
  if (!calls_.settled() && order_.timing.hot) {
    TRY(calls_.Remap(1));
    TRY(SamplePairs(CacheState::kHot));
  }
  calls_.UnmapTrusted();
  if (!calls_.settled()) Conclude(order_, samples_, clock_, verdict_);
  return std::move(verdict_);
}

Status Measurement::WarmUp() {
  double launcher_us = 0;
  for (int i = 0; i < kWarmUpPairs; ++i) {
    TRY(calls_.FreshData(0));
    for (const RunnerRole role : {RunnerRole::kBaseline, RunnerRole::kCandidate}) {
      const auto timed = TRY(calls_.Call(role, CacheState::kCold, kDelayFirstUs));
      if (!timed.has_value()) return {};
      if (i > 0) launcher_us = std::max(launcher_us, timed->claim.launcher_us);
    }
  }
  samples_.delay_us = static_cast<int>(
      std::clamp(2 * launcher_us + kDelayMinUs, double{kDelayMinUs}, double{kDelayMaxUs}));
  return {};
}

Status Measurement::SamplePairs(CacheState cache) {
  const bool cold = cache == CacheState::kCold;
  calls_.Tell(cold ? "timing" : "timing with a warm L2");
  const auto begin = std::chrono::steady_clock::now();
  TimedSide& candidate = samples_.candidate;
  TimedSide& baseline = samples_.baseline;
  for (;;) {
    if (cold && Decide(order_.timing, {candidate.cold_us, baseline.cold_us, {}},
                       MillisecondsSince(begin)) != Stopping::kGoOn)
      return {};
    if (!cold && candidate.hot_us.size() >= kHotPairs) return {};
    const std::size_t taken = (cold ? candidate.cold_us : candidate.hot_us).size();
    if (samples_.discarded > kDiscardedMaxPerSample * (static_cast<int>(taken) + 5)) return {};

    TRY(calls_.FreshData(0));
    TimedCall timed[2];
    const bool candidate_first = RandomBelow(2) == 0;
    for (const bool of_candidate : {candidate_first, !candidate_first}) {
      auto call = TRY(calls_.Call(of_candidate ? RunnerRole::kCandidate : RunnerRole::kBaseline,
                                  cache, samples_.delay_us));
      if (!call.has_value()) return {};
      timed[of_candidate ? 1 : 0] = std::move(*call);
    }
    // Lost records say nothing about time, and a GPU that somebody else uses nothing about the
    // candidate: once more.
    const bool disturbed = timed[0].disturbed || timed[1].disturbed;
    if (disturbed || !Usable(timed[0].claim) || !Usable(timed[1].claim)) {
      ++samples_.discarded;
      if (disturbed) ++samples_.disturbed;
      continue;
    }
    Keep(timed[0], cache, baseline);
    Keep(timed[1], cache, candidate);
    FlagClaim(verdict_, timed[1].claim);
    if (cold) {
      TRY(clock_.NullIfDue(candidate.cold_us.size(), samples_.delay_us,
                           timed[1].claim.envelope_us));
    }
  }
}

}  // namespace caesar
