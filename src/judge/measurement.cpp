#include "judge/measurement.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/format.h"
#include "judge/profile.h"
#include "judge/secret.h"
#include "measure/statistics.h"
#include "measure/stopping.h"

namespace caesar {
namespace {

constexpr int kWarmUpPairs = 2;
constexpr std::size_t kPairsPerNull = 10;
constexpr std::size_t kNullsMin = 5;
constexpr int kBatches = 5;
constexpr int kUndelayedCalls = 3;
constexpr int kHotPairs = 30;
constexpr std::size_t kClaimsKept = 64;
constexpr int kDiscardedMaxPerSample = 4;
constexpr int kDelayMinUs = 20;         // covers the launch of a kernel or two
constexpr double kHostWorkMinUs = 500;  // a hand-over without any takes 60 to 120 us
constexpr double kNullWorkMaxUs = 20'000;
constexpr int kDelayMaxUs = 2000;  // a launcher that takes longer has gaps, and they count

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string Extent(const std::uint32_t (&extent)[3]) {
  return Format("{}x{}x{}", extent[0], extent[1], extent[2]);
}

double MicrosecondsSince(SteadyTime begin) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace

Result<Verdict> Evaluator::Measure(const JudgeOrder& order, Verdict checked) {
  auto verdict = simulated() ? SimulatedProfile(*this, order, std::move(checked)).Run()
                             : Measurement(*this, order, std::move(checked)).Run();
  TRY(Restart(RunnerRole::kCandidate));  // never used again; the next one finds a context
  return verdict;
}

Result<Verdict> Measurement::Run() {
  lock_ = TRY(judge_.Lock(LockMode::kExclusive));
  TRY(Prepare());
  if (!settled()) TRY(WarmUp());
  if (!settled()) TRY(SamplePairs(Cache::kCold));
  if (!settled() && !candidate_.cold_us.empty()) TRY(VerifyWithoutDelay());
  if (!settled() && order_.timing.hot) {
    TRY(Remap(1));
    TRY(SamplePairs(Cache::kHot));
  }
  // The memory goes back, also where the candidate is dead.
  for (const RunnerRole role : {RunnerRole::kOracle, RunnerRole::kBaseline})
    RunnerOf(role).UnmapAll();
  if (!settled()) Conclude();
  return std::move(verdict_);
}

Status Measurement::Prepare() {
  TRY(judge_.ReadyTrusted(RunnerRole::kOracle, order_.reference));
  TRY(judge_.ReadyTrusted(RunnerRole::kBaseline, BaselineObject()));
  const auto ready = TRY(judge_.Ready(RunnerRole::kCandidate, order_.candidate));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) {
    Settle(*failure);
    return {};
  }
  return Remap(1);
}

Status Measurement::Remap(int sets) {
  for (const RunnerRole role : {RunnerRole::kOracle, RunnerRole::kBaseline, RunnerRole::kCandidate})
    RunnerOf(role).UnmapAll();
  sets_.reset();
  sets_ = TRY(judge_.MakeSets(order_, order_.problem.Bench(), sets, true, lock_));
  for (const RunnerRole role :
       {RunnerRole::kOracle, RunnerRole::kBaseline, RunnerRole::kCandidate}) {
    const auto mapped = sets_->MapInto(RunnerOf(role));
    const auto* failure = std::get_if<RunnerFailure>(&mapped);
    if (failure == nullptr) continue;
    if (role == RunnerRole::kCandidate) {
      Settle(*failure);
    } else {
      return Error{ErrorCode::kEnvironment, Format("the {} cannot map the tensors", Name(role)),
                   failure->text};
    }
  }
  return {};
}

bool Measurement::Settle(const RunnerFailure& failure) {
  Blame(verdict_, failure, "while it was timed");
  return false;
}

Result<bool> Measurement::Compared(RunnerRole role, int set) {
  Check check;
  check.shape = sets_->shape().name;
  check.fill = "while it was timed";
  check.seed_id = sets_->seed_id();
  check.outputs = TRY(sets_->CompareAll(set, role, role == RunnerRole::kCandidate));
  check.passed = Passed(check);
  if (check.passed) return true;
  if (role == RunnerRole::kCandidate) {
    verdict_.kind = VerdictKind::kWrong;
    verdict_.reason = ReasonOf(check);
    AddFlag(verdict_, "wrong_while_timed",
            "passed every correctness call and was wrong in a timed one");
    verdict_.correctness.push_back(std::move(check));
    return false;
  }
  return Error{
      ErrorCode::kBadInput,
      Format("the baseline of problem {} disagrees with its reference: {}", order_.problem.name,
             ReasonOf(check)),
      "Mend baseline.cu or the tolerance in problem.json; `caesar problem show` prints both."};
}

Status Measurement::FreshData(int set) {
  TRY(sets_->PoisonOutputs(set, RunnerRole::kBaseline, CallSets::Poison::kFresh));
  TRY(sets_->PoisonOutputs(set, RunnerRole::kCandidate, CallSets::Poison::kFresh));
  return judge_.Expect(*sets_, set, std::nullopt, order_);
}

// A process that slept while a slow oracle worked starts its next call 100 us late; the order
// before the timed one wakes it. If it is dead, the timed call says so.
void Measurement::Wake(RunnerRole role) {
  CallResult ignored;
  RunnerOf(role).Collect(ignored, order_.call_timeout);
}

// Whether somebody else keeps the GPU busy: it cannot be asked, but it shows in the wall time of
// the judge's last kernel before `go` (on an H100 19 us alone, 2.4 ms beside one foreign block that
// spins).
Result<bool> Measurement::Disturbed(double& least_us, const std::function<Status()>& last_kernel) {
  constexpr double kSlackUs = 500;
  const auto begin = std::chrono::steady_clock::now();
  TRY(last_kernel());
  const double us = MicrosecondsSince(begin);
  least_us = least_us > 0 ? std::min(least_us, us) : us;
  return us > 2 * least_us + kSlackUs;
}

Result<std::optional<Measurement::TimedCall>> Measurement::CallOne(RunnerRole role, Cache cache) {
  Wake(role);
  TimedCall timed;
  if (cache == Cache::kCold) {
    timed.disturbed = TRY(Disturbed(flush_least_us_, [&] { return judge_.device_.FlushCache(); }));
  } else {
    TRY(sets_->TouchInputs(0));
  }
  CallOrder call;
  call.mode = CallMode::kTimed;
  call.mapping = RandomBelow(kMappingsPerTensor);
  call.delay_us = static_cast<std::uint32_t>(delay_us_);
  auto outcome = RunnerOf(role).Call(call, order_.call_timeout);
  if (auto* result = std::get_if<CallResult>(&outcome)) {
    const ElementCompare first = TRY(sets_->CompareFirst(0, role));
    timed.interval_us = MicrosecondsSince(result->go);
    auto collected = RunnerOf(role).Collect(*result, order_.call_timeout);
    if (const auto* failure = std::get_if<RunnerFailure>(&collected)) {
      outcome = *failure;
    } else {
      timed.claim = result->claim;
      // One output that passed needs no second look; what lies around it was looked at in the
      // correctness calls.
      const bool one_output = order_.problem.outputs.size() == 1;
      if ((first.mismatches == 0 && one_output) || TRY(Compared(role, 0)))
        return std::optional<TimedCall>(std::move(timed));
      return std::optional<TimedCall>();
    }
  }
  const RunnerFailure& failure = std::get<RunnerFailure>(outcome);
  if (role != RunnerRole::kCandidate) {
    return Error{ErrorCode::kBadInput,
                 Format("the baseline of problem {} failed while it was timed: {}",
                        order_.problem.name, failure.text),
                 failure.printed};
  }
  Settle(failure);
  return std::optional<TimedCall>();
}

Status Measurement::WarmUp() {
  double launcher_us = 0;
  for (int i = 0; i < kWarmUpPairs; ++i) {
    TRY(FreshData(0));
    for (const RunnerRole role : {RunnerRole::kBaseline, RunnerRole::kCandidate}) {
      const auto timed = TRY(CallOne(role, Cache::kCold));
      if (!timed.has_value()) return {};
      if (i > 0) launcher_us = std::max(launcher_us, timed->claim.launcher_us);
    }
  }
  delay_us_ = static_cast<int>(
      std::clamp(2 * launcher_us + kDelayMinUs, double{kDelayMinUs}, double{kDelayMaxUs}));
  return {};
}

// What go, delay, hand-over and compare cost without any work between. The output of `compared` is
// right already, from the call before: comparing a wrong one takes longer, which would flatter the
// candidate. The delay kernel runs as long as the claimed time in addition, and that is subtracted
// again: how fast the GPU switches back to the judge depends on how long it was away (on an H100 by
// 20 to 80 us). A claim that is too small makes the interval no smaller than that of an empty call.
Result<std::optional<double>> Measurement::NullInterval(int sets, int delay_us, double claimed_us,
                                                        RunnerRole compared) {
  Wake(RunnerRole::kBaseline);
  // Behind a real call the compare finds L2 full of its output's dirty lines, and waits for them to
  // be written back.
  const bool disturbed =
      TRY(Disturbed(dirty_least_us_, [&] { return judge_.device_.DirtyCache(); }));
  const auto work_us = static_cast<std::uint32_t>(std::clamp(claimed_us, 1.0, kNullWorkMaxUs));
  CallOrder call;
  call.mode = CallMode::kNull;
  call.set_count = static_cast<std::uint32_t>(sets);
  call.delay_us = static_cast<std::uint32_t>(delay_us) + work_us;
  Runner& runner = RunnerOf(RunnerRole::kBaseline);
  auto outcome = runner.Call(call, order_.call_timeout);
  double interval_us = 0;
  if (auto* result = std::get_if<CallResult>(&outcome)) {
    TRY(sets_->CompareFirst(sets - 1, compared));
    interval_us = MicrosecondsSince(result->go) - work_us;
    auto collected = runner.Collect(*result, order_.call_timeout);
    if (auto* failure = std::get_if<RunnerFailure>(&collected)) outcome = std::move(*failure);
  }
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    return Error{ErrorCode::kEnvironment,
                 "the baseline's runner failed in a null call: " + failure->text, failure->printed};
  }
  return disturbed ? std::nullopt : std::optional<double>(interval_us);
}

Status Measurement::SamplePairs(Cache cache) {
  const bool cold = cache == Cache::kCold;
  judge_.tell_(cold ? "timing" : "timing with a warm L2");
  const auto begin = std::chrono::steady_clock::now();
  auto series = [&](Side& side) -> std::vector<double>& {
    return cold ? side.cold_us : side.hot_us;
  };
  for (;;) {
    const auto elapsed_ms = static_cast<std::int64_t>(MicrosecondsSince(begin) / 1000);
    if (cold &&
        Decide(order_.timing, candidate_.cold_us, baseline_.cold_us, elapsed_ms) != Stopping::kGoOn)
      return {};
    if (!cold && candidate_.hot_us.size() >= static_cast<std::size_t>(kHotPairs)) return {};
    if (discarded_ > kDiscardedMaxPerSample * (static_cast<int>(series(candidate_).size()) + 5))
      return {};

    TRY(FreshData(0));
    std::optional<TimedCall> timed[2];
    const bool candidate_first = RandomBelow(2) == 0;
    for (const bool candidate : {candidate_first, !candidate_first}) {
      timed[candidate ? 1 : 0] =
          TRY(CallOne(candidate ? RunnerRole::kCandidate : RunnerRole::kBaseline, cache));
      if (!timed[candidate ? 1 : 0].has_value()) return {};
    }
    const CallClaim& claim = timed[1]->claim;
    // Lost records say nothing about time, and a GPU that somebody else uses nothing about the
    // candidate: once more.
    if (timed[0]->disturbed || timed[1]->disturbed || claim.dropped > 0 || claim.envelope_us <= 0 ||
        timed[0]->claim.dropped > 0 || timed[0]->claim.envelope_us <= 0) {
      ++discarded_;
      if (timed[0]->disturbed || timed[1]->disturbed) ++disturbed_;
      continue;
    }
    for (const bool candidate : {false, true}) {
      Side& side = candidate ? candidate_ : baseline_;
      TimedCall& call = *timed[candidate ? 1 : 0];
      series(side).push_back(call.claim.envelope_us);
      if (!cold) continue;
      side.wall_us.push_back(call.claim.wall_us);
      side.interval_us.push_back(call.interval_us);
      if (side.claims.size() < kClaimsKept) side.claims.push_back(call.claim);
    }
    FlagClaim(verdict_, claim);
    // Null calls among the others: the device is as warm, and the other contexts are as busy.
    if (cold && (nulls_us_.size() < kNullsMin || candidate_.cold_us.size() % kPairsPerNull == 0)) {
      const auto null_us =
          TRY(NullInterval(1, delay_us_, claim.envelope_us, RunnerRole::kBaseline));
      if (null_us.has_value()) nulls_us_.push_back(*null_us);
    }
  }
}

Result<std::optional<double>> Measurement::Batch() {
  const int sets = sets_->count();
  for (int i = 0; i < sets; ++i) {
    TRY(FreshData(i));
  }
  Wake(RunnerRole::kCandidate);
  TRY(judge_.device_.FlushCache());
  CallOrder call;
  call.mode = CallMode::kBatch;
  call.set_count = static_cast<std::uint32_t>(sets);
  call.mapping = RandomBelow(kMappingsPerTensor);
  auto outcome = RunnerOf(RunnerRole::kCandidate).Call(call, order_.call_timeout * 2);
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    Settle(*failure);
    return std::optional<double>();
  }
  TRY(sets_->CompareFirst(sets - 1, RunnerRole::kCandidate));
  const double interval_us = MicrosecondsSince(std::get<CallResult>(outcome).go);
  // The records of a batch are of no use; they are collected so that they do not turn up in another
  // call's claim.
  const auto collected =
      RunnerOf(RunnerRole::kCandidate).Collect(std::get<CallResult>(outcome), order_.call_timeout);
  if (const auto* failure = std::get_if<RunnerFailure>(&collected)) {
    Settle(*failure);
    return std::optional<double>();
  }
  for (int i = 0; i < sets; ++i) {
    if (!TRY(Compared(RunnerRole::kCandidate, i))) return std::optional<double>();
  }
  return std::optional<double>(interval_us);
}

// The delay kernel runs in the candidate's process: nothing says that it did run, and work hidden
// in its place would cost no time. So calls are also made without it, short ones in batches, in
// which the hand-over counts for little.
Status Measurement::VerifyWithoutDelay() {
  const double claimed_us = Median(candidate_.cold_us);
  const bool short_calls = claimed_us < kBatchBelowUs;
  judge_.tell_(short_calls ? "verifying the time by batches" : "verifying the time");
  if (short_calls) {
    // At most half of what is free: the judge is not alone for ever.
    const auto per_set = static_cast<std::int64_t>(
        TRY(CallSets::BytesNeeded(order_.problem, order_.problem.Bench(), 1, true)));
    const std::int64_t room = judge_.device_.FreeBytes() / 2 / std::max<std::int64_t>(per_set, 1);
    batch_ = static_cast<int>(
        std::clamp<std::int64_t>(room, 1, std::min(BatchSize(claimed_us), kSetsMax)));
    TRY(Remap(batch_));
    if (settled()) return {};
  }
  std::vector<double> nulls;
  const int batches = short_calls ? kBatches + 1 : kUndelayedCalls;
  for (int i = 0; i < batches; ++i) {
    const auto interval = TRY(Batch());
    if (!interval.has_value()) return {};
    if (short_calls && i == 0) continue;  // new addresses warm up
    if (const auto null_us =
            TRY(NullInterval(batch_, 0, claimed_us * batch_, RunnerRole::kCandidate)))
      nulls.push_back(*null_us);
    batch_us_.push_back(*interval);
  }
  if (nulls.empty()) {  // never idle: nothing can be said
    batch_us_.clear();
    return {};
  }
  const double null_us = Summarize(nulls, 0).q1_us;
  for (double& interval : batch_us_) interval = std::max(0.0, interval - null_us) / batch_;
  return {};
}

std::vector<KernelTime> Measurement::Kernels(const Side& side) const {
  // By name, in the order of the first launch; launches of one name add up within a call.
  std::vector<KernelTime> kernels;
  std::map<std::string, std::vector<double>> times;
  for (const CallClaim& claim : side.claims) {
    std::map<std::string, double> in_call;
    const int count = std::min(claim.kernel_count, kKernelClaimsMax);
    for (int i = 0; i < count; ++i) in_call[claim.kernels[i].name] += claim.kernels[i].us;
    for (const auto& [name, us] : in_call) times[name].push_back(us);
  }
  if (side.claims.empty()) return kernels;
  const CallClaim& last = side.claims.back();
  for (int i = 0; i < std::min(last.kernel_count, kKernelClaimsMax); ++i) {
    const KernelClaim& claim = last.kernels[i];
    const auto known = std::find_if(kernels.begin(), kernels.end(),
                                    [&](const KernelTime& k) { return k.name == claim.name; });
    if (known != kernels.end()) {
      ++known->launches;
      continue;
    }
    KernelTime kernel;
    kernel.name = claim.name;
    kernel.launches = 1;
    kernel.median_us = Median(times[kernel.name]);
    kernel.registers = claim.registers;
    kernel.shared_bytes = claim.shared_bytes;
    kernel.grid = Extent(claim.grid);
    kernel.block = Extent(claim.block);
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

// The lower quartile: what disturbs a null call makes it longer, and a longer one would flatter the
// candidate.
double Measurement::NullUs() const { return nulls_us_.empty() ? 0 : Summarize(nulls_us_, 0).q1_us; }

// How far null calls differ among each other (interquartile range): the judge's clock is no better
// than that. Bounded, so that a device kept busy by somebody else makes no claim stand.
double Measurement::NullSpreadUs() const {
  constexpr double kSpreadMaxUs = 15;
  if (nulls_us_.empty()) return 0;
  const TimeStats stats = Summarize(nulls_us_, 0);
  return std::min(stats.q3_us - stats.q1_us, kSpreadMaxUs);
}

// A call that starts with a clean L2 leaves its last output lines there, dirty; in a batch the next
// call writes them back.
double Measurement::WriteBackUs() const {
  const double bandwidth_gbs = verdict_.device.bandwidth_gbs;
  if (bandwidth_gbs <= 0) return 0;
  double bytes = 0;
  for (const TensorSpec& output : order_.problem.outputs) {
    const auto elements = ElementsOf(output, order_.problem.Bench().dims);
    if (elements.ok()) bytes += static_cast<double>(elements.value() * SizeOf(output.dtype));
  }
  return std::min(bytes, static_cast<double>(verdict_.device.l2_bytes)) / (bandwidth_gbs * 1e3);
}

void Measurement::Conclude() {
  // Whether records are lost is in the candidate's hand: it must not choose which of its calls
  // count.
  const int lost = discarded_ - disturbed_;
  const auto samples = static_cast<int>(candidate_.cold_us.size());
  if (samples == 0 || discarded_ > samples || lost > std::max(2, samples / 20)) {
    verdict_.kind = VerdictKind::kAmbiguous;
    if (disturbed_ > lost) {
      verdict_.reason =
          Format("the GPU was in use by others in {} of {} timed calls", disturbed_, discarded_);
      AddFlag(verdict_, "gpu_busy",
              "somebody else's kernels ran beside the timed calls; nvidia-smi may show whose");
      return;
    }
    verdict_.reason = Format("{} of {} timed calls left no usable records", lost, lost + samples);
    AddFlag(verdict_, "no_records",
            "results were right, but kernels and copies were not recorded while they were timed");
    return;
  }
  Timing timing;
  timing.shape = order_.problem.Bench().name;
  timing.cold = Summarize(candidate_.cold_us, discarded_);
  if (!candidate_.hot_us.empty()) timing.hot = Summarize(candidate_.hot_us, 0);
  timing.wall_us = Median(candidate_.wall_us);
  timing.kernels = Kernels(candidate_);
  const double claimed_us = timing.cold->median_us;
  const double single_us = std::max(0.0, Median(candidate_.interval_us) - NullUs());
  timing.batch = batch_us_.empty() ? 1 : batch_;
  timing.trusted_us = batch_us_.empty() ? single_us : Median(batch_us_);
  const double granted_us = claimed_us < kBatchBelowUs ? WriteBackUs() : NullSpreadUs();
  timing.verified = !nulls_us_.empty() && !batch_us_.empty() &&
                    ClaimStands(claimed_us, single_us - NullSpreadUs()) &&
                    ClaimStands(claimed_us, timing.trusted_us - granted_us);
  if (!timing.verified) {
    std::string evidence = Format(
        "the runner's records say {:.1f} us, the judge's own clock {:.1f} us ({:.1f} less {:.1f} "
        "for a null call)",
        claimed_us, single_us, Median(candidate_.interval_us), NullUs());
    if (!batch_us_.empty()) {
      evidence += Format(", and {:.1f} us without the delay kernel, in batches of {}",
                         timing.trusted_us, batch_);
    }
    AddFlag(verdict_, "unverified_time", evidence);
  }
  const double unexplained_us = timing.wall_us - claimed_us - delay_us_;
  if (unexplained_us > std::max(kHostWorkMinUs, claimed_us)) {
    AddFlag(
        verdict_, "host_work",
        Format("a call took {:.0f} us on the host, of which the device's records explain {:.0f} us",
               timing.wall_us, claimed_us));
  }
  BaselineTiming baseline;
  baseline.kind = order_.baseline.empty() ? "reference" : "baseline";
  baseline.cold = Summarize(baseline_.cold_us, discarded_);
  if (!baseline_.hot_us.empty()) baseline.hot = Summarize(baseline_.hot_us, 0);
  baseline.kernels = Kernels(baseline_);
  verdict_.speedup = PairedRatio(baseline_.cold_us, candidate_.cold_us);
  verdict_.timing = std::move(timing);
  verdict_.baseline = std::move(baseline);

  const auto bytes = order_.problem.bytes.Evaluate(order_.problem.Bench().dims);
  const double bandwidth_gbs = verdict_.device.bandwidth_gbs;
  if (bytes.ok() && bandwidth_gbs > 0)
    verdict_.sol_us = static_cast<double>(bytes.value()) / (bandwidth_gbs * 1e3);
}

}  // namespace caesar
