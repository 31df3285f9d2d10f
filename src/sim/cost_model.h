// An estimate of how long a kernel takes on one NVIDIA H100 SXM5 80GB, from what the simulator
// counted. It is a model, not a measurement: docs/simulator.md says what it knows and what it does
// not. Its figures are in cost_model.cpp, each with its source.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/activity.h"

namespace caesar::sim {

// What may limit a kernel.
enum class Bound : std::uint8_t {
  kDram,
  kL2,
  kL1,
  kShared,
  kIssue,  // instructions, whatever they do
  kFloat32,
  kFloat64,
  kInteger,
  kHalf,
  kSpecial,
  kConvert,
  kTensor,
  kAtomics,
  kLatency,  // too few warps, or too little in flight, to hide it
  kLaunch,   // it is over before anything else counts
  kCount
};
std::string_view Name(Bound bound);  // "dram", "l2", "float32", ...

// One launch.
struct KernelLoad {
  Activity work;
  // Sectors of global memory that are read and written at least once; the rest of the requests
  // finds them in a cache. Atomics read and write. No more count than were requested.
  double unique_load_sectors = 0, unique_store_sectors = 0;
  double blocks = 1;
  std::uint32_t threads = 1;   // of a block
  std::uint32_t resident = 1;  // blocks that a multiprocessor holds at a time
};

struct Estimate {
  double us = 0;
  Bound bound = Bound::kLaunch;
  // What each limit alone would take.
  std::array<double, static_cast<std::size_t>(Bound::kCount)> parts_us = {};
};

// Finite and at least 0 for all finite loads, and never less where something is counted more.
Estimate EstimateOf(const KernelLoad& load);

// Copies or sets of device memory, by what DRAM moves; or copies between host and device.
double TransferMicroseconds(double count, double dram_bytes);
double HostCopyMicroseconds(double count, double bytes);

// Cycles that a multiprocessor would spend on this work if it did one thing at a time: what makes
// one source line costlier than another.
double CyclesOf(const Activity& work);

}  // namespace caesar::sim
