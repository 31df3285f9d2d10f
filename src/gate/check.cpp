#include "gate/check.h"

#include <cmath>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "gate/findings.h"
#include "gate/shapes.h"
#include "gate/trials.h"

namespace caesar {
namespace {

// Calls at the bench shape: the second one tells a replay.
constexpr int kCheckCalls = 2;
constexpr std::size_t kLogBytesMax = 4'000;

struct Object {
  std::string path;   // empty: it does not compile
  std::string error;  // why
};

Object ObjectOf(const CompileOutcome& outcome) {
  if (const auto* compiled = std::get_if<Compiled>(&outcome)) return {compiled->object, ""};
  if (const auto* failed = std::get_if<CompileFailed>(&outcome)) return {"", failed->headline};
  const auto& slow = std::get<CompileTimedOut>(outcome);
  return {"", Format("compiling took longer than {} s", slow.timeout.count() / 1000)};
}

class Gate {
 public:
  Gate(const Problem& problem, const RunConfig& config, GateWorld& world)
      : problem_(problem), config_(config), world_(world) {
    report_.problem = problem.name;
  }

  Result<GateReport> Check() {
    const DeviceInfo device = TRY(world_.judge.Hello(world_.stop));
    report_.device = device.name;
    report_.findings = ShapeFindings(problem_);
    trial_problem_ = TRY(TrialProblem(problem_, 0));
    TRY(Compile(device));
    if (Usable()) TRY(Try());
    for (GateFinding& finding : TrialFindings(problem_, report_.trials))
      report_.findings.push_back(std::move(finding));
    report_.sound = true;
    for (const GateFinding& finding : report_.findings)
      report_.sound = report_.sound && finding.level != "error";
    return std::move(report_);
  }

 private:
  // All compilations side by side.
  Status Compile(const DeviceInfo& device) {
    world_.progress("compiling reference, baseline and trials");
    const std::string arch = device.Arch();
    const auto start = [&](const Problem& problem, std::string source, Role role) {
      CompileRequest request{&problem, std::move(source), role, arch,
                             Milliseconds(config_.compile_timeout_ms)};
      return std::async(std::launch::async, [this, request = std::move(request)] {
        return world_.compiler.Compile(request, world_.stop);
      });
    };
    if (device.simulated()) baseline_skipped_ = WhyBaselineIsNotSimulated(problem_);
    const bool with_baseline = problem_.baseline.has_value() && baseline_skipped_.empty();
    const std::string plain = FloatReference(problem_);
    auto reference = start(problem_, problem_.reference, Role::kReference);
    auto trial_reference = start(trial_problem_, TrialReference(problem_), Role::kReference);
    auto trials = start(trial_problem_, TrialSource(problem_), Role::kReference);
    std::future<Result<CompileOutcome>> baseline, floats;
    if (with_baseline) baseline = start(problem_, *problem_.baseline, Role::kBaseline);
    if (!plain.empty()) floats = start(problem_, plain, Role::kReference);
    // All are waited for before any error is returned.
    auto reference_outcome = reference.get();
    auto trial_reference_outcome = trial_reference.get();
    auto trials_outcome = trials.get();
    std::optional<Result<CompileOutcome>> baseline_outcome, floats_outcome;
    if (baseline.valid()) baseline_outcome = baseline.get();
    if (floats.valid()) floats_outcome = floats.get();
    reference_ = ObjectOf(TRY(std::move(reference_outcome)));
    trial_reference_ = ObjectOf(TRY(std::move(trial_reference_outcome)));
    trials_ = ObjectOf(TRY(std::move(trials_outcome)));
    if (baseline_outcome) baseline_ = ObjectOf(TRY(std::move(*baseline_outcome)));
    if (floats_outcome) floats_ = ObjectOf(TRY(std::move(*floats_outcome)));
    return {};
  }

  bool Usable() {
    if (reference_.path.empty()) {
      Fail("reference.cu does not compile: " + reference_.error, "");
      return false;
    }
    if (!baseline_.error.empty()) Fail("baseline.cu does not compile: " + baseline_.error, "");
    for (const Object* object : {&trial_reference_, &trials_}) {
      if (!object->path.empty()) continue;
      Fail("the trials do not compile behind reference.cu: " + object->error,
           Format("They include it with {} renamed: let it be one file that defines the launcher "
                  "once, and no name that begins with caesar_.",
                  problem_.launcher));
      return false;
    }
    return true;
  }

  Status Try() {
    if (floats_.path.empty() && floats_.error.empty()) floats_.error = "nothing is double in it";
    if (!TRY(Run(
            {kFloatTrial, kHonest, "the reference with float in the place of double", "", "", {}},
            problem_, reference_.path, floats_)))
      return {};
    Object baseline = baseline_;
    if (baseline.path.empty() && baseline.error.empty())
      baseline.error = baseline_skipped_.empty() ? "there is none" : baseline_skipped_;
    TRY(Run({kBaselineTrial, kHonest, "the baseline", "", "", {}}, problem_, reference_.path,
            baseline));
    for (const Trial& trial : TrialsOf(problem_)) {
      const Problem numbered = TRY(TrialProblem(problem_, trial.number));
      if (!TRY(Run({trial.name, trial.kind, trial.text, "", "", {}}, numbered,
                   trial_reference_.path, trials_)))
        return {};
    }
    return {};
  }

  // False: the reference failed, so that nothing else can be judged.
  Result<bool> Run(GateTrial trial, const Problem& problem, const std::string& reference,
                   const Object& candidate) {
    if (candidate.path.empty()) {
      trial.outcome = "skipped";
      trial.reason = candidate.error;
      report_.trials.push_back(std::move(trial));
      return true;
    }
    world_.progress("trying " + trial.text);
    JudgeRequest request;
    request.problem = &problem;
    request.reference = reference;
    request.candidate = candidate.path;
    request.timing = config_.timing;
    request.timing.check_calls = kCheckCalls;
    request.call_timeout = Milliseconds(config_.call_timeout_ms);
    request.sim_threads = config_.sim_threads;
    const Result<Verdict> verdict = world_.judge.Check(request, {}, world_.stop);
    if (!verdict.ok()) {
      if (verdict.error().code != ErrorCode::kBadInput) return verdict.error();
      Fail(verdict.error().message, Shorten(verdict.error().detail, kLogBytesMax));
      return false;
    }
    trial.outcome = std::string(Name(verdict.value().kind));
    trial.reason = verdict.value().reason;
    for (const caesar::Check& check : verdict.value().correctness)
      trial.calls.push_back(CallOf(check));
    report_.trials.push_back(std::move(trial));
    return true;
  }

  static GateCall CallOf(const caesar::Check& check) {
    GateCall call{check.shape, check.fill, 0, check.passed};
    for (const OutputCheck& output : check.outputs) {
      if (!(output.error_max <= call.error) && !std::isnan(call.error))
        call.error = output.error_max;
    }
    return call;
  }

  void Fail(std::string text, std::string advice) {
    report_.findings.push_back({"error", std::move(text), std::move(advice)});
  }

  const Problem& problem_;
  const RunConfig& config_;
  GateWorld& world_;
  GateReport report_;
  Problem trial_problem_;
  Object reference_, baseline_, floats_, trial_reference_, trials_;
  std::string baseline_skipped_;
};

}  // namespace

Result<GateReport> CheckProblem(const Problem& problem, const RunConfig& config, GateWorld& world) {
  return Gate(problem, config, world).Check();
}

}  // namespace caesar
