// Correct: every check shape with several fills, then the bench shape.
#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "judge/evaluator.h"
#include "judge/secret.h"
#include "judge/simulation.h"

namespace caesar {
namespace {

// Fills that are tried whatever the problem declares, where it declares plain random floats:
// structure that random data of mean zero hides. Other declarations mean something (indices,
// permutations), and are left as they are.
std::vector<std::optional<Fill>> FillsFor(const Problem& problem, bool bench) {
  std::vector<std::optional<Fill>> fills = {std::nullopt};
  const bool plain =
      std::any_of(problem.inputs.begin(), problem.inputs.end(), [](const TensorSpec& input) {
        return IsFloat(input.dtype) &&
               (input.fill.kind == Fill::Kind::kNormal || input.fill.kind == Fill::Kind::kUniform);
      });
  if (bench || !plain) return fills;
  fills.push_back(Fill{Fill::Kind::kUniform, 0.0, 1.0});    // a mean that is not zero
  fills.push_back(Fill{Fill::Kind::kIntegers, -2.0, 2.0});  // ties, zeros, exact sums
  fills.push_back(Fill{Fill::Kind::kOneHot, 1.0, 0.0});     // one element of a row decides
  fills.push_back(Fill{Fill::Kind::kConstant, 0.5, 0.0});   // all equal
  return fills;
}

std::string Where(const CallSets& sets) { return Format("at shape {}", sets.shape().name); }

std::string IndexText(const std::vector<std::int64_t>& index) {
  std::string text;
  for (const std::int64_t i : index) text += Format("{}{}", text.empty() ? "" : ", ", i);
  return "[" + text + "]";
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
          "output {} is wrong in {} of {} elements at shape {} ({}); first at {}: got {}, want {}",
          output.output, output.mismatches, output.elements, check.shape, check.fill,
          IndexText(first.index), first.got, first.want);
    }
    if (output.guard_bytes_changed > 0) {
      return Format("{} bytes outside output {} were overwritten at shape {}",
                    output.guard_bytes_changed, output.output, check.shape);
    }
  }
  if (!check.inputs_changed.empty()) {
    return Format("input {} was changed at shape {}", check.inputs_changed.front(), check.shape);
  }
  return "";
}

Result<bool> Evaluator::CheckCall(const JudgeOrder& order, CallSets& sets,
                                  const CheckedCall& checked, Verdict& verdict) {
  TRY(sets.PoisonExpected(0));
  TRY(sets.PoisonOutputs(0, RunnerRole::kCandidate, CallSets::Poison::kAsExpected));
  TRY(Expect(sets, 0, checked.fill, order));
  TRY(sets.HashInputs(0));
  Runner& candidate = *Of(RunnerRole::kCandidate).runner;
  CallOrder call;
  call.mode = CallMode::kTimed;  // for the records: they show other streams and host copies
  call.mapping = RandomBelow(kMappingsPerTensor);
  call.reversed_warps = checked.reversed ? 1 : 0;
  call.profile = checked.profile != nullptr ? 1 : 0;
  call.host_threads = static_cast<std::uint32_t>(order.sim_threads);
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
  check.fill = checked.fill.has_value() ? Describe(*checked.fill) : "as declared";
  check.seed_id = sets.seed_id();
  check.outputs = TRY(sets.CompareAll(0, RunnerRole::kCandidate, true));
  check.inputs_changed = TRY(sets.ChangedInputs(0));
  check.passed = Passed(check);
  if (!check.passed && verdict.kind == VerdictKind::kCorrect) {
    verdict.kind = check.inputs_changed.empty() ? VerdictKind::kWrong : VerdictKind::kCheated;
    verdict.reason = ReasonOf(check);
  }
  const bool passed = check.passed;
  verdict.correctness.push_back(std::move(check));
  return passed;
}

Result<bool> Evaluator::CheckShape(const JudgeOrder& order, const ShapeSpec& shape,
                                   Verdict& verdict, std::unique_ptr<FileLock>& lock) {
  tell_(Format("checking shape {}", shape.name));
  const auto sets = TRY(MakeSets(order, shape, 1, CallSets::Outputs::kCandidate, lock));
  Runner* oracle = TRY(ReadyTrusted(RunnerRole::kOracle, order.reference));
  if (const auto mapped = sets->MapInto(*oracle); std::holds_alternative<RunnerFailure>(mapped)) {
    return Error{ErrorCode::kEnvironment, "the oracle cannot map the tensors",
                 std::get<RunnerFailure>(mapped).text};
  }
  const auto ready = TRY(ReadyWith(RunnerRole::kCandidate, order.candidate, *sets));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) {
    Blame(verdict, *failure, "while it was loaded");
    return false;
  }
  bool go_on = true;
  for (const auto& fill : FillsFor(order.problem, shape.bench && !simulated())) {
    // On the simulated GPU in both schedules, so that a result that depends on the order shows.
    const int calls = simulated()   ? (fill.has_value() ? 1 : 2)
                      : shape.bench ? order.timing.check_calls
                                    : 1;
    for (int i = 0; i < calls && go_on; ++i)
      go_on = TRY(CheckCall(order, *sets, {.fill = fill, .reversed = i % 2 == 1}, verdict));
    if (!go_on) break;
  }
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

Result<Verdict> Evaluator::Check(const JudgeOrder& order) {
  auto lock = TRY(Lock(LockMode::kShared));
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  verdict.device = device_.info();
  for (const ShapeSpec& shape : order.problem.shapes) {
    if (!IsChecked(order.problem, shape, simulated())) continue;
    if (!TRY(CheckShape(order, shape, verdict, lock))) break;
  }
  if (verdict.kind == VerdictKind::kCorrect && !simulated())
    TRY(CheckShape(order, order.problem.Bench(), verdict, lock));
  // A candidate that failed is never called again; the next one finds a fresh process with a
  // context.
  if (verdict.kind != VerdictKind::kCorrect) TRY(Restart(RunnerRole::kCandidate));
  return verdict;
}

}  // namespace caesar
