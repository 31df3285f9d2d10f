// Judging on the simulated GPU: findings decide verdicts, and Profile counts instead of timing.
//
// The profiled call runs at the bench shape, a sample of its blocks for all, with inputs of zeros:
// counters hardly depend on values, and tensors that nobody touches cost no memory. Where that does
// not work (blocks that wait for each other, too much work), the largest checked shape is run in
// full.
#include "judge/simulation.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "judge/evaluator.h"
#include "sys/host_memory.h"

namespace caesar {
namespace {

constexpr std::uint64_t kSampledBlocks = 64;
constexpr Milliseconds kProfileTimeout{20'000};
constexpr std::size_t kFindingsMax = 64;

bool Same(const SimFinding& a, const SimFinding& b) {
  return a.kind == b.kind && a.file == b.file && a.line == b.line && a.kernel == b.kernel;
}

// What no result can excuse: the next run, or a GPU, may give another one.
bool IsUndefined(const SimFinding& finding) {
  return finding.kind == "race" || finding.kind == "divergent_barrier" ||
         finding.kind == "barrier_after_exit";
}

const ShapeSpec* LargestChecked(const Problem& problem) {
  const ShapeSpec* largest = nullptr;
  std::int64_t most = -1;
  for (const ShapeSpec& shape : problem.shapes) {
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

}  // namespace

std::string Sentence(const SimFinding& finding) {
  std::string place;
  if (!finding.file.empty()) place = Format("{}:{}: ", finding.file, finding.line);
  std::string text = place + finding.text;
  const bool somewhere = finding.kind != "deadlock" && finding.kind != "not_simulated";
  if (somewhere && !finding.kernel.empty()) {
    text += Format(" (block {},{},{}, thread {},{},{})", finding.block[0], finding.block[1],
                   finding.block[2], finding.thread[0], finding.thread[1], finding.thread[2]);
  }
  return text;
}

bool IsChecked(const Problem& problem, const ShapeSpec& shape, bool simulated) {
  if (!simulated) return shape.check && !shape.bench;
  const bool declared = std::any_of(problem.shapes.begin(), problem.shapes.end(),
                                    [](const ShapeSpec& each) { return each.sim; });
  return declared ? shape.sim : shape.check && !shape.bench;
}

void AddFindings(Verdict& verdict, const std::string& report_json) {
  if (report_json.empty()) return;
  auto report = ParseSimReport(report_json);
  if (!report.ok()) {
    AddFlag(verdict, "unreadable_report", report.error().message);
    return;
  }
  if (!verdict.simulation.has_value()) verdict.simulation.emplace();
  auto& known = verdict.simulation->report.findings;
  for (SimFinding& finding : report.value().findings) {
    if (IsUndefined(finding) && verdict.kind == VerdictKind::kCorrect) {
      verdict.kind = VerdictKind::kWrong;
      verdict.reason = Format("{}: {}", finding.kind, Sentence(finding));
    }
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const SimFinding& each) { return Same(each, finding); });
    if (same != known.end()) {
      same->count = std::min(same->count + finding.count, kSimCountMax);
    } else if (known.size() < kFindingsMax) {
      known.push_back(std::move(finding));
    } else if (finding.fatal) {
      known.back() = std::move(finding);  // it decides the verdict
    } else {
      ++verdict.simulation->report.findings_dropped;
    }
  }
}

std::string WhyRefused(const Verdict& verdict) {
  if (!verdict.simulation.has_value()) return {};
  for (const SimFinding& finding : verdict.simulation->report.findings) {
    if (finding.kind == "launch_failed") return ": " + finding.text;
  }
  return {};
}

bool BlameFinding(Verdict& verdict, const std::string& where) {
  if (!verdict.simulation.has_value()) return false;
  for (const SimFinding& finding : verdict.simulation->report.findings) {
    if (!finding.fatal) continue;
    const bool late = finding.kind == "deadlock" || finding.kind == "watchdog";
    verdict.kind = finding.kind == "not_simulated" ? VerdictKind::kNotSimulated
                   : late                          ? VerdictKind::kTimedOut
                                                   : VerdictKind::kCrashed;
    verdict.reason = Format("{} {}: {}", finding.kind, where, Sentence(finding));
    return true;
  }
  return false;
}

// Counts of one role's call, or why there are none.
struct Evaluator::Profiled {
  std::optional<SimReport> report;
  std::string shape;
  bool sampled = false;
  std::string why_not;
};

Result<Evaluator::Profiled> Evaluator::ProfileAt(const JudgeOrder& order, RunnerRole role,
                                                 const std::string& object, const ShapeSpec& shape,
                                                 std::unique_ptr<FileLock>& lock) {
  Profiled profiled;
  profiled.shape = shape.name;
  profiled.sampled = shape.bench;
  const std::uint64_t bytes = TRY(CallSets::BytesNeeded(order.problem, shape, 1, true));
  // A kernel that writes everything makes its tensors real.
  if (profiled.sampled && bytes > HostMemoryBytes() / 2) {
    profiled.why_not = Format("shape {} needs {} MB of memory", shape.name, bytes >> 20);
    return profiled;
  }
  const auto ready = TRY(Ready(role, object));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) {
    profiled.why_not = failure->text;
    return profiled;
  }
  Runner& runner = *std::get<Runner*>(ready);
  const auto sets = TRY(MakeSets(order, shape, 1, role == RunnerRole::kBaseline, lock));
  if (!profiled.sampled) TRY(sets->FillInputs(0, std::nullopt));
  TRY(device_.Synchronize());
  const auto mapped = sets->MapInto(runner);
  if (const auto* failure = std::get_if<RunnerFailure>(&mapped)) {
    profiled.why_not = failure->text;
    return profiled;
  }
  CallOrder call;
  call.mode = CallMode::kPlain;
  call.profile = 1;
  call.sampled_blocks = profiled.sampled ? kSampledBlocks : 0;
  const auto outcome = runner.Call(call, kProfileTimeout);
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    profiled.why_not = failure->text;
    return profiled;
  }
  runner.UnmapAll();
  auto report = ParseSimReport(std::get<CallResult>(outcome).report);
  if (report.ok()) {
    profiled.report = std::move(report).value();
  } else {
    profiled.why_not = report.error().message;
  }
  return profiled;
}

Result<Evaluator::Profiled> Evaluator::ProfileOne(const JudgeOrder& order, RunnerRole role,
                                                  const std::string& object) {
  auto lock = TRY(Lock(LockMode::kShared));
  Profiled profiled = TRY(ProfileAt(order, role, object, order.problem.Bench(), lock));
  const ShapeSpec* instead = LargestChecked(order.problem);
  if (profiled.report.has_value() || instead == nullptr) return profiled;
  return ProfileAt(order, role, object, *instead, lock);
}

Result<Verdict> Evaluator::Simulate(const JudgeOrder& order, Verdict verdict) {
  tell_("counting");
  Profiled candidate = TRY(ProfileOne(order, RunnerRole::kCandidate, order.candidate));
  if (!verdict.simulation.has_value()) verdict.simulation.emplace();
  Simulation& simulation = *verdict.simulation;
  if (!candidate.report.has_value()) {
    AddFlag(verdict, "not_profiled", candidate.why_not);
    return verdict;
  }
  simulation.report.kernels = std::move(candidate.report->kernels);
  simulation.report.estimated_us = candidate.report->estimated_us;
  simulation.profile_shape = candidate.shape;
  simulation.sampled = candidate.sampled;

  if (!order.baseline_skipped.empty()) {
    simulation.baseline_skipped = order.baseline_skipped;
    return verdict;
  }
  const bool own = !order.baseline.empty();
  const Profiled baseline =
      TRY(ProfileOne(order, RunnerRole::kBaseline, own ? order.baseline : order.reference));
  if (!baseline.report.has_value()) {
    simulation.baseline_skipped = baseline.why_not;
  } else if (baseline.shape != candidate.shape) {
    simulation.baseline_skipped = Format("it could be profiled at shape {} only", baseline.shape);
  } else {
    simulation.baseline_kind = own ? "baseline" : "reference";
    simulation.baseline_estimated_us = baseline.report->estimated_us;
    // Both are claims of runners: their quotient need not be finite.
    const double speedup = simulation.baseline_estimated_us / simulation.report.estimated_us;
    if (std::isfinite(speedup)) simulation.estimated_speedup = speedup;
  }
  return verdict;
}

}  // namespace caesar
