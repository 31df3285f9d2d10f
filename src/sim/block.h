// One block: made once, run for one block of the grid after the other.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/launch.h"
#include "sim/machine.h"

namespace caesar::sim {

// Operations that a warp runs before the next has its turn. Blocks that may wait for others by
// spinning on memory take short turns.
inline constexpr std::uint32_t kTurn = 20000, kTurnDependent = 2000;

std::unique_ptr<Block> MakeBlock(Grid& grid, Worker& worker);

// The grid's block number `linear`. With clusters, the cluster's fields are the caller's to set
// before.
void StartBlock(Block& block, std::uint64_t linear, bool check_shared);

enum class Round : std::uint8_t { kDone, kProgress, kNoProgress, kFault };
// Each warp has one turn.
Round RunRound(Block& block, bool reversed);

}  // namespace caesar::sim
