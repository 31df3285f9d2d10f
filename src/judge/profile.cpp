#include "judge/profile.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "base/format.h"
#include "judge/floor.h"
#include "judge/schedule.h"
#include "judge/simulation.h"
#include "sys/host_memory.h"

namespace caesar {
namespace {

constexpr std::uint64_t kSampledBlocks = 64;
constexpr Milliseconds kSampleTimeout{5'000};

CallOrder ProfiledCall(std::uint64_t sampled_blocks, int threads) {
  CallOrder call;
  call.mode = CallMode::kPlain;
  call.profile = 1;
  call.sampled_blocks = sampled_blocks;
  call.host_threads = static_cast<std::uint32_t>(threads);
  return call;
}

// Where candidates are counted. All of a problem at the same shape, or they could not be ranked.
const ShapeSpec* CountedShape(const Problem& problem) {
  const ShapeSpec* largest = nullptr;
  std::int64_t most = -1;
  for (const ShapeSpec& shape : problem.shapes) {
    if (shape.sim_bench) return &shape;
    if (!IsChecked(problem, shape, true)) continue;
    std::int64_t elements = 0;
    for (const auto* tensors : {&problem.inputs, &problem.outputs}) {
      for (const TensorSpec& tensor : *tensors) {
        const auto count = ElementsOf(tensor, shape.dims);
        if (count.ok()) elements += count.value();
      }
    }
    if (elements > most) largest = &shape;
    most = std::max(most, elements);
  }
  return largest;
}

// An estimate must hold all that the call did.
std::string WhyIncomplete(const SimReport& report) {
  if (report.estimated_us <= 0) return "nothing of it was done by the device";
  if (report.launches_dropped == 0) return {};
  return Format("it launches too many different kernels: {} launches were not counted",
                report.launches_dropped);
}

}  // namespace

SimulatedProfile::SimulatedProfile(Evaluator& judge, const JudgeOrder& order, Verdict checked)
    : judge_(judge), order_(order), verdict_(std::move(checked)) {
  if (!verdict_.simulation.has_value()) verdict_.simulation.emplace();
}

Result<Verdict> SimulatedProfile::Run() {
  lock_ = TRY(judge_.Lock(LockMode::kShared));
  const ShapeSpec* shape = CountedShape(order_.problem);
  const std::string why_not =
      shape == nullptr ? "no shape is checked here" : TRY(CountInFull(*shape));
  if (!why_not.empty()) AddFlag(verdict_, "not_profiled", why_not);
  if (!why_not.empty() || verdict_.kind != VerdictKind::kCorrect) return std::move(verdict_);
  if (order_.problem.Bench().name != shape->name)
    verdict_.simulation->bench_skipped = TRY(CountSample());
  return std::move(verdict_);
}

Result<std::string> SimulatedProfile::CountSample() {
  const ShapeSpec& bench = order_.problem.Bench();
  judge_.tell_(Format("sampling shape {}", bench.name));
  if (judge_.device_.sparse() == nullptr) return std::string("no device of this kind can sample");
  // An honest sample touches little of its tensors; one that touches all of them must not take the
  // machine down.
  const std::uint64_t bytes =
      TRY(CallSets::BytesNeeded(order_.problem, bench, 1, CallSets::Outputs::kSampled));
  if (bytes > HostMemoryBytes()) return Format("it may take {} MB of memory", bytes >> 20);
  const auto sets = TRY(CallSets::MakeSparse(judge_.device_, order_.problem, bench));

  std::string why_not = TRY(SampleReference(*sets));
  if (!why_not.empty()) return "the reference: " + why_not;
  SimReport report;
  TRY(sets->PoisonTouched(0, RunnerRole::kCandidate));
  why_not = TRY(Count(RunnerRole::kCandidate, order_.candidate, *sets, kSampledBlocks, &report));
  if (!why_not.empty()) return why_not;
  const SparseCompare found = TRY(sets->CompareTouched(0, RunnerRole::kCandidate));
  if (found.mismatches > 0) {
    return Format("{} of {} compared elements differ, as where blocks need each other",
                  found.mismatches, found.compared);
  }
  if (found.compared == 0) return std::string("the sample wrote nothing to compare");
  verdict_.simulation->bench_estimated_us = report.estimated_us;
  return std::string();
}

Result<std::string> SimulatedProfile::CountInFull(const ShapeSpec& shape) {
  judge_.tell_(Format("counting shape {}", shape.name));
  const auto sets = TRY(judge_.MakeSets(order_, shape, CallSets::Outputs::kBaseline, lock_));
  Runner* oracle = TRY(judge_.ReadyTrusted(RunnerRole::kOracle, order_.reference));
  const auto mapped = sets->MapInto(*oracle);
  if (const auto* failure = std::get_if<RunnerFailure>(&mapped)) return failure->text;
  const auto ready = TRY(judge_.ReadyWith(RunnerRole::kCandidate, order_.candidate, *sets));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) return failure->text;
  SimReport report;
  if (!TRY(judge_.CheckCall(order_, *sets, {.plan = {}, .profile = &report}, verdict_)))
    return std::string();
  std::string why_not = WhyIncomplete(report);
  if (!why_not.empty()) return why_not;
  if (IsUnderFloor(report, shape)) return std::string();
  Keep(std::move(report), shape);
  TRY(CountBaseline(*sets));
  return std::string();
}

// The simulator counts in the candidate's process, so an estimate is a claim; but this one no
// kernel can reach.
bool SimulatedProfile::IsUnderFloor(const SimReport& report, const ShapeSpec& shape) {
  const double floor_us = FloorUs(order_.problem, shape, judge_.device_.info());
  if (report.estimated_us >= kFloorShare * floor_us) return false;
  verdict_.kind = VerdictKind::kCheated;
  verdict_.reason =
      Format("an estimate of {:.2f} us at shape {} is impossible: its bytes alone take {:.2f} us",
             report.estimated_us, shape.name, floor_us);
  AddFlag(verdict_, "under_floor", verdict_.reason);
  return true;
}

Result<std::string> SimulatedProfile::Count(RunnerRole role, const std::string& object,
                                            CallSets& sets, std::uint64_t sampled_blocks,
                                            SimReport* report) {
  const auto ready = TRY(judge_.ReadyWith(role, object, sets));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) return failure->text;
  Runner& runner = *std::get<Runner*>(ready);
  const auto outcome =
      runner.Call(ProfiledCall(sampled_blocks, order_.sim_threads),
                  sampled_blocks != 0 ? kSampleTimeout : judge_.CallTimeout(order_));
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    if (role == RunnerRole::kBaseline && IsFault(*failure)) return BaselineFailed(sets, *failure);
    return WhyFailed(*failure);
  }
  runner.UnmapAll();
  auto parsed = ParseSimReport(std::get<CallResult>(outcome).report);
  if (!parsed.ok()) return parsed.error().message;
  *report = std::move(parsed).value();
  return WhyIncomplete(*report);
}

Error SimulatedProfile::BaselineFailed(const CallSets& sets, const RunnerFailure& failure) const {
  return {ErrorCode::kBadInput,
          Format("the {} of problem {} failed at shape {}",
                 order_.baseline.empty() ? "reference" : "baseline", order_.problem.name,
                 sets.shape().name),
          WhyFailed(failure)};
}

Result<std::string> SimulatedProfile::SampleReference(CallSets& sets) {
  SimReport report;
  for (const bool filled : {false, true}) {
    if (filled) TRY(sets.RenewTouched(0));
    std::string why_not =
        TRY(Count(RunnerRole::kOracle, order_.reference, sets, kSampledBlocks, &report));
    if (!why_not.empty()) return why_not;
  }
  return std::string();
}

void SimulatedProfile::Keep(SimReport report, const ShapeSpec& shape) {
  Simulation& simulation = *verdict_.simulation;
  for (const SimTransfer& transfer : report.transfers) {
    if (transfer.kind != "host_function") continue;
    AddFlag(verdict_, "host_function",
            Format("one call runs {} functions on the host, whose time no estimate knows",
                   transfer.count));
  }
  simulation.report.transfers = std::move(report.transfers);
  simulation.report.kernels = std::move(report.kernels);
  simulation.report.estimated_us = report.estimated_us;
  simulation.profile_shape = shape.name;
}

Status SimulatedProfile::CountBaseline(CallSets& sets) {
  Simulation& simulation = *verdict_.simulation;
  simulation.baseline_skipped = order_.baseline_skipped;
  if (!order_.baseline_skipped.empty()) return {};
  const bool own = !order_.baseline.empty();
  SimReport report;
  TRY(sets.PoisonOutputs(0, RunnerRole::kBaseline, CallSets::Poison::kFresh));
  TRY(judge_.device_.Synchronize());
  simulation.baseline_skipped =
      TRY(Count(RunnerRole::kBaseline, own ? order_.baseline : order_.reference, sets, 0, &report));
  if (!simulation.baseline_skipped.empty()) return {};
  Check check;
  check.shape = sets.shape().name;
  check.fill = std::string(kAsDeclared);
  check.outputs = TRY(sets.CompareAll(0, RunnerRole::kBaseline, false));
  if (!Passed(check)) return BaselineDisagrees(order_, check);
  simulation.baseline_kind = own ? "baseline" : "reference";
  simulation.baseline_estimated_us = report.estimated_us;
  // Both are claims of runners: their quotient need not be finite.
  const double speedup = simulation.baseline_estimated_us / simulation.report.estimated_us;
  if (std::isfinite(speedup)) simulation.estimated_speedup = speedup;
  return {};
}

}  // namespace caesar
