// The interpreter's loop: runs one warp for a turn.
#pragma once

#include <cstdint>

#include "sim/machine.h"

namespace caesar::sim {

enum class Turn : std::uint8_t {
  kDone,     // all its threads have exited
  kBlocked,  // no lane can go on now
  kExpired,  // its turn is over, or it gave way: it could go on
  kFault     // a finding that ends the grid was reported
};

// Operations that a split may run while others of its warp could run as well. Halved each time it
// was too long: a warp that spins on a lock of its own does so again.
inline constexpr std::uint32_t kPatience = 20000, kPatienceMin = 256;
// Operations for which a split that has waited too long goes first.
inline constexpr std::uint32_t kFavour = 2000;

// Runs at most about `quantum` operations. `progress`: set if any was completed.
Turn RunWarp(Warp& warp, std::uint32_t quantum, bool* progress);

}  // namespace caesar::sim
