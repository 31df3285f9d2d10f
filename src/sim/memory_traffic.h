// What an access of a warp costs the memory system, from the lanes' addresses alone.
#pragma once

#include <cstdint>

#include "sim/program.h"

namespace caesar::sim {

// Distinct aligned 32-byte sectors.
std::uint32_t SectorsOf(const std::uint64_t* addresses, Mask lanes, std::uint32_t bytes);
// Local memory is interleaved: word n of lane 0 .. 31 lie side by side.
std::uint32_t LocalSectorsOf(const std::uint64_t* offsets, Mask lanes, std::uint32_t bytes);
// Passes through 32 banks of 4 bytes. Accesses of 8 (16) bytes per lane are made by halves
// (quarters) of the warp. Lanes that ask for the same word share a pass; those that change it by
// atomics (`each`) do not.
std::uint32_t WavesOf(const std::uint64_t* offsets, Mask lanes, std::uint32_t bytes,
                      bool each = false);
// Without conflicts.
std::uint32_t IdealWavesOf(Mask lanes, std::uint32_t bytes);

}  // namespace caesar::sim
