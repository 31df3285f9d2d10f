// What an access of a warp costs the memory system, from the lanes' addresses alone.
#pragma once

#include <cstdint>

#include "sim/program.h"

namespace caesar::sim {

enum class Touch : std::uint8_t { kRead, kWrite, kAtomic };

// Distinct aligned 32-byte sectors.
std::uint32_t SectorsOf(const std::uint64_t* addresses, Mask lanes, std::uint32_t bytes);
// Local memory is interleaved: word n of lane 0 .. 31 lie side by side.
std::uint32_t LocalSectorsOf(const std::uint64_t* offsets, Mask lanes, std::uint32_t bytes);

// Passes through the 32 banks of shared memory, of 4 bytes each. Lanes that ask for the same word
// share a pass; those that change it by atomics do not.
//
// Accesses of 8 (16) bytes per lane are made by halves (quarters) of the warp. Reads whose lanes
// ask for the same in pairs - each lane and the next one, or each and the next but one; lanes that
// take no part do not matter - bring back half as much, and need half as many: by the whole warp
// (by halves). So NVIDIA says (forums.developer.nvidia.com, "Unexpected shared memory bank
// conflict"), and so Nsight Compute counts on an H100.
struct Waves {
  std::uint32_t taken = 0;
  std::uint32_t ideal = 0;  // the same without conflicts
};
Waves WavesOf(const std::uint64_t* offsets, Mask lanes, std::uint32_t bytes, Touch touch);

}  // namespace caesar::sim
