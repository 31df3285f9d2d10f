// Runs one grid to its end: checks the launch as the hardware does, makes blocks and warps, and
// runs them on as many host threads as the grid allows.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/counters.h"
#include "sim/device_limits.h"
#include "sim/findings.h"
#include "sim/machine.h"
#include "sim/module.h"

namespace caesar::sim {

struct LaunchOptions {
  // Host threads; 0: all cores for grids whose blocks cannot depend on each other (no global
  // atomics, fences, volatile accesses; not cooperative), else one. 1: ascending order of blocks,
  // always the same result.
  int host_threads = 0;
  // The schedule in which the last warp of a block runs first, and the last of independent blocks.
  bool reversed_warps = false;
  bool count = true;         // sectors, waves
  bool check_shared = true;  // the shadow of shared memory
  // The watchdog ends the grid after this many lane operations, or at this time.
  std::uint64_t operations_max = std::uint64_t{4} << 30;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // 0: run all. Else only about this many blocks, evenly spread, for counters; results are
  // worthless.
  std::uint64_t sampled_blocks = 0;
};

struct LaunchShape {
  Dim3 blocks, threads, cluster;
  std::uint32_t dynamic_shared_bytes = 0;
  // cudaFuncAttributeMaxDynamicSharedMemorySize; 0: not set, 48 KiB together with the static.
  std::uint32_t dynamic_shared_max = 0;
  bool cooperative = false;
  bool clustered = false;            // `cluster` was asked for, be it of one block
  bool nonportable_cluster = false;  // cudaFuncAttributeNonPortableClusterSizeAllowed
};

// The allocation that an operation accessed; {0, 0}: none, or not known.
struct TouchedMemory {
  std::uint64_t begin = 0, end = 0;
  bool several = false;  // not this one alone: nothing is known of how often it met which
};

// What a launch left behind, besides the findings.
struct LaunchRecord {
  std::string kernel;  // mangled
  LaunchShape shape;
  std::uint32_t static_shared_bytes = 0;
  const Function* function = nullptr;
  std::vector<OpCounts> counts;  // one for each op of the module; index Function::first_op + pc
  std::vector<TouchedMemory> touched;  // by operation, as counts
  std::uint64_t blocks_run = 0;
  double host_seconds = 0;
  std::string printed;  // by device printf, in order; bounded
};

// `params`: the kernel's parameters, laid out as its .param variables (Function::param_bytes).
// Launch errors (cudaErrorInvalidConfiguration 9, cudaErrorInvalidValue 1, too much shared memory,
// cooperative too large 720) and faults come back as the number of the CUDA error, with a finding;
// 0: done.
int RunGrid(LoadedModule& module, const Function& kernel, const LaunchShape& shape,
            std::vector<std::byte> params, Findings& findings, const LaunchOptions& options,
            LaunchRecord* record);

}  // namespace caesar::sim
