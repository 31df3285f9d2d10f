// What the ways to resolve an access share, each for the spaces of its file: memory_global.cpp,
// memory_shared.cpp (and clusters), memory_private.cpp (local memory, parameters). For
// memory_access.cpp, which chooses among them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/memory_access.h"

namespace caesar::sim {

// Each is Resolve (sim/memory_access.h) for one space; `addresses` are offsets in it.
Step ResolveGlobal(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                   Mask lanes, OpMemo* memo, LanePointers* pointers);
// The access to the shared memory of `block`, which may be another one of the cluster.
Step ResolveShared(Warp& warp, Block& block, const MemoryAccess& access,
                   const std::uint64_t* addresses, Mask lanes, OpMemo* memo,
                   LanePointers* pointers);
// Addresses of .shared::cluster: (rank + 1) << 24 | offset, or an offset in the own block.
Step ResolveCluster(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                    Mask lanes, OpMemo* memo, LanePointers* pointers);
Step ResolveLocal(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                  Mask lanes, LanePointers* pointers);
Step ResolveParam(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                  Mask lanes, LanePointers* pointers);

// For messages: "reads", and "3 of 32 lanes".
std::string_view Verb(Touch touch);
std::string ShareOf(Mask bad, Mask lanes);
// Reports kMisaligned: some of the addresses are.
Step Misaligned(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses, Mask lanes);

// The addresses of the lanes relative to the first of them.
struct Pattern {
  std::uint64_t first = 0;
  std::int64_t lowest = 0, highest = 0;
  std::uint64_t bits = 0;  // of all addresses together: their alignment
  bool small = false;      // offsets fit into 32 bits
  std::int32_t offsets[kLanes];
};

inline void Examine(const std::uint64_t* addresses, Mask lanes, Pattern* pattern) {
  const std::uint64_t first = addresses[std::countr_zero(lanes)];
  std::uint64_t used[kLanes];
  for (int i = 0; i < kLanes; ++i) used[i] = (lanes >> i & 1) != 0 ? addresses[i] : first;
  std::uint64_t bits = 0, far = 0;
  std::int32_t lowest = 0, highest = 0;
  for (int i = 0; i < kLanes; ++i) {
    const std::uint64_t distance = used[i] - first;
    bits |= used[i];
    far |= distance + 0x80000000U;  // beyond 32 bits unless the distance fits
    pattern->offsets[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(distance));
  }
  for (int i = 0; i < kLanes; ++i) {
    lowest = std::min(lowest, pattern->offsets[i]);
    highest = std::max(highest, pattern->offsets[i]);
  }
  pattern->first = first;
  pattern->lowest = lowest;
  pattern->highest = highest;
  pattern->bits = bits;
  pattern->small = far >> 32 == 0;
}

inline bool Remembered(const OpMemo* memo, const Pattern& pattern, Mask lanes,
                       std::uint32_t period) {
  if (memo == nullptr || memo->mask != lanes || !pattern.small ||
      memo->phase != pattern.first % period) {
    return false;
  }
  std::int32_t different = 0;
  for (int i = 0; i < kLanes; ++i) different |= memo->offsets[i] ^ pattern.offsets[i];
  return different == 0;
}

inline void Remember(OpMemo* memo, const Pattern& pattern, Mask lanes, std::uint32_t period,
                     std::uint32_t sectors, const Waves& waves) {
  if (memo == nullptr || !pattern.small) return;
  memo->mask = lanes;
  memo->phase = static_cast<std::uint32_t>(pattern.first % period);
  memo->sectors = sectors;
  memo->waves = waves.taken;
  memo->waves_ideal = waves.ideal;
  std::copy_n(pattern.offsets, kLanes, memo->offsets);
}

}  // namespace caesar::sim
