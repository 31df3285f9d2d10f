// The numbered barriers of a block, and the barrier of a cluster.
#pragma once

#include <cstdint>

#include "sim/machine.h"

namespace caesar::sim {

inline constexpr std::uint32_t kBarriers = 16;

enum class BarrierKind : std::uint8_t { kSync, kArrive, kPopc, kAnd, kOr };

// Op::detail of bar and barrier. Op::dst: result of red; Op::a: number; Op::b: threads (kNoSlot:
// all); Op::c: predicate of red.
struct BarrierForm {
  BarrierKind kind = BarrierKind::kSync;
  bool aligned = false;
  bool predicate_negated = false;
};

Step ArriveAtBarrier(Warp& warp, const Op& op);
// Threads have exited: barriers of the whole block no longer wait for them.
void ThreadsExited(Warp& warp, Mask lanes);

// All lanes that wait in vain for others of their warp at an .aligned barrier go on without, with a
// finding; false: there are none.
bool ForceAligned(Block& block);

inline constexpr std::uint8_t kRelaxedArrival = 1;  // in Op::flags: it releases nothing by itself
Step ArriveAtCluster(Warp& warp, const Op& op);
Step WaitForCluster(Warp& warp, const Op& op);

}  // namespace caesar::sim
