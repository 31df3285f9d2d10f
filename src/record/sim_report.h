// What the simulated GPU says of one call: what it found wrong, and what a profiler would count.
// Written by a runner (a claim: bounded when it is parsed), kept in verdict.json, shown to people
// and to the model. No number here is a measured time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace caesar {

struct SimFinding {
  std::string kind;  // out_of_bounds, race, uninitialized_shared, deadlock, not_simulated, ...
  std::string text;  // one sentence
  std::string kernel;
  std::string file;  // of the candidate; empty: unknown
  int line = 0;
  std::int64_t block[3] = {};
  std::int64_t thread[3] = {};
  std::int64_t count = 1;
  bool fatal = false;  // ended the kernel
};

// Sums over all warps and launches of one kernel, or of one of its source lines.
struct SimCounts {
  std::int64_t warp_instructions = 0;
  std::int64_t lane_instructions = 0;  // over 32 times warp_instructions: SIMD efficiency
  // Warp instructions by class: integer, float32, float64, half, tensor, special, convert, move,
  // load_global, store_global, load_shared, store_shared, load_local, store_local, atomic,
  // async_copy, control, barrier, warp_sync, other; zero ones left out.
  std::vector<std::pair<std::string, std::int64_t>> classes;
  std::int64_t global_requests = 0, global_sectors = 0, global_bytes = 0;
  std::int64_t shared_requests = 0, shared_waves = 0, shared_waves_ideal = 0;
  std::int64_t local_sectors = 0;
  std::int64_t barriers = 0, atomics = 0;

  // The ratios that people look at. 0: there was nothing to divide by.
  double SimdEfficiency() const;          // active lanes over all lanes, 0 to 1
  double SectorsPerRequest() const;       // of global memory
  double SectorsPerRequestIdeal() const;  // if every byte of each sector had been asked for
  double WavesPerRequest() const;         // of shared memory
  double WavesPerRequestIdeal() const;    // without bank conflicts
};

struct SimLine {
  std::string file;
  int line = 0;
  SimCounts counts;
  double share = 0;  // of what the cost model charges the kernel for
};

struct SimKernel {
  std::string name;  // demangled
  std::int64_t launches = 1;
  std::int64_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1}, cluster[3] = {1, 1, 1};
  std::int64_t blocks = 0, blocks_run = 0;  // fewer run than there are: the counts are scaled up
  std::int64_t shared_bytes = 0;            // static and dynamic
  int registers = 0;                        // from ptxas; 0: unknown
  double occupancy = 0;                     // resident warps over what a multiprocessor holds
  std::string occupancy_limit;              // registers, shared memory, threads, blocks
  SimCounts counts;
  std::vector<SimLine> lines;  // the costliest, in order of lines
  // Of one launch, from the cost model of docs/simulator.md. Never a measurement.
  double estimated_us = 0;
  std::string
      bound;  // what the estimate is limited by: dram, l2, issue, shared, tensor, latency, ...
};

// Work of a call that no kernel does.
struct SimTransfer {
  std::string kind;  // copy (on the device), host_copy (to or from host memory), set, host_function
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  double estimated_us = 0;  // of all of them; a host function's time is not known
};

struct SimReport {
  std::vector<SimFinding> findings;
  std::int64_t findings_dropped = 0;
  std::vector<SimKernel>
      kernels;  // in order of their first launch; same kernel and shape: one entry
  std::vector<SimTransfer> transfers;  // one entry for each kind
  std::int64_t launches_dropped = 0;   // of too many different kernels: not in the estimate
  double estimated_us = 0;             // of the call
};

// No count in a report is larger: that of everything in it can then be added up without overflow.
inline constexpr std::int64_t kSimCountMax = 1'000'000'000'000'000;

std::string ToJson(const SimReport& report, int indent = -1);
// At most 64 findings, 64 kernels, 64 lines each, texts of 400 bytes; what is beyond is dropped.
// Error (kBadInput): no such document, more than 16 MiB of it, a count that is negative or beyond
// kSimCountMax, a time or share that is no finite number of at least 0.
Result<SimReport> ParseSimReport(std::string_view json);

}  // namespace caesar
