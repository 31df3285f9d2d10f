#include "judge/conclude.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/format.h"
#include "judge/floor.h"
#include "measure/acceptance.h"
#include "measure/comparison.h"
#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr double kLaunchUs = 6;  // while CUPTI looks on
// Of the second one. Where memory lies moves an honest claim by up to 5 %, too; few honest ones are
// doubtful at all.
constexpr double kFirstClaimMin = 0.97;
constexpr const char* kUnverified = "the candidate's time is unverified";
constexpr double kHostWorkMinUs = 500;  // a hand-over without any takes 60 to 120 us

std::string Extent(const std::uint32_t (&extent)[3]) {
  return Format("{}x{}x{}", extent[0], extent[1], extent[2]);
}

std::vector<KernelTime> Kernels(const TimedSide& side) {
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

// A call that starts with a clean L2 leaves its last output lines there, dirty; in a batch the next
// call writes them back. What that takes at most.
double WriteBackUs(const JudgeOrder& order, const DeviceInfo& device) {
  if (device.bandwidth_gbs <= 0) return 0;
  double bytes = 0;
  for (const TensorSpec& output : order.problem.outputs) {
    const auto elements = ElementsOf(output, order.problem.Bench().dims);
    if (elements.ok()) bytes += static_cast<double>(elements.value() * SizeOf(output.dtype));
  }
  return std::min(bytes, static_cast<double>(device.l2_bytes)) / (device.bandwidth_gbs * 1e3);
}

struct Nuisance {
  const char* reason;
  const char* said;  // "... in 3 of 40 timed calls"
  const char* flag;
  const char* evidence;
};

constexpr Nuisance kNuisances[] = {
    {"time_slicing", "the GPU was in use by others", "gpu_busy",
     "somebody else's kernels ran beside the timed calls; nvidia-smi may show whose"},
    {"throttled", "the GPU was slowed down by heat or its supply", "throttled",
     "nvidia-smi -q -d PERFORMANCE shows why; cool the GPU, and try again"},
    {"clock_drift", "the GPU's clock was not steady", "clock_drift",
     "its clock left its usual value by more than a tenth while calls were timed"},
    {"no_records", "there were no usable records", "no_records",
     "results were right, but kernels and copies were not recorded while they were timed"},
};

int CountOf(const Samples& samples, const char* reason) {
  const auto found = samples.discarded.find(reason);
  return found == samples.discarded.end() ? 0 : found->second;
}

// Whether too many calls were thrown away to say anything; the verdict says why.
bool TooFew(const Samples& samples, Verdict& verdict) {
  // Whether records are lost is in the candidate's hand: it must not choose which of its calls
  // count.
  const int discarded = samples.DiscardedCount();
  const int lost = CountOf(samples, "no_records");
  const auto kept = static_cast<int>(samples.candidate.cold_us.size());
  if (kept > 0 && discarded <= kept && lost <= std::max(2, kept / 20)) return false;
  verdict.kind = VerdictKind::kAmbiguous;
  const Nuisance* worst = &kNuisances[std::size(kNuisances) - 1];
  for (const Nuisance& each : kNuisances) {
    if (CountOf(samples, each.reason) > CountOf(samples, worst->reason)) worst = &each;
  }
  const int count = CountOf(samples, worst->reason);
  verdict.reason = count == lost
                       ? Format("{} of {} timed calls left no usable records", lost, lost + kept)
                       : Format("{} in {} of {} timed calls", worst->said, count, kept + discarded);
  AddFlag(verdict, worst->flag, worst->evidence);
  return true;
}

// Holds the claim against the judge's clock.
void Verify(const JudgeOrder& order, const Samples& samples, const TrustedClock& clock,
            Timing& timing, Verdict& verdict) {
  const double claimed_us = timing.cold->median_us;
  // Here, too, the lower quartile: a call cannot be shorter than it is.
  const double interval_us = Summarize(samples.candidate.interval_us, 0).q1_us;
  const double single_us = std::max(0.0, interval_us - clock.null_time().us);
  const bool undelayed = !clock.undelayed_us().empty();
  timing.batch = clock.batch();
  timing.trusted_us = undelayed ? Median(clock.undelayed_us()) : single_us;
  TrustedTimes trusted;
  trusted.single_us = single_us;
  trusted.spread_us = clock.null_time().spread_us;
  trusted.batch_us = timing.trusted_us;
  trusted.calls = timing.batch;
  trusted.alone_us = clock.AloneUs();
  if (timing.batch > 1) {
    if (clock.DirtyUs() > 0) trusted.dirty_us = clock.DirtyUs() - interval_us;
    trusted.dirty_max_us = WriteBackUs(order, verdict.device);
  }
  timing.trusted = TrustedCall{trusted.single_us, trusted.alone_us, trusted.dirty_us,
                               clock.null_time().us, trusted.spread_us};
  timing.verified = clock.has_nulls() && undelayed && ClaimStands(claimed_us, trusted);
  if (timing.verified) return;
  std::string evidence = Format(
      "the runner's records say {:.1f} us, the judge's own clock {:.1f} us ({:.1f} less {:.1f} "
      "for a null call)",
      claimed_us, single_us, interval_us, clock.null_time().us);
  if (undelayed) {
    evidence += Format(", and {:.1f} us behind the least delay, in batches of {}",
                       timing.trusted_us, timing.batch);
    if (timing.batch > 1) evidence += Format(" ({:.1f} us alone)", trusted.alone_us);
    // The delay kernel hides what launches take on the host, if there are many of them.
    const int launches = samples.candidate.claims.back().kernel_count;
    if (launches > 1 && claimed_us < kLaunchUs * launches)
      evidence += "; many short kernels take longer to launch than to run, unless in a CUDA graph";
  }
  AddFlag(verdict, "unverified_time", evidence);
}

void FlagHostWork(const Timing& timing, int delay_us, Verdict& verdict) {
  const double claimed_us = timing.cold->median_us;
  const double unexplained_us = timing.wall_us - claimed_us - delay_us;
  if (unexplained_us <= std::max(kHostWorkMinUs, claimed_us)) return;
  AddFlag(
      verdict, "host_work",
      Format("a call took {:.0f} us on the host, of which the device's records explain {:.0f} us",
             timing.wall_us, claimed_us));
}

}  // namespace

int Samples::DiscardedCount() const {
  int count = 0;
  for (const auto& [reason, each] : discarded) count += each;
  return count;
}

// A hard floor for bytes, a hint for operations.
void HoldAgainstFloor(const Problem& problem, Timing& timing, Verdict& verdict) {
  const ShapeSpec& bench = problem.Bench();
  const double claimed_us = timing.cold->median_us;
  timing.floor_us = FloorUs(problem, bench, verdict.device);
  if (claimed_us < kFloorShare * timing.floor_us &&
      timing.trusted_us < kFloorShare * timing.floor_us) {
    verdict.kind = VerdictKind::kCheated;
    verdict.reason =
        Format("{:.2f} us are less than moving the task's bytes takes on this device", claimed_us);
    AddFlag(verdict, "under_floor",
            Format("what must come from memory or go there takes {:.2f} us at {:.0f} GB/s; the "
                   "claim is {:.2f} us, the judge's clock says {:.2f} us",
                   timing.floor_us, std::max(verdict.device.bandwidth_gbs, verdict.device.read_gbs),
                   claimed_us, timing.trusted_us));
  }
  if (OverFlopsCeiling(problem, bench, verdict.device, claimed_us)) {
    AddFlag(verdict, "over_flops_ceiling",
            Format("the problem's operations in {:.2f} us exceed the {:.1f} TFLOP/s that this "
                   "device reaches in f32 without tensor cores: they are used, or operations saved",
                   claimed_us, verdict.device.fp32_tflops));
  }
}

static void Undecide(Verdict& verdict, const std::string& why) {
  if (!verdict.comparison || verdict.comparison->change == Change::kUndecided) return;
  verdict.comparison->change = Change::kUndecided;
  verdict.comparison->reason = why;
}

static void NoImprovement(Verdict& verdict, const std::string& why) {
  if (verdict.comparison && verdict.comparison->change == Change::kImproved) Undecide(verdict, why);
}

void HoldAgainstSlowdown(const Samples& samples, Verdict& verdict) {
  if (samples.baseline.without_us.size() < kWithoutMin) {
    const std::string why = "the baseline could not be timed without the candidate's process";
    AddFlag(verdict, "baseline_unconfirmed", why + ": whether that slowed it down is not known");
    return NoImprovement(verdict, why);
  }
  const double slowdown = Slowdown(samples.baseline.cold_us, samples.baseline.without_us);
  if (slowdown <= 1) return;
  AddFlag(
      verdict, kBaselineSlowed,
      Format("the baseline took {:.1f} us beside the candidate's process and {:.1f} us once that "
             "had ended; the speed-up is divided by {:.2f}",
             Median(samples.baseline.cold_us), Median(samples.baseline.without_us), slowdown));
  if (verdict.speedup) {
    for (double Ratio::*part : {&Ratio::value, &Ratio::ci_low, &Ratio::ci_high})
      (*verdict.speedup).*part /= slowdown;
  }
  Undecide(verdict, "what was timed beside the candidate's process was slowed down");
}

bool SeemsBetter(const Samples& samples) {
  return samples.again && !samples.best.cold_us.empty() &&
         Agreed(PairedRatio(samples.best.cold_us, samples.candidate.cold_us), *samples.again) ==
             Change::kImproved;
}

// Where a process is late, its claims are as long as ever: one that claimed less made itself
// doubtful, and would have drawn its processes anew for it.
static void HoldClaimAgainstFirst(const Verdict& first, Verdict& verdict) {
  if (!first.timing || first.timing->verified || !verdict.timing || !verdict.timing->verified)
    return;
  if (!first.timing->cold || !verdict.timing->cold) return;
  const double first_us = first.timing->cold->median_us;
  const double claimed_us = verdict.timing->cold->median_us;
  if (first_us >= kFirstClaimMin * claimed_us) return;
  verdict.timing->verified = false;
  AddFlag(verdict, "unverified_time",
          Format("its first process claimed {:.1f} us, which the judge's clock did not confirm, "
                 "and its second one {:.1f} us",
                 first_us, claimed_us));
  Undecide(verdict, kUnverified);
}

// The rest is what the candidate did, in whichever process.
static bool IsAnsweredAnew(const std::string& flag) {
  return flag == "unverified_time" || flag == kBaselineSlowed || flag == "baseline_unconfirmed" ||
         flag == "best_dropped";
}

void HoldAgainstFirst(const Verdict& first, Verdict& verdict) {
  for (const Flag& flag : first.flags) {
    if (!IsAnsweredAnew(flag.name)) AddFlag(verdict, flag.name, flag.evidence);
  }
  if (first.speedup && verdict.speedup) {
    for (double Ratio::*part : {&Ratio::value, &Ratio::ci_low, &Ratio::ci_high})
      (*verdict.speedup).*part = std::min((*verdict.speedup).*part, (*first.speedup).*part);
  }
  HoldClaimAgainstFirst(first, verdict);
  const bool was_better = first.comparison && first.comparison->ratio &&
                          ChangeOf(*first.comparison->ratio) == Change::kImproved;
  if (!was_better)
    NoImprovement(verdict, "the first measurement, which was doubtful, did not agree");
}

// Why it is not better all the same; empty: it is. Only what the best one was slower beside the
// candidate's process, where its memory was the same, is taken from the gain.
static std::string WhyNotBetter(const Samples& samples) {
  if (!samples.best_dropped.empty()) return samples.best_dropped;
  if (samples.best.without_us.size() < kWithoutMin)
    return "the best kernel could not be timed without the candidate's process";
  const double slowdown =
      std::max(1.0, Median(samples.best.again_us) / Median(samples.best.without_us));
  if (samples.again->ci_low / slowdown > 1 + kClearGap) return "";
  return "the best kernel was faster once the candidate's process had ended";
}

BestComparison CompareWithBest(const Samples& samples, bool verified) {
  BestComparison comparison;
  if (samples.best.cold_us.empty()) {
    comparison.reason =
        samples.best_dropped.empty() ? "the best kernel was not timed" : samples.best_dropped;
    return comparison;
  }
  const Ratio ratio = PairedRatio(samples.best.cold_us, samples.candidate.cold_us);
  comparison.best = Summarize(samples.best.cold_us, samples.DiscardedCount());
  comparison.ratio = ratio;
  comparison.again = samples.again;
  if (!verified) {
    comparison.reason = kUnverified;
  } else if (!NeedsConfirmation(ratio)) {
    comparison.change = ChangeOf(ratio);
    if (comparison.change == Change::kUndecided)
      comparison.reason = "the budget ended before the interval was clear of the gap of 0.5 %";
  } else if (!samples.again) {
    comparison.reason =
        samples.best_dropped.empty() ? "there was no second measurement" : samples.best_dropped;
  } else {
    comparison.change = Agreed(ratio, *samples.again);
    if (comparison.change == Change::kUndecided)
      comparison.reason = "a second measurement, after both runners were restarted, did not agree";
    if (comparison.change == Change::kImproved) comparison.reason = WhyNotBetter(samples);
    if (!comparison.reason.empty()) comparison.change = Change::kUndecided;
  }
  return comparison;
}

void Conclude(const JudgeOrder& order, const Samples& samples, const TrustedClock& clock,
              const std::optional<ClockReadings>& clocks, Verdict& verdict) {
  if (TooFew(samples, verdict)) return;
  Timing timing;
  timing.shape = order.problem.Bench().name;
  timing.cold = Summarize(samples.candidate.cold_us, samples.DiscardedCount());
  if (!samples.candidate.hot_us.empty()) timing.hot = Summarize(samples.candidate.hot_us, 0);
  timing.wall_us = Median(samples.candidate.wall_us);
  timing.kernels = Kernels(samples.candidate);
  Verify(order, samples, clock, timing, verdict);
  FlagHostWork(timing, samples.delay_us, verdict);
  HoldAgainstFloor(order.problem, timing, verdict);
  for (const auto& [reason, count] : samples.discarded) timing.discarded.push_back({reason, count});
  timing.clocks = clocks;
  timing.cost = samples.cost;
  if (!clocks) {
    AddFlag(verdict, "no_clock_readings",
            "the device's clocks and temperature cannot be read (NVML is missing): a time taken "
            "while it was slowed down would not be noticed");
  }
  if (!order.best.empty()) verdict.comparison = CompareWithBest(samples, timing.verified);

  BaselineTiming baseline;
  baseline.kind = order.baseline.empty() ? "reference" : "baseline";
  baseline.cold = Summarize(samples.baseline.cold_us, samples.DiscardedCount());
  if (!samples.baseline.hot_us.empty()) baseline.hot = Summarize(samples.baseline.hot_us, 0);
  if (!samples.baseline.without_us.empty())
    baseline.without_candidate =
        Summarize(samples.baseline.without_us, samples.baseline.without_dropped);
  baseline.kernels = Kernels(samples.baseline);
  verdict.speedup = PairedRatio(samples.baseline.cold_us, samples.candidate.cold_us);
  HoldAgainstSlowdown(samples, verdict);
  verdict.timing = std::move(timing);
  verdict.baseline = std::move(baseline);

  const auto bytes = order.problem.bytes.Evaluate(order.problem.Bench().dims);
  const double bandwidth_gbs = verdict.device.bandwidth_gbs;
  if (bytes.ok() && bandwidth_gbs > 0)
    verdict.sol_us = static_cast<double>(bytes.value()) / (bandwidth_gbs * 1e3);
}

}  // namespace caesar
