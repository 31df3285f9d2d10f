// Correct: the planned calls at every check shape, then at the bench shape.
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "judge/evaluator.h"
#include "judge/schedule.h"
#include "judge/secret.h"
#include "judge/simulation.h"

namespace caesar {
namespace {

// Like those of timed calls (measurement.cpp), so that the delay tells nothing apart.
constexpr std::uint32_t kDelayMinUs = 20;
constexpr std::uint32_t kDelaySpreadUs = 60;

std::string Where(const CallSets& sets) { return Format("at shape {}", sets.shape().name); }

std::string InputsOf(const PlannedCall& plan) {
  if (plan.fill.has_value()) return Describe(*plan.fill);
  switch (plan.inputs) {
    case PlannedCall::Inputs::kFresh:
      break;
    case PlannedCall::Inputs::kSame:
      return Format("{}, the same again", kAsDeclared);
    case PlannedCall::Inputs::kNearDuplicate:
      return Format("{}, a near-duplicate", kAsDeclared);
  }
  return std::string(kAsDeclared);
}

std::string IndexText(const std::vector<std::int64_t>& index) {
  std::string text;
  for (const std::int64_t i : index) text += Format("{}{}", text.empty() ? "" : ", ", i);
  return "[" + text + "]";
}

// On inputs that are those of the call before but for a few elements, where that call was right.
void SayStale(const Verdict& verdict, Check& check) {
  if (verdict.correctness.empty()) return;
  const Check& before = verdict.correctness.back();
  if (!before.passed || before.shape != check.shape) return;
  for (OutputCheck& output : check.outputs) {
    if (output.mismatches == 0 || output.where.empty()) continue;
    output.where +=
        "; the call before was right, and only a few inputs are others since: a result kept from "
        "that call would look like this";
    output.where_patterns |= 1;
  }
}

}  // namespace

bool Passed(const Check& check) {
  return check.inputs_changed.empty() &&
         std::all_of(check.outputs.begin(), check.outputs.end(), [](const OutputCheck& output) {
           return output.mismatches == 0 && output.guard_bytes_changed == 0;
         });
}

std::string ReasonOf(const Check& check) {
  for (const OutputCheck& output : check.outputs) {
    if (output.mismatches > 0 && output.unwritten == output.elements) {
      return Format("output {} was not written at shape {}", output.output, check.shape);
    }
    if (output.mismatches > 0 && !output.first_bad.empty()) {
      const BadValue& first = output.first_bad.front();
      return Format(
          "output {} is wrong in {} of {} elements at shape {} ({}); first at {}: got {}, want "
          "{}{}",
          output.output, output.mismatches, output.elements, check.shape, check.fill,
          IndexText(first.index), ValueText(output, first.got), ValueText(output, first.want),
          output.where.empty() ? "" : "; " + output.where);
    }
    if (output.guard_bytes_changed > 0) {
      const bool one = output.guard_bytes_changed == 1;
      return Format("{} outside output {} {} overwritten at shape {}",
                    one ? "1 byte" : Format("{} bytes", output.guard_bytes_changed), output.output,
                    one ? "was" : "were", check.shape);
    }
  }
  if (!check.inputs_changed.empty()) {
    return Format("input {} was changed at shape {}", check.inputs_changed.front(), check.shape);
  }
  return "";
}

Status Evaluator::DrawInputs(const JudgeOrder& order, CallSets& sets, const PlannedCall& plan) {
  if (plan.inputs == PlannedCall::Inputs::kSame) {
    TRY(sets.PoisonOutputs(0, RunnerRole::kCandidate, CallSets::Poison::kFresh));
    return device_.Synchronize();
  }
  TRY(sets.PoisonExpected(0));
  TRY(FillPlanned(sets, 0, plan));
  TRY(Expect(sets, 0, order));
  TRY(sets.PoisonOutputs(0, RunnerRole::kCandidate, CallSets::Poison::kAsExpected));
  TRY(sets.Deliver(0, RunnerRole::kCandidate));
  TRY(device_.Synchronize());
  return sets.HashInputs(0);
}

// Where it did not, every candidate fails, and none is to blame.
Status Evaluator::ReferenceWroteAll(const JudgeOrder& order, CallSets& sets) {
  const auto output = TRY(sets.UnwrittenByReference(0));
  if (!output.has_value()) return {};
  return Error{ErrorCode::kBadInput,
               Format("the reference of problem {} does not write all of output {} at shape {}",
                      order.problem.name, *output, sets.shape().name),
               "Mend reference.cu: whatever the inputs, it writes every element of every output."};
}

Result<bool> Evaluator::CheckCall(const JudgeOrder& order, CallSets& sets,
                                  const CheckedCall& checked, Verdict& verdict) {
  const PlannedCall& plan = checked.plan;
  TRY(DrawInputs(order, sets, plan));
  Runner& candidate = *Of(RunnerRole::kCandidate).runner;
  CallOrder call;
  // As a timed one, also for its records: they show other streams and host copies.
  call.mode = CallMode::kTimed;
  call.delay_us = simulated() ? 0 : kDelayMinUs + RandomBelow(kDelaySpreadUs);
  call.watch = 1;
  call.mapping = RandomBelow(kMappingsPerTensor);
  call.reversed_warps = plan.reversed ? 1 : 0;
  call.profile = checked.profile != nullptr ? 1 : 0;
  call.host_threads = static_cast<std::uint32_t>(order.sim_threads);
  if (!simulated()) candidate.Rehearse(CallTimeout(order));  // as before a timed one
  auto outcome = candidate.Call(call, CallTimeout(order));
  if (auto* result = std::get_if<CallResult>(&outcome)) {
    const auto collected = candidate.Collect(*result, CallTimeout(order));
    if (const auto* failure = std::get_if<RunnerFailure>(&collected)) outcome = *failure;
  }
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    Blame(verdict, *failure, Where(sets));
    return false;
  }
  FlagClaim(verdict, std::get<CallResult>(outcome).claim);
  if (simulated()) {
    const std::string& json = std::get<CallResult>(outcome).report;
    auto report = ParseSimReport(json);
    if (!report.ok()) {
      // An honest runner of the simulator always reports.
      verdict.kind = VerdictKind::kCheated;
      verdict.reason = Format("the runner's report {} {}",
                              json.empty() ? "is missing" : "cannot be read", Where(sets));
      if (!json.empty()) verdict.detail = report.error().message;
      return false;
    }
    AddFindings(verdict, report.value());
    if (checked.profile != nullptr) *checked.profile = std::move(report).value();
  }

  caesar::Check check;
  check.shape = sets.shape().name;
  for (const std::string& dim : order.problem.dims)
    check.dims.emplace_back(dim, sets.shape().dims.at(dim));
  check.fill = InputsOf(plan);
  check.seed_id = sets.seed_id();
  check.outputs = TRY(sets.CompareAll(0, RunnerRole::kCandidate, true));
  TRY(sets.RememberExpected(0));
  if (plan.inputs == PlannedCall::Inputs::kNearDuplicate) SayStale(verdict, check);
  check.inputs_changed = TRY(sets.ChangedInputs(0, RunnerRole::kCandidate));
  check.passed = Passed(check);
  if (!check.passed) TRY(ReferenceWroteAll(order, sets));
  if (!check.passed && verdict.kind == VerdictKind::kCorrect) {
    verdict.kind = check.inputs_changed.empty() ? VerdictKind::kWrong : VerdictKind::kCheated;
    verdict.reason = ReasonOf(check);
  }
  const bool passed = check.passed;
  verdict.correctness.push_back(std::move(check));
  return passed;
}

// Until one of them fails, unless all are wanted.
Status Evaluator::MakeCalls(const JudgeOrder& order, CallSets& sets, Verdict& verdict) {
  const ScheduleOptions options{simulated(), order.timing.check_calls};
  std::vector<std::uint64_t> before;
  for (const PlannedCall& plan : PlanCalls(order.problem, sets.shape(), options, RandomBelow)) {
    const bool passed = TRY(CheckCall(order, sets, {.plan = plan}, verdict));
    if (!passed && !(order.thorough && verdict.kind == VerdictKind::kWrong)) return {};
    const auto now = TRY(sets.HashOutputs(0, RunnerRole::kCandidate));
    if (passed && plan.inputs == PlannedCall::Inputs::kSame && now != before) {
      AddFlag(verdict, "nondeterministic",
              Format("two calls on the same inputs {} gave different bits, both within tolerance",
                     Where(sets)));
    }
    before = now;
  }
  FlagProcess(verdict);
  return {};
}

Result<bool> Evaluator::CheckShape(const JudgeOrder& order, const ShapeSpec& shape,
                                   Verdict& verdict, std::unique_ptr<FileLock>& lock) {
  tell_(Format("checking shape {}", shape.name));
  const auto sets = TRY(MakeSets(order, shape, CallSets::Outputs::kCandidate, lock));
  Runner* oracle = TRY(ReadyTrusted(RunnerRole::kOracle, order.reference));
  if (const auto mapped = sets->MapInto(*oracle); std::holds_alternative<RunnerFailure>(mapped)) {
    return Error{ErrorCode::kEnvironment, "the oracle cannot map the tensors",
                 std::get<RunnerFailure>(mapped).text};
  }
  const bool loaded = Of(RunnerRole::kCandidate).object == order.candidate;  // for another shape
  const auto ready = TRY(ReadyWith(RunnerRole::kCandidate, order.candidate, *sets));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) {
    Blame(verdict, *failure, loaded ? "between its calls" : "while it was loaded");
    return false;
  }
  TRY(MakeCalls(order, *sets, verdict));
  // The memory goes back; a runner that is dead has unmapped it already.
  oracle->UnmapAll();
  if (verdict.kind == VerdictKind::kCorrect || verdict.kind == VerdictKind::kWrong) {
    const auto unmapped = Of(RunnerRole::kCandidate).runner->UnmapAll();
    const auto* failure = std::get_if<RunnerFailure>(&unmapped);
    if (failure != nullptr && verdict.kind == VerdictKind::kCorrect)
      Blame(verdict, *failure, "after its calls " + Where(*sets));
  }
  // After a wrong result the other shapes still say where it is wrong; after a crash nothing does.
  return verdict.kind == VerdictKind::kCorrect || verdict.kind == VerdictKind::kWrong;
}

namespace {

// Of all that was found, what helps most: the first check that failed is often that of the smallest
// shape, which shows least.
std::string WhyWrong(const Verdict& verdict) {
  if (std::string finding = WorstFinding(verdict); !finding.empty()) return finding;
  const auto failed = FailedChecksOf(verdict);
  return failed.empty() ? verdict.reason : ReasonOf(*failed.front());
}

}  // namespace

Result<Verdict> Evaluator::Check(const JudgeOrder& order) {
  auto verdict = CheckShapes(order);
  return verdict.ok() ? std::move(verdict) : WhoseFault(std::move(verdict).error());
}

Result<Verdict> Evaluator::CheckShapes(const JudgeOrder& order) {
  held_memory_at_.clear();
  accounts_.fill({});  // each call has a limit, and their number is known
  auto lock = TRY(Lock(LockMode::kShared));
  if (!simulated()) TRY(idle_.Calibrate());
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  verdict.device = device_.info();
  for (const ShapeSpec& shape : order.problem.shapes) {
    if (!IsChecked(order.problem, shape, simulated())) continue;
    if (!TRY(CheckShape(order, shape, verdict, lock))) break;
  }
  const bool go_on = verdict.kind == VerdictKind::kCorrect ||
                     (order.thorough && verdict.kind == VerdictKind::kWrong);
  if (go_on && !simulated()) TRY(CheckShape(order, order.problem.Bench(), verdict, lock));
  if (verdict.kind == VerdictKind::kWrong) verdict.reason = WhyWrong(verdict);
  // A candidate that failed is never called again; the next one finds a fresh process with a
  // context.
  if (verdict.kind != VerdictKind::kCorrect) TRY(Restart(RunnerRole::kCandidate));
  return verdict;
}

}  // namespace caesar
