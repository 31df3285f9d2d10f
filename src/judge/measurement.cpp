#include "judge/measurement.h"

#include <algorithm>
#include <array>
#include <thread>

#include "judge/busy_trial.h"
#include "judge/profile.h"
#include "judge/secret.h"
#include "measure/comparison.h"
#include "measure/statistics.h"
#include "measure/stopping.h"

namespace caesar {
namespace {

constexpr int kWarmUpsMin = 2;
constexpr std::uint32_t kWarmUpsSpread = 3;  // how many there are is the dice's
constexpr std::uint32_t kSamplesPerHiddenCheck = 8;
constexpr std::size_t kHotSamples = 30;
constexpr std::size_t kClaimsKept = 64;
constexpr int kDiscardedMaxPerSample = 4;
constexpr int kDelayFirstUs = 50;
constexpr int kDelayMinUs = 20;    // covers the launch of a kernel or two
constexpr int kDelayMaxUs = 2000;  // a launcher that takes longer has gaps, and they count
// So often, and in one of so many tries, the device must have been busy before somebody is
// suspected.
constexpr int kSuspectDisturbed = 8;
constexpr int kSuspectShare = 4;
constexpr int kTrialsMax = 2;
constexpr std::size_t kBaselineWithout = 9;
constexpr std::size_t kBestWithout = 25;  // half a percent is to be told
constexpr int kFitTriesMax = 3;
constexpr Milliseconds kCoolDown{50};
constexpr Milliseconds kStarts{60'000};  // of processes

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

// The baseline first, whose outputs the others are compared with; these in random order.
std::vector<RunnerRole> InOrder(std::vector<RunnerRole> roles) {
  std::erase(roles, RunnerRole::kBaseline);
  for (std::size_t left = roles.size(); left > 1; --left)
    std::swap(roles[left - 1], roles[RandomBelow(static_cast<std::uint32_t>(left))]);
  roles.insert(roles.begin(), RunnerRole::kBaseline);
  return roles;
}

// Right, but for what the process that it was timed in may be to blame for.
bool Doubtful(const Verdict& verdict) {
  if (verdict.kind != VerdictKind::kCorrect || !verdict.timing) return false;
  return !verdict.timing->verified ||
         std::any_of(verdict.flags.begin(), verdict.flags.end(), [](const Flag& flag) {
           return flag.name == kBaselineSlowed || flag.name == "baseline_unconfirmed";
         });
}

template <class T>
void Shorten(std::vector<T>& values, std::size_t count) {
  if (values.size() > count) values.resize(count);
}

}  // namespace

Milliseconds Evaluator::TimeFor(const JudgeOrder& order) const {
  constexpr int kOtherCalls = 30;  // to warm up, hidden checks, alone, in batches
  return kStarts + CallTimeout(order) * 2 * (kOtherCalls + order.timing.samples_min);
}

Result<Verdict> Evaluator::Measure(const JudgeOrder& order, Verdict checked) {
  accounts_.fill({TimeFor(order)});
  auto verdict = simulated() ? SimulatedProfile(*this, order, std::move(checked)).Run()
                             : MeasureOnDevice(order, std::move(checked));
  if (verdict.ok()) {
    FlagProcess(verdict.value());
  } else {
    verdict = WhoseFault(std::move(verdict).error());
  }
  Of(RunnerRole::kBest) = {};
  TRY(Restart(RunnerRole::kCandidate));  // never used again; the next one finds a context
  return verdict;
}

// Where a process lies on the host and in memory differs, and stays: on an H100 every call of 4
// honest processes of 116 ended 29 to 40 us late, and they looked like ones that claim too little.
// So doubts count if they come up in other processes, too.
Result<Verdict> Evaluator::MeasureOnDevice(const JudgeOrder& order, Verdict checked) {
  const Verdict verdict = TRY(Measurement(*this, order, checked).Run());
  if (!Doubtful(verdict)) return verdict;
  tell_("timing anew in fresh processes");
  TRY(Restart(RunnerRole::kCandidate));
  TRY(Restart(RunnerRole::kBaseline));
  Verdict again = TRY(Measurement(*this, order, std::move(checked)).Run());
  HoldAgainstFirst(verdict, again);
  if (again.timing) again.timing->discarded.push_back({"doubtful", 1});
  return again;
}

Result<Verdict> Measurement::Run() {
  TRY(calls_.Prepare());
  if (!calls_.settled()) TRY(WarmUp());
  // A second measurement may be due, for which the other half is kept.
  const std::int64_t budget_ms = order_.timing.budget_ms / (calls_.has_best() ? 2 : 1);
  if (!calls_.settled())
    TRY(TakeSamples({TimedRoles(true), CacheState::kCold, budget_ms}, samples_));
  if (!calls_.settled()) TRY(Confirm());
  if (!calls_.settled() && !samples_.candidate.cold_us.empty()) TRY(Verify());
  samples_.best_dropped = calls_.best_dropped();
  calls_.EndBest();
  if (!calls_.settled() && order_.timing.hot) {
    TRY(calls_.LeaveOneSet());
    if (!calls_.settled()) {
      TRY(TakeSamples({{RunnerRole::kBaseline, RunnerRole::kCandidate}, CacheState::kHot, 0},
                      samples_));
    }
  }
  calls_.UnmapTrusted();
  samples_.cost = calls_.Cost();
  if (!calls_.settled()) Conclude(order_, samples_, clock_, watch_.Readings(), verdict_);
  return std::move(verdict_);
}

std::vector<RunnerRole> Measurement::TimedRoles(bool with_baseline) const {
  std::vector<RunnerRole> roles = {RunnerRole::kCandidate};
  if (with_baseline) roles.push_back(RunnerRole::kBaseline);
  if (calls_.has_best()) roles.push_back(RunnerRole::kBest);
  return roles;
}

Status Measurement::WarmUp() {
  double launcher_us = 0;
  const int count = kWarmUpsMin + static_cast<int>(RandomBelow(kWarmUpsSpread));
  for (int i = 0; i < count; ++i) {
    TRY(calls_.FreshData(0));
    for (const RunnerRole role : InOrder(TimedRoles(true))) {
      const auto timed = TRY(calls_.Call(role, CacheState::kCold, kDelayFirstUs));
      if (calls_.settled()) return {};
      if (timed.has_value() && i > 0) launcher_us = std::max(launcher_us, timed->claim.launcher_us);
    }
    calls_.HoldAgainstBaseline();
  }
  samples_.delay_us = static_cast<int>(
      std::clamp(2 * launcher_us + kDelayMinUs, double{kDelayMinUs}, double{kDelayMaxUs}));
  return {};
}

bool Measurement::Enough(const Plan& plan, const Samples& samples, SteadyTime begin) const {
  const bool cold = plan.cache == CacheState::kCold;
  const std::size_t taken = (cold ? samples.candidate.cold_us : samples.candidate.hot_us).size();
  if (samples.DiscardedCount() > kDiscardedMaxPerSample * (static_cast<int>(taken) + 5))
    return true;
  if (!cold) return taken >= kHotSamples;
  TimingConfig timing = order_.timing;
  timing.budget_ms = plan.budget_ms;
  const Series series{samples.candidate.cold_us, samples.baseline.cold_us, samples.best.cold_us};
  return Decide(timing, series, MillisecondsSince(begin)) != Stopping::kGoOn;
}

Status Measurement::TakeSamples(Plan plan, Samples& samples) {
  calls_.Tell(plan.cache == CacheState::kCold ? "timing" : "timing with a warm L2");
  const auto begin = std::chrono::steady_clock::now();
  DropUnfit(watch_.Look(), samples);
  for (;;) {
    if (Enough(plan, samples, begin)) {
      // The last samples count only if the device is fine behind them, too.
      const bool dropped = DropUnfit(watch_.Look(), samples);
      if (!dropped || Enough(plan, samples, begin)) return {};
    }
    if (plan.cache == CacheState::kCold && RandomBelow(kSamplesPerHiddenCheck) == 0)
      TRY(calls_.HiddenCheck(samples_.delay_us));
    if (calls_.settled()) return {};
    const Taken taken = TRY(TakeSample(plan, samples));
    if (taken == Taken::kStop) return {};
    if (!calls_.has_best() && std::erase(plan.roles, RunnerRole::kBest) > 0) samples.best = {};
    if (taken == Taken::kKept) DropUnfit(watch_.LookIfDue(), samples);
  }
}

Result<Measurement::Taken> Measurement::TakeSample(const Plan& plan, Samples& samples) {
  TRY(calls_.FreshData(0));
  std::array<TimedCall, kRunnerRoles> timed;
  bool disturbed = false;
  bool usable = true;
  for (const RunnerRole role : InOrder(plan.roles)) {
    auto call = TRY(calls_.Call(role, plan.cache, samples_.delay_us));
    if (calls_.settled()) return Taken::kStop;
    if (!call.has_value()) return Taken::kAgain;  // without the best one
    if (role == RunnerRole::kBest && !Usable(call->claim)) {
      calls_.DropBest("the best kernel so far left no records while it was timed");
      return Taken::kAgain;
    }
    disturbed = disturbed || call->disturbed;
    usable = usable && Usable(call->claim);
    timed[static_cast<std::size_t>(role)] = std::move(*call);
  }
  // Lost records say nothing about time, and a GPU that somebody else uses nothing about the
  // candidate: once more.
  ++tries_;
  if (disturbed) return TRY(SettleDisturbance(samples)) ? Taken::kAgain : Taken::kStop;
  if (!usable) {
    ++samples.discarded["no_records"];
    return Taken::kAgain;
  }
  for (const RunnerRole role : plan.roles)
    Keep(timed[static_cast<std::size_t>(role)], plan.cache, samples.Of(role));
  const CallClaim& claim = timed[static_cast<std::size_t>(RunnerRole::kCandidate)].claim;
  FlagClaim(verdict_, claim);
  if (plan.cache == CacheState::kCold) {
    TRY(clock_.Calibrate(samples.candidate.cold_us, samples_.delay_us));
    if (calls_.settled()) return Taken::kStop;
  }
  return Taken::kKept;
}

Result<bool> Measurement::SettleDisturbance(Samples& samples) {
  ++samples.discarded["time_slicing"];
  ++disturbed_;
  if (disturbed_ < kSuspectDisturbed || disturbed_ * kSuspectShare < tries_) return true;
  if (trials_ >= kTrialsMax) return true;
  ++trials_;
  disturbed_ = tries_ = 0;
  calls_.Tell("finding out who keeps the GPU busy");
  if (TRY(CandidateKeepsBusy(calls_, samples_.delay_us))) {
    verdict_.kind = VerdictKind::kCheated;
    verdict_.reason = "the candidate keeps the GPU busy between its calls";
    AddFlag(verdict_, "still_busy",
            "the GPU was busy before or after its calls, and idle whenever its process had ended");
  } else {
    calls_.DropBest("the GPU was busy between calls, and the best kernel may be why");
  }
  return !calls_.settled();
}

bool Measurement::DropUnfit(std::optional<HealthWatch::Finding> finding, Samples& samples) {
  using Finding = HealthWatch::Finding;
  if (!finding.has_value()) return false;
  const std::size_t taken = samples.candidate.cold_us.size();
  if (*finding == Finding::kFine) {
    samples.fit = taken;
    return false;
  }
  if (taken > samples.fit) {
    samples.discarded[*finding == Finding::kThrottled ? "throttled" : "clock_drift"] +=
        static_cast<int>(taken - samples.fit);
  }
  for (TimedSide* side : {&samples.candidate, &samples.baseline, &samples.best}) {
    Shorten(side->cold_us, samples.fit);
    Shorten(side->wall_us, samples.fit);
    Shorten(side->interval_us, samples.fit);
    Shorten(side->claims, samples.fit);
  }
  if (*finding == Finding::kThrottled) std::this_thread::sleep_for(kCoolDown);
  return taken > samples.fit;
}

Status Measurement::Verify() {
  TRY(clock_.TakeUndelayed({.claimed_us = Median(samples_.candidate.cold_us),
                            .baseline_us = Median(samples_.baseline.cold_us),
                            .delay_us = samples_.delay_us}));
  if (calls_.settled()) return {};
  calls_.EndUntrusted();
  TRY(clock_.TakeNulls());
  // What a candidate leaves on the device rests with its process, but for copies, which take
  // memory's bandwidth from who is timed meanwhile. So the others are timed once more when it has
  // ended: the baseline alone, and the best one, of which the same is true, last.
  TRY(TimeWithoutCandidate(RunnerRole::kBaseline, kBaselineWithout));
  if (!calls_.has_best() || !SeemsBetter(samples_)) return {};
  TRY(calls_.LoadBest());
  std::vector<double> warm_ups_us;
  TRY(TakeWithoutCandidate(RunnerRole::kBest, kWarmUpsMin, warm_ups_us));
  return TimeWithoutCandidate(RunnerRole::kBest, kBestWithout);
}

Status Measurement::TimeWithoutCandidate(RunnerRole role, std::size_t wanted) {
  TimedSide& side = samples_.Of(role);
  for (int i = 0; i < kFitTriesMax; ++i) {
    TRY(TakeWithoutCandidate(role, wanted, side.without_us));
    const auto finding = watch_.Look();
    if (!finding.has_value() || *finding == HealthWatch::Finding::kFine) return {};
    side.without_dropped += static_cast<int>(side.without_us.size());
    side.without_us.clear();
    std::this_thread::sleep_for(kCoolDown);
  }
  return {};
}

Status Measurement::TakeWithoutCandidate(RunnerRole role, std::size_t wanted,
                                         std::vector<double>& times_us) {
  const bool is_best = role == RunnerRole::kBest;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; times_us.size() < wanted && i < 3 * wanted; ++i) {
    // However slow the baseline is, some are wanted.
    const std::int64_t budget_ms =
        times_us.size() < kWithoutMin ? order_.timing.budget_ms : order_.timing.budget_ms / 10;
    if (MillisecondsSince(begin) > budget_ms || (is_best && !calls_.has_best())) break;
    TRY(calls_.FreshData(0));
    if (is_best) TRY(calls_.Call(RunnerRole::kBaseline, CacheState::kCold, samples_.delay_us));
    const auto call = TRY(calls_.Call(role, CacheState::kCold, samples_.delay_us));
    if (call.has_value() && !call->disturbed && Usable(call->claim))
      times_us.push_back(call->claim.envelope_us);
  }
  return {};
}

// The same once more, in fresh processes: what lies in a process (where its memory is, what it did
// before) must not decide.
Status Measurement::Confirm() {
  if (!calls_.has_best() || samples_.best.cold_us.empty()) return {};
  if (!NeedsConfirmation(PairedRatio(samples_.best.cold_us, samples_.candidate.cold_us))) return {};
  calls_.Tell("timing again after a restart");
  TRY(calls_.RestartPair());
  if (calls_.settled() || !calls_.has_best()) return {};
  const int delay_us = samples_.delay_us;
  TRY(WarmUp());
  samples_.delay_us = std::max(samples_.delay_us, delay_us);
  Samples again;
  const std::int64_t budget_ms = order_.timing.budget_ms / 2;
  if (!calls_.settled() && calls_.has_best())
    TRY(TakeSamples({TimedRoles(false), CacheState::kCold, budget_ms}, again));
  if (!calls_.settled() && calls_.has_best() && !again.best.cold_us.empty())
    samples_.again = PairedRatio(again.best.cold_us, again.candidate.cold_us);
  samples_.best.again_us = std::move(again.best.cold_us);
  return {};
}

}  // namespace caesar
