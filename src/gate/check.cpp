#include "gate/check.h"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "gate/findings.h"
#include "gate/shapes.h"
#include "gate/trials.h"
#include "judge/schedule.h"

namespace caesar {
namespace {

// Calls at the bench shape: the second one tells a replay.
constexpr int kCheckCalls = 2;
constexpr std::size_t kLogBytesMax = 4'000;

struct Object {
  std::string path;     // empty: there is none
  std::string error{};  // why
  bool failed = false;  // it does not compile
  std::string log{};    // of the compiler
};

Object ObjectOf(const CompileOutcome& outcome) {
  if (const auto* compiled = std::get_if<Compiled>(&outcome)) return {compiled->object};
  if (const auto* failed = std::get_if<CompileFailed>(&outcome))
    return {"", failed->headline, true, Shorten(failed->log, kLogBytesMax)};
  const auto& slow = std::get<CompileTimedOut>(outcome);
  return {"", Format("compiling took longer than {} s", slow.timeout.count() / 1000), true,
          "--compile-timeout gives it more time."};
}

class Gate {
 public:
  Gate(const Problem& problem, const std::string& kernel, const RunConfig& config, GateWorld& world)
      : problem_(problem), kernel_(kernel), config_(config), world_(world) {
    report_.problem = problem.name;
  }

  Result<GateReport> Check() {
    const DeviceInfo device = TRY(world_.judge.Hello(world_.stop));
    report_.device = device.name;
    report_.findings = ShapeFindings(problem_);
    if (!problem_.baseline)
      report_.findings.push_back(
          {"warning", "there is no baseline.cu: the reference stands in for it",
           "A speed-up then says little. Give a good kernel or a library call."});
    trial_problem_ = TRY(TrialProblem(problem_, 0));
    TRY(Compile(device));
    TRY(Usable());
    if (Tryable()) TRY(Try());
    for (GateFinding& finding : TrialFindings(problem_, report_.trials))
      report_.findings.push_back(std::move(finding));
    const auto warnings =
        std::stable_partition(report_.findings.begin(), report_.findings.end(),
                              [](const GateFinding& finding) { return finding.level == "error"; });
    report_.sound = warnings == report_.findings.begin();
    return std::move(report_);
  }

 private:
  // All compilations side by side.
  Status Compile(const DeviceInfo& device) {
    world_.progress("compiling reference, baseline and trials");
    simulated_ = device.simulated();
    std::vector<std::pair<Object*, std::future<Result<CompileOutcome>>>> started;
    const auto start = [&](Object& object, const Problem& problem, std::string source, Role role) {
      CompileRequest request{&problem, std::move(source), role, device.Arch(),
                             Milliseconds(config_.compile_timeout_ms)};
      started.emplace_back(&object,
                           std::async(std::launch::async, [this, request = std::move(request)] {
                             return world_.compiler.Compile(request, world_.stop);
                           }));
    };
    start(reference_, problem_, problem_.reference, Role::kReference);
    start(trial_reference_, trial_problem_, TrialReference(problem_), Role::kReference);
    start(trials_, trial_problem_, TrialSource(problem_), Role::kReference);
    const std::string skipped = simulated_ ? WhyBaselineIsNotSimulated(problem_) : "";
    baseline_.error = problem_.baseline ? skipped : "there is none";
    if (baseline_.error.empty()) start(baseline_, problem_, *problem_.baseline, Role::kBaseline);
    const std::string floats = FloatReference(problem_);
    floats_.error = floats.empty() ? "nothing is double in it" : "";
    if (!floats.empty()) start(floats_, problem_, floats, Role::kReference);
    if (!kernel_.empty()) start(kernel_object_, problem_, kernel_, Role::kCandidate);
    Status failed;  // returned when all of them are done
    for (auto& [object, future] : started) {
      auto outcome = future.get();
      if (outcome.ok())
        *object = ObjectOf(outcome.value());
      else if (failed.ok())
        failed = outcome.error();
    }
    return failed;
  }

  // Without its own files there is nothing to ask the judge.
  Status Usable() const {
    for (const auto& [file, object] :
         {std::pair("reference.cu", &reference_), std::pair("baseline.cu", &baseline_)}) {
      if (object->failed)
        return Error{
            ErrorCode::kBadInput,
            Format("problem {}: {} does not compile: {}", problem_.name, file, object->error),
            object->log};
    }
    return {};
  }

  bool Tryable() {
    if (kernel_object_.failed)
      Fail("the honest kernel does not compile: " + kernel_object_.error, "");
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
    const Problem linked = TRY(TrialProblem(problem_, std::nullopt));
    const auto honest = [&](const char* name, const char* text, const Object& object) {
      return Run({name, kHonest, text, "", "", {}}, linked, reference_.path, object);
    };
    TRY(honest(kFloatTrial, "the reference with float in the place of double", floats_));
    TRY(honest(kBaselineTrial, "the baseline", baseline_));
    if (!kernel_.empty()) TRY(honest(kKernelTrial, "the honest kernel", kernel_object_));
    for (const Trial& trial : TrialsOf(problem_)) {
      const Problem numbered = TRY(TrialProblem(problem_, trial.number));
      TRY(Run({trial.name, trial.kind, trial.text, "", "", {}}, numbered, trial_reference_.path,
              trials_));
    }
    return {};
  }

  Status Run(GateTrial trial, const Problem& problem, const std::string& reference,
             const Object& candidate) {
    if (candidate.path.empty()) {
      trial.outcome = "skipped";
      trial.reason = candidate.error;
      report_.trials.push_back(std::move(trial));
      return {};
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
    // On a GPU cheats must fail at the bench shape too, and of several outputs each must be wrong
    // somewhere. Else the simulator has no time for what only fills the table.
    request.thorough = trial.kind == kPrecision || !simulated_ || problem_.outputs.size() > 1;
    const Verdict verdict = TRY(world_.judge.Check(request, {}, world_.stop));
    trial.outcome = std::string(Name(verdict.kind));
    trial.reason = verdict.reason;
    for (const caesar::Check& check : verdict.correctness) {
      const std::string fill(StartsWith(check.fill, kAsDeclared) ? kAsDeclared : check.fill);
      for (const OutputCheck& output : check.outputs) {
        trial.calls.push_back({check.shape, fill, output.output, output.error_max,
                               output.mismatches == 0 && output.guard_bytes_changed == 0});
      }
    }
    report_.trials.push_back(std::move(trial));
    return {};
  }

  void Fail(std::string text, std::string advice) {
    report_.findings.push_back({"error", std::move(text), std::move(advice)});
  }

  const Problem& problem_;
  const std::string& kernel_;
  const RunConfig& config_;
  GateWorld& world_;
  GateReport report_;
  Problem trial_problem_;
  Object reference_, baseline_, floats_, kernel_object_, trial_reference_, trials_;
  bool simulated_ = false;
};

}  // namespace

Result<GateReport> CheckProblem(const Problem& problem, const std::string& kernel,
                                const RunConfig& config, GateWorld& world) {
  return Gate(problem, kernel, config, world).Check();
}

}  // namespace caesar
