#include "gate/check.h"

#include <algorithm>
#include <future>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "build/diagnostics.h"
#include "gate/findings.h"
#include "gate/margins.h"
#include "gate/shapes.h"
#include "gate/trials.h"
#include "judge/schedule.h"

namespace caesar {
namespace {

// Calls at the bench shape: the second one tells a replay.
constexpr int kCheckCalls = 2;
constexpr std::size_t kCompilationsAtOnce = 6;  // more would slow each other beyond their deadline
// An honest kernel's margin rests on the inputs, by a factor of two or so: unless it is far away
// from the tolerance, it is judged several times on fresh ones, while that takes no longer than
// this.
constexpr int kDraws = 5;
constexpr Milliseconds kDrawsTime{5'000};
constexpr double kFarAway = 0.05;  // tolerances; findings.cpp warns from 0.5 on
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

// Whether other inputs may show an error that matters.
bool NeedsMoreDraws(const GateTrial& trial) {
  const std::vector<ShapeMargin> margins = MarginsOf(trial);
  const ShapeMargin* worst = Worst(margins);
  return trial.kind == kHonest && trial.outcome == "correct" && worst != nullptr &&
         worst->error_max > kFarAway;
}

// The larger errors count.
void Add(const GateCall& call, std::vector<GateCall>& calls) {
  const auto same = std::find_if(calls.begin(), calls.end(), [&](const GateCall& other) {
    return other.shape == call.shape && other.fill == call.fill && other.output == call.output;
  });
  if (same == calls.end()) {
    calls.push_back(call);
    return;
  }
  same->passed = same->passed && call.passed;
  if (Larger(call.error, same->error)) same->error = call.error;
}

void Add(const Verdict& verdict, GateTrial& trial) {
  trial.outcome = std::string(Name(verdict.kind));
  trial.reason = verdict.reason;
  for (const Check& check : verdict.correctness) {
    const std::string fill(StartsWith(check.fill, kAsDeclared) ? kAsDeclared : check.fill);
    for (const OutputCheck& output : check.outputs) {
      Add({check.shape, fill, output.output, output.error_max,
           output.mismatches == 0 && output.guard_bytes_changed == 0},
          trial.calls);
    }
  }
}

std::string HonestText(const HonestKernel& kernel) { return "the honest kernel " + kernel.name; }

class Gate {
 public:
  Gate(const Problem& problem, const std::vector<HonestKernel>& kernels, const RunConfig& config,
       GateWorld& world)
      : problem_(problem),
        kernels_(kernels),
        config_(config),
        world_(world),
        kernel_objects_(kernels.size()) {
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
  Status Compile(const DeviceInfo& device) {
    world_.progress("compiling reference, baseline and trials");
    simulated_ = device.simulated();
    std::vector<std::pair<Object*, CompileRequest>> wanted;
    const auto want = [&](Object& object, const Problem& problem, std::string source, Role role) {
      wanted.emplace_back(&object, CompileRequest{&problem, std::move(source), role, device.Arch(),
                                                  Milliseconds(config_.compile_timeout_ms)});
    };
    want(reference_, problem_, problem_.reference, Role::kReference);
    want(trial_reference_, trial_problem_, TrialReference(problem_), Role::kReference);
    want(trials_, trial_problem_, TrialSource(problem_), Role::kReference);
    const std::string skipped = simulated_ ? WhyBaselineIsNotSimulated(problem_) : "";
    baseline_.error = problem_.baseline ? skipped : "there is none";
    if (baseline_.error.empty()) want(baseline_, problem_, *problem_.baseline, Role::kBaseline);
    const std::string floats = FloatReference(problem_);
    floats_.error = floats.empty() ? "nothing is double in it" : "";
    if (!floats.empty()) want(floats_, problem_, floats, Role::kReference);
    for (std::size_t i = 0; i < kernels_.size(); ++i)
      want(kernel_objects_[i], problem_, kernels_[i].source, Role::kCandidate);
    for (std::size_t from = 0; from < wanted.size(); from += kCompilationsAtOnce) {
      TRY(SideBySide(
          std::span(wanted).subspan(from, std::min(kCompilationsAtOnce, wanted.size() - from))));
    }
    return {};
  }

  Status SideBySide(std::span<const std::pair<Object*, CompileRequest>> wanted) {
    std::vector<std::future<Result<CompileOutcome>>> started;
    for (const auto& [object, request] : wanted)
      started.push_back(std::async(std::launch::async, [this, &request = request] {
        return world_.compiler.Compile(request, world_.stop);
      }));
    Status failed;  // returned when all of them are done
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      auto outcome = started[i].get();
      if (outcome.ok())
        *wanted[i].first = ObjectOf(outcome.value());
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
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      if (kernel_objects_[i].failed)
        Fail(Format("{} does not compile: {}", HonestText(kernels_[i]),
                    WithFile(kernels_[i].name, kernel_objects_[i].error)),
             "");
    }
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
    const auto honest = [&](const std::string& name, const std::string& text,
                            const Object& object) {
      return Run({name, kHonest, text, "", "", {}}, linked, reference_.path, object);
    };
    TRY(honest(kFloatTrial, "the reference with float in the place of double", floats_));
    TRY(honest(kBaselineTrial, "the baseline", baseline_));
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      TRY(honest(kernels_[i].name, HonestText(kernels_[i]), kernel_objects_[i]));
      std::string& reason = report_.trials.back().reason;
      reason = WithFile(kernels_[i].name, std::move(reason));
    }
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
    const SteadyTime begin = world_.clock.Now();
    for (int draw = 1; draw <= kDraws; ++draw) {
      Add(TRY(world_.judge.Check(request, {}, world_.stop)), trial);
      const auto took = world_.clock.Now() - begin;
      if (!NeedsMoreDraws(trial) || took + took / draw > kDrawsTime) break;
      if (draw < kDraws)
        world_.progress(Format("trying {} ({} of {})", trial.text, draw + 1, kDraws));
    }
    report_.trials.push_back(std::move(trial));
    return {};
  }

  void Fail(std::string text, std::string advice) {
    report_.findings.push_back({"error", std::move(text), std::move(advice)});
  }

  const Problem& problem_;
  const std::vector<HonestKernel>& kernels_;
  const RunConfig& config_;
  GateWorld& world_;
  GateReport report_;
  Problem trial_problem_;
  Object reference_, baseline_, floats_, trial_reference_, trials_;
  std::vector<Object> kernel_objects_;
  bool simulated_ = false;
};

}  // namespace

Result<GateReport> CheckProblem(const Problem& problem, const std::vector<HonestKernel>& kernels,
                                const RunConfig& config, GateWorld& world) {
  return Gate(problem, kernels, config, world).Check();
}

}  // namespace caesar
