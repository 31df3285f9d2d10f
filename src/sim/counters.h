// What is counted while operations run, for each operation of a function: enough to say per source
// line what a profiler says.
#pragma once

#include <cstdint>

namespace caesar::sim {

struct OpCounts {
  std::uint64_t warps = 0;  // times a warp carried it out
  std::uint64_t lanes = 0;  // lanes that took part, over all times
  // Memory operations only. A request is one warp's access.
  std::uint64_t sectors = 0;  // global: distinct aligned 32-byte sectors touched
  std::uint64_t local_sectors = 0;
  std::uint64_t waves = 0;  // shared: passes that the banks need, see WavesOf
  std::uint64_t waves_ideal = 0;
  std::uint64_t bytes = 0;  // asked for by the lanes

  OpCounts& operator+=(const OpCounts& more) {
    warps += more.warps;
    lanes += more.lanes;
    sectors += more.sectors;
    local_sectors += more.local_sectors;
    waves += more.waves;
    waves_ideal += more.waves_ideal;
    bytes += more.bytes;
    static_assert(sizeof(OpCounts) == 7 * sizeof(std::uint64_t));  // none forgotten
    return *this;
  }
};

// The last pattern of addresses of an operation and what it cost: most operations repeat it, moved
// by a multiple of the period, and comparing is cheaper than counting anew. With it the allocation
// that was met last. A grid starts with fresh memos: allocations live as long as it runs.
struct OpMemo {
  std::uint32_t mask = 0;   // 0: nothing remembered
  std::uint32_t phase = 0;  // first address modulo 128
  std::uint32_t sectors = 0, waves = 0, waves_ideal = 0;
  bool several = false;              // more than one allocation was met so far
  std::uint64_t begin = 0, end = 0;  // of an allocation that this operation may access
  std::int32_t offsets[32] = {};     // of each lane from the first active one

  void Meet(std::uint64_t first, std::uint64_t last) {
    several |= end != 0 && (begin != first || end != last);
    begin = first;
    end = last;
  }
};

}  // namespace caesar::sim
