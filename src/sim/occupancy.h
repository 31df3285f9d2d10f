// How many blocks of a kernel one multiprocessor of the simulated GPU holds at a time, and what
// keeps it from holding more.
//
// Rules and granularities: the occupancy calculator of the CUDA toolkit (cuda_occupancy.h) for
// compute capability 9.0.
#pragma once

#include <cstdint>
#include <string_view>

namespace caesar::sim {

struct Occupancy {
  enum class Limit : std::uint8_t { kThreads, kRegisters, kSharedMemory, kBlocks };
  std::uint32_t blocks = 0;  // 0: it cannot be launched
  Limit limit = Limit::kThreads;
};

// "threads", "registers", "shared memory", "blocks".
std::string_view Name(Occupancy::Limit limit);

// `registers`: of a thread; 0: unknown, they limit nothing. `shared_bytes`: of a block, static and
// dynamic. Where two limits are equal, the first in the order above is named.
Occupancy OccupancyOf(std::uint32_t threads, std::uint32_t registers, std::uint64_t shared_bytes);

// Resident warps over those that a multiprocessor has room for: 0 to 1.
double ShareOf(const Occupancy& occupancy, std::uint32_t threads);

}  // namespace caesar::sim
