#include "sim/runtime/device.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <utility>

#include "base/format.h"
#include "sim/device_limits.h"
#include "sys/host_memory.h"

namespace caesar::sim {
namespace {

std::mutex open_mutex;
Device* opened = nullptr;
thread_local bool in_host_function = false;

}  // namespace

void CallHostFunction(void (*function)(void*), void* data) {
  struct Mark {  // until the function returns or throws
    bool before = std::exchange(in_host_function, true);
    ~Mark() { in_host_function = before; }
  } mark;
  function(data);
}

bool InHostFunction() { return in_host_function; }

Device::Device(std::unique_ptr<Arena> arena)
    : memory(*arena, [this](FindingKind kind, std::string text) { Report(kind, std::move(text)); }),
      program(*arena, memory),
      arena_(std::move(arena)) {
  limits = {{abi::kLimitStack, 1024},
            {abi::kLimitPrintf, DeviceLimits::kPrintfBytes},
            {abi::kLimitHeap, std::uint64_t{8} << 20},
            {abi::kLimitL2Fetch, 64},
            {abi::kLimitPersistingL2, 0}};
  runner_stream_ = streams.Create(0, 0);
}

Result<Device*> Device::Open(std::uint64_t memory_bytes_max) {
  const std::lock_guard lock(open_mutex);
  if (opened == nullptr) opened = new Device(TRY(Arena::Make(memory_bytes_max)));
  return opened;
}

Device* Device::Current() {
  {
    const std::lock_guard lock(open_mutex);
    if (opened != nullptr) return opened;
  }
  const auto made = Open(HostMemoryBytes() / 2);
  return made.ok() ? made.value() : nullptr;
}

Result<void*> Device::MapTensor(int fd, std::uint64_t mapped_bytes, std::uint64_t offset,
                                std::uint64_t bytes, bool writable, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t address = TRY(arena_->Map(fd, mapped_bytes, offset, bytes, writable, name));
  tensors_.insert(address);
  return reinterpret_cast<void*>(address);
}

void Device::UnmapTensors() {
  const std::lock_guard lock(mutex_);
  for (const std::uint64_t address : tensors_) arena_->Free(address);
  tensors_.clear();
}

void Device::SetLaunchOptions(const LaunchOptions& options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

void Device::BeginCall() {
  const std::lock_guard lock(mutex_);
  report_ = {};
  launches_ = 0;
  findings_.Take();
}

CallReport Device::EndCall() {
  const std::lock_guard lock(mutex_);
  Print();
  CallReport report = std::move(report_);
  report_ = {};
  report.findings = findings_.Take(&report.findings_dropped);
  report.error = fault_;
  return report;
}

abi::Error Device::Run(bool checked, const std::function<abi::Error()>& body) {
  try {
    const std::lock_guard lock(mutex_);
    if (checked && fault_ != abi::kSuccess) return fault_;
    return body();
  } catch (const std::bad_alloc&) {
    return abi::kMemoryAllocation;
  } catch (const std::exception&) {
    return abi::kUnknown;
  }
}

void Device::Report(FindingKind kind, std::string text, const std::string& kernel) {
  Finding finding;
  finding.kind = kind;
  finding.kernel = kernel;
  const std::uint64_t key = std::hash<std::string>{}(text);
  finding.text = std::move(text);
  findings_.Add(key, std::move(finding));
}

abi::Error Device::NotSimulated(const std::string& what) {
  Report(FindingKind::kNotSimulated, "not simulated: " + what);
  return abi::kNotSupported;
}

abi::Error Device::Submit(void* handle, Task task) {
  Stream* stream = streams.Find(handle);
  if (stream == nullptr) return abi::kInvalidResourceHandle;
  if (stream->capture != nullptr) {
    const abi::Error error = streams.Keep(*stream, std::move(task));
    return error == abi::kMemoryAllocation ? NotSimulated(kGraphsTooLarge) : error;
  }
  if (stream == &streams.legacy()) {
    if (const abi::Error error = streams.Implicit(); error != abi::kSuccess) return error;
  }
  if (stream != runner_stream_) ++report_.other_stream_records;
  running_on_ = stream;
  return Carry(*this, task);
}

// Captured, it becomes a graph within.
abi::Error Device::LaunchGraph(const GraphExec& exec, void* handle) {
  Stream* stream = streams.Find(handle);
  if (stream == nullptr) return abi::kInvalidResourceHandle;
  ChildTask task{exec.graph};
  if (stream->capture != nullptr) {
    task.graph = exec.graph->Clone();
    if (task.graph == nullptr) return NotSimulated(kGraphsTooLarge);
  }
  return Submit(handle, std::move(task));
}

void Device::CallHost(void (*function)(void*), void* data) {
  ++report_.host_functions;
  struct Unlocked {
    std::mutex& mutex;
    explicit Unlocked(std::mutex& held) : mutex(held) { mutex.unlock(); }
    ~Unlocked() { mutex.lock(); }
  } unlocked(mutex_);
  CallHostFunction(function, data);
}

abi::Error Device::Synchronize() {
  Print();
  return fault_;
}

void Device::Print() {
  if (printed_.empty()) return;
  std::fwrite(printed_.data(), 1, printed_.size(), stdout);
  std::fflush(stdout);
  printed_.clear();
}

}  // namespace caesar::sim
