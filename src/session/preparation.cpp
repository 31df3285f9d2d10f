#include "session/preparation.h"

#include <chrono>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"

namespace caesar {

std::string ArchFor(const DeviceInfo* device) {
  return device == nullptr ? "sm_90a" : device->Arch();
}

Preparation::~Preparation() {
  cancel_.Request(StopLevel::kNow);
  if (thread_.joinable()) thread_.join();
}

void Preparation::Start(const DeviceInfo* device) {
  if (thread_.joinable()) {
    const std::lock_guard lock(mutex_);
    if (!done_) return;
  }
  if (thread_.joinable()) thread_.join();
  done_ = false;
  prepared_.reset();
  const bool warm = device != nullptr;
  thread_ = std::thread([this, arch = ArchFor(device), warm] { Run(arch, warm); });
}

Result<Prepared> Preparation::Wait(const DeviceInfo* device) {
  if (!thread_.joinable()) Start(device);
  std::unique_lock lock(mutex_);
  // The compiler in the thread listens to cancel_ alone; passing the user's wish on takes at most
  // one interval.
  while (!finished_.wait_for(lock, std::chrono::milliseconds(50), [this] { return done_; })) {
    if (world_.stop.now()) cancel_.Request(StopLevel::kNow);
  }
  CHECK(prepared_.has_value());
  return *prepared_;
}

void Preparation::Run(const std::string& arch, bool warm) {
  auto prepared = Prepare(arch, warm);
  const std::lock_guard lock(mutex_);
  prepared_ = std::move(prepared);
  done_ = true;
  finished_.notify_all();
}

Result<Prepared> Preparation::Prepare(const std::string& arch, bool warm) {
  const StopToken stop(cancel_);
  Prepared prepared;
  prepared.reference = TRY(CompileOwn(spec_, world_.compiler, Role::kReference, arch, stop)).object;
  if (arch == kSimArch) prepared.baseline_skipped = WhyBaselineIsNotSimulated(*spec_.problem);
  if (spec_.problem->baseline && prepared.baseline_skipped.empty()) {
    prepared.baseline = TRY(CompileOwn(spec_, world_.compiler, Role::kBaseline, arch, stop)).object;
  }
  if (warm) world_.judge.Warm(RequestFor(spec_, prepared, ""));
  return prepared;
}

Result<Compiled> CompileOwn(const SampleSpec& spec, Compiler& compiler, Role role,
                            const std::string& arch, StopToken stop) {
  const bool reference = role == Role::kReference;
  CompileRequest request;
  request.problem = spec.problem;
  request.source = reference ? spec.problem->reference : spec.problem->baseline.value_or("");
  request.role = role;
  request.arch = arch;
  request.timeout = Milliseconds(spec.config.compile_timeout_ms);
  CompileOutcome outcome = TRY(compiler.Compile(request, stop));
  if (auto* compiled = std::get_if<Compiled>(&outcome)) return std::move(*compiled);
  const std::string what =
      Format("problem {}: {}", spec.problem->name, reference ? "reference.cu" : "baseline.cu");
  if (const auto* failed = std::get_if<CompileFailed>(&outcome)) {
    return Error{ErrorCode::kBadInput, what + " does not compile: " + failed->headline,
                 std::string(Trim(failed->log))};
  }
  return Error{ErrorCode::kBadInput,
               Format("{} did not compile within {} ms", what, spec.config.compile_timeout_ms),
               std::get<CompileTimedOut>(outcome).log};
}

JudgeRequest RequestFor(const SampleSpec& spec, const Prepared& prepared,
                        const std::string& candidate) {
  JudgeRequest request;
  request.problem = spec.problem;
  request.reference = prepared.reference;
  request.baseline = prepared.baseline;
  request.baseline_skipped = prepared.baseline_skipped;
  request.candidate = candidate;
  request.timing = spec.config.timing;
  request.call_timeout = Milliseconds(spec.config.call_timeout_ms);
  request.sim_threads = spec.config.sim_threads;
  return request;
}

}  // namespace caesar
