// The runner: maps the judge's tensors, loads one shared object, calls its entry point when told
// to, and claims what it saw. It decides nothing. Once the object is loaded, this process belongs
// to the candidate.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "base/format.h"
#include "judge/arguments.h"
#include "judge/channel.h"
#include "judge/main.h"
#include "judge/runner_protocol.h"
#include "problem/signature.h"
#include "sys/sandbox.h"

namespace caesar {
namespace {

using Entry = int (*)(void* const* arguments, void* stream, const char** error_name);

constexpr std::uint64_t kImageBytesMax = std::uint64_t{64} << 20;

double MicrosecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
      .count();
}

template <std::size_t kSize>
void CopyText(char (&to)[kSize], std::string_view from) {
  const std::size_t count = std::min(from.size(), kSize - 1);
  std::memcpy(to, from.data(), count);
  to[count] = '\0';
}

class RunnerLoop {
 public:
  RunnerLoop(RunnerDevice& device, int socket, SharedControl control, bool sandboxed)
      : device_(device), socket_(socket), control_(std::move(control)), sandboxed_(sandboxed) {}

  // Serves until the judge is gone.
  int Run();

 private:
  Status Serve(const RunnerMessage& message, int fd);
  Status Load(int fd);
  Status Map(const RunnerMessage& message, int fd);
  void Call(const CallOrder& order, CallClaim& claim);
  Status CallOnce(const CallOrder& order, std::uint32_t set, CallClaim& claim);
  Status Launch(const CallOrder& order, CallClaim& claim);
  bool ServeMessage(Milliseconds timeout);  // false: the judge is gone
  void ServeOrder(std::uint32_t generation);
  void KeepReport();

  struct Set {
    std::vector<std::vector<void*>> addresses;  // [tensor][mapping]
  };

  RunnerDevice& device_;
  int socket_;
  SharedControl control_;
  const bool sandboxed_;
  Entry entry_ = nullptr;
  std::vector<Set> sets_;
  std::vector<RunnerArgument> arguments_;
};

Status RunnerLoop::Load(int fd) {
  if (sandboxed_) TRY(SealProcess());  // from the next line on this process is the candidate's
  // The object comes as sealed memory: nothing on disk is shared with the candidate.
  const std::string path = Format("/proc/self/fd/{}", fd);
  void* object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr)
    return Error{ErrorCode::kEnvironment, Format("the shared object does not load: {}", dlerror()),
                 ""};
  entry_ = reinterpret_cast<Entry>(dlsym(object, kEntrySymbol));
  if (entry_ == nullptr)
    return Error{ErrorCode::kEnvironment, Format("the shared object has no {}", kEntrySymbol), ""};
  return {};
}

Status RunnerLoop::Map(const RunnerMessage& message, int fd) {
  if (message.set >= kSetsMax || message.tensor >= kArgumentsMax)
    return Error{ErrorCode::kInternal, "set or tensor out of range", ""};
  TensorMemory memory;
  memory.fd = fd;
  memory.mapped_bytes = message.mapped_bytes;
  memory.offset = message.offset;
  memory.bytes = message.bytes;
  memory.name.assign(message.name, strnlen(message.name, sizeof message.name));
  if (sets_.size() <= message.set) sets_.resize(message.set + 1);
  auto& addresses = sets_[message.set].addresses;
  if (addresses.size() <= message.tensor) addresses.resize(message.tensor + 1);
  addresses[message.tensor] = TRY(device_.Map(memory, message.writable != 0, kMappingsPerTensor));
  return {};
}

Status RunnerLoop::Serve(const RunnerMessage& message, int fd) {
  switch (message.verb) {
    case RunnerVerb::kHello:
      return {};
    case RunnerVerb::kImage:
      return device_.LoadImage(TRY(ReadAll(fd, kImageBytesMax)));
    case RunnerVerb::kLoad:
      return Load(fd);
    case RunnerVerb::kMap:
      return Map(message, fd);
    case RunnerVerb::kUnmapAll:
      sets_.clear();
      return device_.UnmapAll();
    case RunnerVerb::kArguments:
      if (message.argument_count > kArgumentsMax)
        return Error{ErrorCode::kInternal, "too many arguments", ""};
      arguments_.assign(message.arguments, message.arguments + message.argument_count);
      return {};
  }
  return Error{ErrorCode::kInternal, "unknown verb", ""};
}

Status RunnerLoop::CallOnce(const CallOrder& order, std::uint32_t set, CallClaim& claim) {
  if (entry_ == nullptr || set >= sets_.size())
    return Error{ErrorCode::kInternal, "called before it was loaded", ""};
  void* values[kArgumentsMax];
  void* pointers[kArgumentsMax];
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    const RunnerArgument& argument = arguments_[i];
    pointers[i] = &values[i];
    if (argument.kind == RunnerArgument::Kind::kTensor) {
      values[i] = sets_[set].addresses.at(argument.tensor).at(order.mapping);
    } else {
      std::memcpy(&values[i], &argument.value, sizeof values[i]);
    }
  }
  const char* error_name = nullptr;
  const auto begin = std::chrono::steady_clock::now();
  const int error = entry_(pointers, device_.stream(), &error_name);
  claim.launcher_us += MicrosecondsSince(begin);
  if (error != 0) {
    claim.status = CallStatus::kLaunchError;
    CopyText(claim.text, error_name != nullptr ? error_name : Format("CUDA error {}", error));
  }
  return {};
}

Status RunnerLoop::Launch(const CallOrder& order, CallClaim& claim) {
  if (order.mode == CallMode::kNull) {
    for (std::uint32_t i = 0; i < order.work_kernels; ++i) TRY(device_.Occupy(order.work_us));
    return {};
  }
  for (std::uint32_t i = 0; i < order.set_count && claim.status == CallStatus::kOk; ++i)
    TRY(CallOnce(order, order.set_first + i, claim));
  return {};
}

void RunnerLoop::Call(const CallOrder& order, CallClaim& claim) {
  const auto fail = [&](const Error& error) {
    claim.status = CallStatus::kDeviceError;
    CopyText(claim.text, error.message);
  };
  device_.Simulate({order.reversed_warps != 0, order.profile != 0, order.sampled_blocks,
                    Milliseconds(order.time_limit_ms), static_cast<int>(order.host_threads)});
  const int delay_us = static_cast<int>(order.delay_us);
  if (const Status begun = device_.BeginCall({delay_us, order.watch != 0}); !begun.ok())
    return fail(begun.error());
  const auto begin = std::chrono::steady_clock::now();
  if (const Status called = Launch(order, claim); !called.ok()) return fail(called.error());
  const auto records = device_.EndCall(false);
  claim.wall_us = MicrosecondsSince(begin);
  if (!records.ok()) return fail(records.error());
}

// Fills in what the device recorded.
void Describe(const CallRecords& records, CallClaim& claim) {
  claim.envelope_us = records.envelope_us;
  claim.host_copies = records.host_copies;
  claim.other_stream_records = records.other_stream_records;
  claim.dropped = records.dropped;
  const ApiEvents& events = records.events;
  claim.streams = events.streams;
  claim.contexts = events.contexts;
  claim.modules = events.modules;
  claim.graph_launches = events.graph_launches;
  claim.host_functions = events.host_functions;
  claim.access_changes = events.access_changes;
  claim.other_thread_calls = events.other_thread_calls;
  claim.kernel_count = static_cast<std::int32_t>(records.kernels.size());
  for (std::size_t i = 0;
       i < records.kernels.size() && i < static_cast<std::size_t>(kKernelClaimsMax); ++i) {
    const KernelRecord& kernel = records.kernels[i];
    KernelClaim& slot = claim.kernels[i];
    CopyText(slot.name, kernel.name);
    slot.us = kernel.us;
    slot.registers = kernel.registers;
    slot.shared_bytes = kernel.shared_bytes;
    for (int k = 0; k < 3; ++k) {
      slot.grid[k] = kernel.grid[k];
      slot.block[k] = kernel.block[k];
    }
  }
}

void RunnerLoop::KeepReport() {
  const std::string report = device_.TakeReport();
  if (report.size() > kReportBytesMax) return;
  std::memcpy(control_->report, report.data(), report.size());
  control_->report_bytes = static_cast<std::uint32_t>(report.size());
}

bool RunnerLoop::ServeMessage(Milliseconds timeout) {
  RunnerMessage message;
  auto received = ReceiveMessage(socket_, &message, sizeof message, timeout);
  if (!received.ok()) return false;
  if (!received.value().has_value()) return true;
  Received& got = *received.value();
  if (got.bytes != sizeof message || message.protocol != kRunnerProtocol)
    return false;  // the judge is gone
  RunnerAnswer answer;
  answer.verb = message.verb;
  const Status served = Serve(message, got.fd.get());
  answer.ok = served.ok() ? 1 : 0;
  if (!served.ok()) CopyText(answer.text, served.error().message);
  return SendMessage(socket_, &answer, sizeof answer).ok();
}

void RunnerLoop::ServeOrder(std::uint32_t generation) {
  const CallOrder order = control_->order;
  control_->order = {};  // what kind of call it is concerns nobody else in this process
  if (order.mode == CallMode::kCollect) {
    if (const auto records = device_.EndCall(true); records.ok())
      Describe(records.value(), control_->claim);
  } else {
    CallClaim claim;
    Call(order, claim);
    control_->claim = claim;
    KeepReport();
  }
  control_->done.store(generation, std::memory_order_release);
  WakeWaiters(control_->done);
}

int RunnerLoop::Run() {
  constexpr Milliseconds kIdleSleep{100};
  constexpr Milliseconds kMessageTimeout{10'000};
  std::uint32_t seen = 0;
  bool idle = true;  // do not spin while nothing happens
  for (;;) {
    if (!WaitForChange(control_->go, seen, idle ? std::chrono::microseconds(0) : SpinTime(),
                       kIdleSleep)) {
      idle = true;
      if (!ServeMessage(Milliseconds(0))) return 0;  // notices that the judge is gone
      continue;
    }
    idle = false;
    seen = control_->go.load(std::memory_order_acquire);
    if (control_->order.mode == CallMode::kMessage) {
      if (!ServeMessage(kMessageTimeout)) return 0;
    } else {
      ServeOrder(seen);
    }
  }
}

// Where memory runs out, the system ends this process before the judge or anybody else's. In a
// sandbox that is said already, and for good (sys/sandbox_plan.cpp).
void EndMeFirst() { std::ofstream("/proc/self/oom_score_adj") << 1000; }

}  // namespace

int RunnerMain(int argc, char** argv, DeviceFactory& devices) {
  const auto arguments = ParsePairs(argc, argv);
  if (!arguments.has_value() || arguments->count("--socket") == 0 ||
      arguments->count("--control") == 0) {
    std::fputs("caesar runner: started by the judge, not by people\n", stderr);
    return 2;
  }
  const auto argument = [&](const char* name) {
    return arguments->count(name) != 0 ? arguments->at(name) : std::string();
  };
  const bool sandboxed = argument("--sandbox") == "on";
  if (!sandboxed) EndMeFirst();
  const int socket = std::atoi(argument("--socket").c_str());
  RunnerAnswer hello;
  auto control = SharedControl::Open(std::atoi(argument("--control").c_str()));
  auto device = devices.OpenRunner(argument("--uuid"), argument("--toolkit"));
  hello.ok = control.ok() && device.ok() ? 1 : 0;
  if (!device.ok()) CopyText(hello.text, device.error().message + "\n" + device.error().detail);
  if (!SendMessage(socket, &hello, sizeof hello).ok() || hello.ok == 0) return 3;
  return RunnerLoop(*device.value(), socket, std::move(control).value(), sandboxed).Run();
}

}  // namespace caesar
