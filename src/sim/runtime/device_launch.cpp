// Kernels on the device: what a launch is checked for before it runs, and what is kept of it.
#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/format.h"
#include "sim/runtime/device.h"

namespace caesar::sim {
namespace {

// What cudaFuncSetAttribute said before joins what the launch says.
void Complete(const Kernel& kernel, LaunchShape* shape) {
  shape->dynamic_shared_max = static_cast<std::uint32_t>(kernel.max_dynamic_shared);
  shape->nonportable_cluster = kernel.non_portable_cluster != 0;
  if (shape->clustered || kernel.required_cluster[0] == 0) return;
  const auto size = [&](int i) {
    return static_cast<std::uint32_t>(std::max(kernel.required_cluster[i], 1));
  };
  shape->cluster = {size(0), size(1), size(2)};
  shape->clustered = true;
}

// Errors of a grid that had begun: the device answers with them from then on. Others refuse a
// launch and leave it as it was.
bool IsFault(abi::Error error) {
  switch (error) {
    case 700:  // cudaErrorIllegalAddress
    case 702:  // cudaErrorLaunchTimeout
    case 710:  // cudaErrorAssert
    case 714:  // cudaErrorHardwareStackError
    case 715:  // cudaErrorIllegalInstruction
    case 716:  // cudaErrorMisalignedAddress
    case 717:  // cudaErrorInvalidAddressSpace
    case 718:  // cudaErrorInvalidPc
    case 719:  // cudaErrorLaunchFailure
      return true;
    default:
      return false;
  }
}

bool SameShape(const LaunchShape& a, const LaunchShape& b) {
  const auto same = [](const Dim3& x, const Dim3& y) {
    return x.x == y.x && x.y == y.y && x.z == y.z;
  };
  return same(a.blocks, b.blocks) && same(a.threads, b.threads) && same(a.cluster, b.cluster) &&
         a.dynamic_shared_bytes == b.dynamic_shared_bytes && a.cooperative == b.cooperative;
}

// One launch's memory and another's. No launch's traffic counts less where the larger one stands
// for both, and the operation is by itself: the number of the operation is nobody's address.
void AddUp(const TouchedMemory& more, std::size_t operation, TouchedMemory* sum) {
  const bool several = sum->several || more.several;
  if (sum->end == 0) {
    *sum = more;
  } else if (more.end != 0 && (more.begin != sum->begin || more.end != sum->end)) {
    const std::uint64_t most = std::max(more.end - more.begin, sum->end - sum->begin);
    *sum = {operation, operation + most};
  }
  sum->several = several;
}

void AddUp(const LaunchRecord& record, LaunchRecord* sum) {
  sum->blocks_run += record.blocks_run;
  sum->host_seconds += record.host_seconds;
  if (sum->counts.size() < record.counts.size()) sum->counts.resize(record.counts.size());
  for (std::size_t i = 0; i < record.counts.size(); ++i) sum->counts[i] += record.counts[i];
  if (sum->touched.size() < record.touched.size()) sum->touched.resize(record.touched.size());
  for (std::size_t i = 0; i < record.touched.size(); ++i) {
    AddUp(record.touched[i], i, &sum->touched[i]);
  }
}

// The parameters as the kernel's .param variables lie.
abi::Error ReadParams(const Function& kernel, void** args, std::vector<std::byte>* params) {
  params->assign(kernel.param_bytes, std::byte{});
  if (!kernel.parameters.empty() && args == nullptr) return abi::kInvalidValue;
  for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
    const ParameterSlot& slot = kernel.parameters[i];
    if (slot.bytes == 0) continue;
    if (args[i] == nullptr) return abi::kInvalidValue;
    std::memcpy(params->data() + slot.offset, args[i], slot.bytes);
  }
  return abi::kSuccess;
}

}  // namespace

abi::Error Device::MakeLaunch(const void* function, LaunchShape shape, void** args,
                              KernelTask* task) {
  Kernel* kernel = program.Find(function);
  if (kernel == nullptr) return abi::kInvalidDeviceFunction;
  if (const Refusal refusal = program.Prepare(*kernel); refusal.error != abi::kSuccess) {
    Report(FindingKind::kNotSimulated, refusal.text, kernel->name);
    return refusal.error;
  }
  std::vector<std::byte> params;
  if (const abi::Error error = ReadParams(*kernel->function, args, &params);
      error != abi::kSuccess) {
    return error;
  }
  Complete(*kernel, &shape);
  *task = {kernel, function, shape, std::move(params)};
  return abi::kSuccess;
}

abi::Error Device::LaunchKernel(const void* function, const Launch& launch, void** args) {
  KernelTask task;
  if (const abi::Error error = MakeLaunch(function, launch.shape, args, &task);
      error != abi::kSuccess) {
    return error;
  }
  return Submit(launch.stream, std::move(task));
}

// Errors of the launch itself are returned; a fault while the grid runs is found by later calls, as
// on a GPU, where the launch returns before the grid runs.
abi::Error Device::RunKernel(Kernel& kernel, const LaunchShape& shape,
                             const std::vector<std::byte>& params) {
  LoadedModule& module = *kernel.binary->module;
  ++launches_;
  // A grid's own watchdog sees nothing of many short ones.
  if (std::chrono::steady_clock::now() > options_.deadline) {
    Report(FindingKind::kWatchdog, Format("the call's time is over after {} launches", launches_),
           kernel.name);
    Fail(CudaErrorOf(FindingKind::kWatchdog));
    return abi::kSuccess;
  }
  LaunchRecord record;
  const abi::Error error =
      RunGrid(module, *kernel.function, shape, params, findings_, options_, &record);
  Keep(&module, std::move(record));
  Fail(error);
  return IsFault(error) ? abi::kSuccess : error;
}

abi::Error Device::Fail(abi::Error error) {
  if (IsFault(error)) fault_ = error;
  return error;
}

abi::Error Device::Refuse(const Refusal& refusal) {
  if (!refusal.text.empty()) Report(FindingKind::kNotSimulated, refusal.text);
  return refusal.error;
}

void Device::Keep(const LoadedModule* module, LaunchRecord record) {
  const std::size_t room = printed_bytes_max() - std::min(printed_.size(), printed_bytes_max());
  if (record.printed.size() > room) {
    Report(FindingKind::kPrintfOverflow,
           Format("device printf wrote more than the {} bytes of its buffer before the host "
                  "synchronised; the rest is lost",
                  printed_bytes_max()),
           record.kernel);
  }
  printed_.append(record.printed, 0, room);
  record.printed.clear();

  const bool elsewhere = running_on_ != runner_stream_;
  for (KernelRun& run : report_.kernels) {
    if (run.record.function != record.function || !SameShape(run.record.shape, record.shape)) {
      continue;
    }
    ++run.launches;
    run.other_stream |= elsewhere;
    AddUp(record, &run.record);
    return;
  }
  if (report_.kernels.size() == kKernelRunsMax) {
    ++report_.dropped;
    return;
  }
  report_.kernels.push_back({std::move(record), module, 1, elsewhere});
}

}  // namespace caesar::sim
