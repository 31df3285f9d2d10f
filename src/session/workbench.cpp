#include "session/workbench.h"

#include "base/format.h"
#include "record/paths.h"

namespace caesar {
Result<const DeviceInfo*> Workbench::Device() {
  if (!hello_) {
    auto hello = world_.judge.Hello(world_.stop);
    if (!hello.ok() && hello.error().code != ErrorCode::kEnvironment) return hello.error();
    hello_ = std::move(hello);
  }
  if (!hello_->ok()) return static_cast<const DeviceInfo*>(nullptr);
  const DeviceInfo& device = hello_->value();
  if (!device_.empty() && device.name != device_) {
    return Error{
        ErrorCode::kEnvironment,
        Format("{} was begun on {}, but the device here is {}", folder_, device_, device.name),
        "Times of two kinds of device do not compare. Choose the device with --device, or start a "
        "new run "
        "directory with --out."};
  }
  return &device;
}

Result<const DeviceInfo*> Workbench::RequireDevice(int round) {
  const DeviceInfo* device = TRY(Device());
  if (device != nullptr) return device;
  const Error& why = hello_->error();
  return Error{ErrorCode::kEnvironment,
               Format("the kernel of round {} compiled, but checking it needs a device: {}", round,
                      why.message),
               why.detail};
}

Result<std::string> Workbench::Arch() { return ArchFor(TRY(Device())); }

Result<CompileOutcome> Workbench::CompileSource(const std::string& source) {
  CompileRequest request;
  request.problem = spec_.problem;
  request.source = source;
  request.role = Role::kCandidate;
  request.arch = TRY(Arch());
  request.timeout = Milliseconds(spec_.config.compile_timeout_ms);
  return world_.compiler.Compile(request, world_.stop);
}

Result<CompileOutcome> Workbench::Compile(int round, const std::string& source) {
  CompileOutcome outcome = TRY(CompileSource(source));
  if (const auto* compiled = std::get_if<Compiled>(&outcome)) candidate_ = {round, *compiled};
  return outcome;
}

Result<Compiled> Workbench::Remembered(OfRound& known, int round) {
  if (known && known->first == round) return known->second;
  const std::string path = Round(round).Path(kKernelFile);
  const CompileOutcome outcome = TRY(CompileSource(TRY(Round(round).Read(kKernelFile))));
  if (const auto* compiled = std::get_if<Compiled>(&outcome)) {
    known = {round, *compiled};
    return *compiled;
  }
  return Error{ErrorCode::kEnvironment, path + " compiled before, but does not compile here now",
               "Use the CUDA toolkit that the sample was begun with, or start a new run directory "
               "with --out."};
}

Result<Compiled> Workbench::Candidate(int round) { return Remembered(candidate_, round); }

Result<Compiled> Workbench::Best(int round) {
  if (candidate_ && candidate_->first == round) return candidate_->second;
  return Remembered(best_, round);
}

RoundCallLog& Workbench::Calls(const RoundFiles& files) {
  calls_ = std::make_unique<RoundCallLog>(world_, files, budget_);
  return *calls_;
}

Status Workbench::FlushCalls() { return calls_ == nullptr ? Status() : calls_->Flush(); }

}  // namespace caesar
