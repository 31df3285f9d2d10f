#include "judge/evaluator.h"

#include <algorithm>

#include "base/format.h"
#include "device/gpu_lock.h"
#include "judge/runner_policy.h"
#include "judge/simulation.h"

namespace caesar {
namespace {

constexpr Milliseconds kReadyTimeout{
    60'000};  // a context takes 0.3 s; a machine that swaps takes longer
constexpr std::uint64_t kObjectBytesMax = std::uint64_t{512} << 20;

constexpr const char* kOrTheSandbox =
    "\nIf it works with --sandbox off, the sandbox keeps a file from CUDA that it needs here; "
    "docs/verdicts.md tells how to find it.";

std::string WithPrinted(const RunnerFailure& failure) {
  const std::string why = WhyFailed(failure);
  return failure.printed.empty() ? why : why + "\nIt printed:\n" + failure.printed;
}

Result<std::unique_ptr<Runner>> StartRunner(const EvaluatorConfig& config, RunnerRole role,
                                            Processes& processes) {
  std::optional<SandboxPolicy> sandbox = config.sandbox;
  if (sandbox && (IsProblemsOwn(role) || config.candidate_libraries))
    sandbox = WithToolkitLibraries(*std::move(sandbox), config.toolkit);
  if (sandbox && IsProblemsOwn(role)) sandbox->cpu_seconds_max = 0;  // it serves a whole run
  return Runner::Start(
      {config.program, config.uuid, config.toolkit, role, config.environment, std::move(sandbox)},
      processes);
}

}  // namespace

void AddFlag(Verdict& verdict, const std::string& name, const std::string& evidence) {
  for (const Flag& flag : verdict.flags) {
    if (flag.name == name) return;
  }
  verdict.flags.push_back({name, evidence});
}

void FlagClaim(Verdict& verdict, const CallClaim& claim) {
  struct Row {
    const char* name;
    std::int32_t CallClaim::*count;
    int expected;         // as many are nothing to speak of
    const char* counted;  // in one call
  };
  // A candidate's one module is loaded by its first launch.
  static constexpr Row kRows[] = {
      {"side_stream", &CallClaim::other_stream_records, 0, "records off the given stream"},
      {"host_copy", &CallClaim::host_copies, 0, "copies from or to host memory"},
      {"graph", &CallClaim::graph_launches, 0, "launches of CUDA graphs"},
      {"host_function", &CallClaim::host_functions, 0, "host functions put on streams"},
      {"second_context", &CallClaim::contexts, 0, "contexts of its own made"},
      {"modules", &CallClaim::modules, 1, "modules of device code loaded"},
      {"memory_access", &CallClaim::access_changes, 0, "changes of memory's protection"},
      {"other_thread", &CallClaim::other_thread_calls, 0,
       "uses of the device by threads of its own"},
  };
  for (const Row& row : kRows) {
    if (claim.*row.count > row.expected)
      AddFlag(verdict, row.name, Format("{} in one call: {}", row.counted, claim.*row.count));
  }
}

Error BaselineDisagrees(const JudgeOrder& order, const Check& check) {
  return Error{ErrorCode::kBadInput,
               Format("the baseline of problem {} disagrees with its reference: {}",
                      order.problem.name, ReasonOf(check)),
               "Mend baseline.cu, or the tolerance in problem.json."};
}

void Blame(Verdict& verdict, const RunnerFailure& failure, const std::string& where) {
  verdict.detail = failure.printed;
  if (!failure.report.empty()) AddFindings(verdict, ReadReport(failure.report, verdict));
  // The simulated GPU knows better than the runtime's error what went wrong.
  if (BlameFinding(verdict, where)) return;
  switch (failure.kind) {
    case RunnerFailure::Kind::kTimedOut:
      verdict.kind = VerdictKind::kTimedOut;
      verdict.reason = Format("timed out {}: {}", where, failure.text);
      return;
    case RunnerFailure::Kind::kLaunchError:
      verdict.kind = VerdictKind::kCrashed;
      verdict.reason = Format("launch error {}: {}{}", where, failure.text, WhyRefused(verdict));
      return;
    case RunnerFailure::Kind::kUnloadable:
    case RunnerFailure::Kind::kCrashed:
    case RunnerFailure::Kind::kExited:
    case RunnerFailure::Kind::kNotReady:
      verdict.kind = VerdictKind::kCrashed;
      verdict.reason = Format("crashed {}: {}", where, failure.text);
      return;
  }
}

Result<FreshRunners> StartRunners(const EvaluatorConfig& config, Processes& processes) {
  FreshRunners runners;
  for (const RunnerRole role :
       {RunnerRole::kOracle, RunnerRole::kBaseline, RunnerRole::kCandidate}) {
    runners[static_cast<std::size_t>(role)] = TRY(StartRunner(config, role, processes));
  }
  return runners;
}

Evaluator::Evaluator(JudgeDevice& device, EvaluatorConfig config, FreshRunners runners,
                     Files& files, Processes& processes, Clock& clock, Tell tell)
    : device_(device),
      config_(std::move(config)),
      files_(files),
      processes_(processes),
      clock_(clock),
      tell_(std::move(tell)) {
  for (std::size_t i = 0; i < runners.size(); ++i) runners_[i].runner = std::move(runners[i]);
}

void Evaluator::AllowLibraries(bool allowed) {
  if (config_.candidate_libraries == allowed) return;
  config_.candidate_libraries = allowed;
  for (const RunnerRole role : {RunnerRole::kCandidate, RunnerRole::kBest})
    Of(role) = {};  // it was started under the other policy
}

Status Evaluator::Restart(RunnerRole role) {
  Loaded& slot = Of(role);
  slot.runner.reset();
  slot.object.clear();
  slot.runner = TRY(StartRunner(config_, role, processes_));
  return {};
}

Result<Runner::Outcome<Runner*>> Evaluator::Ready(RunnerRole role, const std::string& object) {
  Loaded& slot = Of(role);
  const bool usable = slot.runner != nullptr && !slot.runner->failed();
  if (usable && slot.object == object) return Runner::Outcome<Runner*>(slot.runner.get());
  if (!usable || !slot.object.empty()) TRY(Restart(role));

  auto prepared = slot.runner->Prepare(TRY(device_.RunnerImage()), kReadyTimeout);
  if (const auto* failure = std::get_if<RunnerFailure>(&prepared)) {
    const Error error{ErrorCode::kEnvironment,
                      Format("the {} runner cannot use the GPU: {}", Name(role), failure->text),
                      failure->printed + (config_.sandbox ? kOrTheSandbox : "")};
    slot.runner.reset();
    return error;
  }
  if (!IsProblemsOwn(role)) slot.runner->ChargeTo(accounts_[static_cast<std::size_t>(role)]);
  slot.threads = slot.runner->Threads();
  auto loaded = slot.runner->Load(TRY(files_.Read(object, kObjectBytesMax)), kReadyTimeout);
  slot.object = object;
  if (auto* failure = std::get_if<RunnerFailure>(&loaded)) {
    slot.runner.reset();
    return Runner::Outcome<Runner*>(std::move(*failure));
  }
  return Runner::Outcome<Runner*>(slot.runner.get());
}

void Evaluator::FlagProcess(Verdict& verdict) {
  if (!held_memory_at_.empty()) {
    AddFlag(verdict, "held_memory",
            Format("its process kept so much device memory that shape {} found no room; it was "
                   "started anew",
                   held_memory_at_));
  }
  const Loaded& slot = Of(RunnerRole::kCandidate);
  if (slot.runner == nullptr || slot.runner->failed()) return;
  const int more = slot.runner->Threads() - slot.threads;
  if (more <= 0) return;
  AddFlag(verdict, "extra_threads",
          Format("its process has {} threads more than before it was loaded", more));
}

Result<Verdict> Evaluator::WhoseFault(Error error) {
  if (simulated() || error.code != ErrorCode::kBadInput ||
      Of(RunnerRole::kCandidate).object.empty())
    return error;
  const std::int64_t left = device_.FreeBytes();
  TRY(Restart(RunnerRole::kCandidate));
  const std::int64_t held = device_.FreeBytes() - left;
  if (held < std::max(kHeldMin, left)) return error;
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  Verdict verdict;
  verdict.kind = VerdictKind::kCrashed;
  verdict.device = device_.info();
  verdict.reason =
      Format("its process kept {:.1f} GiB of device memory and left {:.1f}: {}",
             static_cast<double>(held) / kGiB, static_cast<double>(left) / kGiB, error.message);
  verdict.detail = error.detail;
  AddFlag(verdict, "held_memory", "the problem's own kernels failed beside it");
  return verdict;
}

Result<Runner::Outcome<Runner*>> Evaluator::ReadyWith(RunnerRole role, const std::string& object,
                                                      const CallSets& sets) {
  auto ready = TRY(Ready(role, object));
  if (auto* runner = std::get_if<Runner*>(&ready)) {
    auto mapped = sets.MapInto(**runner);
    if (auto* failure = std::get_if<RunnerFailure>(&mapped)) ready = std::move(*failure);
  }
  return ready;
}

Result<Runner*> Evaluator::ReadyTrusted(RunnerRole role, const std::string& object) {
  auto ready = TRY(Ready(role, object));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) {
    return Error{ErrorCode::kBadInput,
                 Format("the problem's {} does not load",
                        role == RunnerRole::kOracle ? "reference" : "baseline"),
                 WithPrinted(*failure)};
  }
  return std::get<Runner*>(ready);
}

Result<std::unique_ptr<FileLock>> Evaluator::Lock(LockMode mode) {
  return LockGpu(device_.info().uuid, mode, config_.lock_timeout, files_, clock_, {});
}

Result<std::unique_ptr<CallSets>> Evaluator::MakeSets(const JudgeOrder& order,
                                                      const ShapeSpec& shape,
                                                      CallSets::Outputs outputs,
                                                      std::unique_ptr<FileLock>& lock) {
  auto made = TRY(CallSets::Make(device_, order.problem, shape, outputs));
  if (made == nullptr && !simulated()) {
    // Others may hold memory under their shared locks: alone, there is either room or there never
    // will be.
    tell_("waiting for GPU memory");
    lock.reset();
    lock = TRY(Lock(LockMode::kExclusive));
    made = TRY(CallSets::Make(device_, order.problem, shape, outputs));
  }
  if (made == nullptr && !Of(RunnerRole::kCandidate).object.empty()) {
    // What the candidate keeps of earlier calls goes with its process.
    TRY(Restart(RunnerRole::kCandidate));
    made = TRY(CallSets::Make(device_, order.problem, shape, outputs));
    if (made != nullptr) held_memory_at_ = shape.name;
  }
  if (made != nullptr) return made;
  return NoRoom(order.problem, shape, TRY(CallSets::BytesNeeded(order.problem, shape, 1, outputs)));
}

Error Evaluator::NoRoom(const Problem& problem, const ShapeSpec& shape,
                        std::uint64_t bytes_needed) const {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  return {
      ErrorCode::kEnvironment,
      Format("the GPU has not enough memory: shape {} of {} needs {:.2f} GiB, {:.2f} GiB are free",
             shape.name, problem.name, static_cast<double>(bytes_needed) / kGiB,
             static_cast<double>(device_.FreeBytes()) / kGiB),
      "Free the GPU (nvidia-smi shows who uses it), take a larger one with --device cuda:N, or "
      "give the problem a smaller shape."};
}

Status Evaluator::Warm(const JudgeOrder& order) {
  const auto lock = TRY(Lock(LockMode::kShared));
  TRY(ReadyTrusted(RunnerRole::kOracle, order.reference));
  TRY(ReadyTrusted(RunnerRole::kBaseline,
                   order.baseline.empty() ? order.reference : order.baseline));
  if (Of(RunnerRole::kCandidate).runner == nullptr) TRY(Restart(RunnerRole::kCandidate));
  if (Of(RunnerRole::kCandidate).object.empty()) {
    auto prepared =
        Of(RunnerRole::kCandidate).runner->Prepare(TRY(device_.RunnerImage()), kReadyTimeout);
    if (std::holds_alternative<RunnerFailure>(prepared))
      Of(RunnerRole::kCandidate).runner.reset();  // Ready will say why
  }
  // Compiles the kernels that this problem's types need.
  for (const auto* tensors : {&order.problem.inputs, &order.problem.outputs}) {
    for (const TensorSpec& tensor : *tensors) {
      auto memory = TRY(device_.Allocate(kTensorAlignment));
      if (memory == nullptr) continue;
      TRY(device_.Fill(*memory, tensor.dtype, FillOrderOf(tensor.fill, {}, 1, 1)));
    }
  }
  return device_.Synchronize();
}

Result<double> Evaluator::Expect(CallSets& sets, int set, const JudgeOrder& order) {
  Runner* oracle = TRY(ReadyTrusted(RunnerRole::kOracle, order.reference));
  TRY(device_.Synchronize());
  CallOrder call;
  call.mode = CallMode::kPlain;
  call.set_first = static_cast<std::uint32_t>(set);
  call.host_threads = static_cast<std::uint32_t>(order.sim_threads);
  Lap lap;
  // The reference is slow and right; it gets more time than a candidate.
  auto outcome = oracle->Call(call, CallTimeout(order) * 6);
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    const Error error{ErrorCode::kBadInput,
                      Format("the reference of problem {} failed at shape {}", order.problem.name,
                             sets.shape().name),
                      WithPrinted(*failure)};
    TRY(Restart(RunnerRole::kOracle));
    return error;
  }
  return lap.Us();
}

Status FillPlanned(CallSets& sets, int set, const PlannedCall& plan) {
  if (plan.inputs == PlannedCall::Inputs::kNearDuplicate && TRY(sets.FillNearDuplicate(set)))
    return {};
  return sets.FillInputs(set, plan.fill);
}

}  // namespace caesar
