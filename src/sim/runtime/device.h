// The simulated GPU as one process sees it: its memory, what candidates registered, streams, the
// error that stays, and what a call left behind. The entry points (sim/runtime/entry_*.cpp) and the
// runner's device (sim/) are thin around it.
//
// Work is carried out when it is submitted. A kernel that faults behaves as on a GPU: its launch
// succeeds, every later call returns the fault's error, and nothing runs any more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/arena.h"
#include "sim/findings.h"
#include "sim/launch.h"
#include "sim/runtime/abi.h"
#include "sim/runtime/graph.h"
#include "sim/runtime/memory.h"
#include "sim/runtime/program.h"
#include "sim/runtime/streams.h"
#include "sim/runtime/task.h"

namespace caesar::sim {

// All launches of one kernel with one shape during a call.
struct KernelRun {
  LaunchRecord record;  // counts, blocks_run and host_seconds: sums
  const LoadedModule* module = nullptr;
  std::uint64_t launches = 1;
  bool other_stream = false;  // at least one was not on the runner's stream
};

struct Transfers {
  std::uint64_t count = 0, bytes = 0;
  void Add(std::uint64_t more) {
    ++count;
    bytes += more;
  }
};

struct CallReport {
  std::vector<KernelRun> kernels;  // in order of their first launch
  std::vector<Finding> findings;
  std::uint64_t findings_dropped = 0;
  Transfers copies, sets;  // on the device
  Transfers host_copies;   // from or to host memory
  std::uint64_t host_functions = 0;
  int other_stream_records = 0;  // work on streams other than the runner's
  int dropped = 0;               // launches beyond kKernelRunsMax
  abi::Error error = 0;          // that the device is left with; 0: it works
};

// Calls a function of the candidate's, in which the runtime may not be called (cudaLaunchHostFunc:
// such calls answer cudaErrorNotPermitted).
void CallHostFunction(void (*function)(void*), void* data);
bool InHostFunction();  // this thread

// Where GraphBook or Graph::kDepthMax refuses.
inline constexpr const char* kGraphsTooLarge =
    "more than 65536 graphs, or 64 MiB of their nodes, or graphs nested deeper than 32";

class Device {
 public:
  static constexpr std::size_t kKernelRunsMax = 1024;

  // The process's device, made on the first call with this much memory; it is never destroyed, as
  // candidates use it until the process ends. Error (kEnvironment): no addresses.
  static Result<Device*> Open(std::uint64_t memory_bytes_max);
  // The same for entry points, with half of the machine's memory; null: it cannot be made.
  static Device* Current();

  // The runner's side. Each takes the lock.
  Result<void*> MapTensor(int fd, std::uint64_t mapped_bytes, std::uint64_t offset,
                          std::uint64_t bytes, bool writable, const std::string& name);
  void UnmapTensors();
  void* stream() { return runner_stream_; }
  void BeginCall();
  CallReport EndCall();  // waits; prints what the device printed
  void SetLaunchOptions(const LaunchOptions& options);

  // The entry points' side. Runs `body` under the lock; an exception becomes an error.
  // `checked`: a device with a fault answers with it instead.
  abi::Error Run(bool checked, const std::function<abi::Error()>& body);

  struct Launch {
    LaunchShape shape;
    void* stream = nullptr;
  };
  // `args[i]` points to the i-th parameter.
  abi::Error LaunchKernel(const void* function, const Launch& launch, void** args);
  // What launches a kernel: parameters are read now. Errors as of a launch.
  abi::Error MakeLaunch(const void* function, LaunchShape shape, void** args, KernelTask* task);
  abi::Error LaunchGraph(const GraphExec& exec, void* stream);
  // Carries `task` out, or keeps it where the stream captures.
  abi::Error Submit(void* stream, Task task);
  // As part of what Submit carries out.
  abi::Error RunKernel(Kernel& kernel, const LaunchShape& shape,
                       const std::vector<std::byte>& params);
  // The same, without the lock, which other threads may need meanwhile.
  void CallHost(void (*function)(void*), void* data);
  abi::Error fault() const { return fault_; }
  abi::Error Synchronize();  // prints what the device printed
  void NoteCopy(bool touches_host, std::uint64_t bytes) {
    (touches_host ? report_.host_copies : report_.copies).Add(bytes);
  }
  void NoteSet(std::uint64_t bytes) { report_.sets.Add(bytes); }
  // "not simulated: cudaMallocArray (textures)": a finding, and cudaErrorNotSupported.
  abi::Error NotSimulated(const std::string& what);
  // An error that is a fault (a copy into a read-only input) stays, as a kernel's does.
  abi::Error Fail(abi::Error error);
  // Reports why, where there is a text, and returns the error.
  abi::Error Refuse(const Refusal& refusal);
  void Report(FindingKind kind, std::string text, const std::string& kernel = {});

  DeviceMemory memory;
  Pools pools;
  Program program;
  Graphs graphs;
  Streams streams{graphs};
  std::unordered_map<int, std::uint64_t> limits;  // cudaDeviceSetLimit

 private:
  explicit Device(std::unique_ptr<Arena> arena);

  void Keep(const LoadedModule* module, LaunchRecord record);
  void Print();
  std::size_t printed_bytes_max() { return limits[abi::kLimitPrintf]; }

  std::mutex mutex_;
  std::unique_ptr<Arena> arena_;
  Findings findings_;
  LaunchOptions options_;
  CallReport report_;
  std::set<std::uint64_t> tensors_;
  std::uint64_t launches_ = 0;  // of the call
  void* runner_stream_ = nullptr;
  Stream* running_on_ = nullptr;  // the stream of the work that is being carried out
  abi::Error fault_ = abi::kSuccess;
  std::string printed_;  // by the device, not yet by us
};

}  // namespace caesar::sim
