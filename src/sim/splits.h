// Divergence: which lanes of a warp run next. The running split lies in the Warp itself (pc,
// split_lanes, frame); the others in Warp::splits.
//
// The deepest call runs first, and in it the lowest pc: compilers lay code out so that branches
// meet again at higher addresses. Splits that stand at one place are merged.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/machine.h"

namespace caesar::sim {

inline constexpr std::uint32_t kNoLimit = ~std::uint32_t{0};

// The number of lanes in a mask; without the popcnt instruction, which a portable build lacks.
inline std::uint32_t CountLanes(Mask mask) {
  mask -= mask >> 1 & 0x55555555u;
  mask = (mask & 0x33333333u) + (mask >> 2 & 0x33333333u);
  return ((mask + (mask >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24;
}
// The lowest lane of a mask that is not 0.
inline std::uint32_t LowestLane(Mask mask) {
  return static_cast<std::uint32_t>(std::countr_zero(mask)) % kLanes;
}
inline Mask LiveLanes(const Warp& warp) { return warp.exists & ~warp.exited; }

// Puts the running split among the others, with what it waits for. No split runs then.
void Park(Warp& warp, const Wait& wait = {});

// Makes the split that should run next the running one. False: none can run.
// `limit`: the pc at which it must stop, because others stand there or come first.
bool Resume(Warp& warp, std::uint32_t* limit);

// Some splits have waited for too long: the one that has waited longest goes before the others for
// a while. False: there is no other that could run.
bool FavourOldest(Warp& warp);

// For handlers. The lanes of the running split outside of Warp::active go on behind the current
// operation, as a split of their own; the running split keeps the others.
void LeaveInactive(Warp& warp);

// The active lanes jump, the rest of the split goes on behind the operation.
Step Branch(Warp& warp, std::uint32_t target);

// The lanes of Warp::active exit, from whatever depth of calls.
Step ExitLanes(Warp& warp);

}  // namespace caesar::sim
