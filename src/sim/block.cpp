#include "sim/block.h"

#include <algorithm>

#include "sim/frames.h"
#include "sim/schedule.h"
#include "sim/splits.h"

namespace caesar::sim {
namespace {

Mask LanesOf(std::uint32_t threads, std::uint32_t warp) {
  const std::uint32_t lanes = std::min<std::uint32_t>(threads - warp * kLanes, kLanes);
  return lanes == kLanes ? kAllLanes : (Mask{1} << lanes) - 1;
}

void StartWarp(Warp& warp) {
  const Function& kernel = *warp.grid->kernel;
  warp.exited = 0;
  warp.forced = warp.cluster_arrived = warp.timed_out = 0;
  warp.patience = kPatience;
  warp.impatience = 0;
  warp.favoured = false;
  warp.turn = 0;
  warp.splits.clear();
  warp.copies.reset();
  if (warp.frames.empty()) {
    MakeFrame(warp, kernel, nullptr, 0, warp.exists);
  } else {
    warp.frames.front()->lanes = warp.exists;
    Refill(warp, *warp.frames.front());
  }
  SetFrame(warp, warp.frames.front().get());
  warp.pc = 0;
  warp.split_lanes = warp.exists;
  Park(warp);
  // What an earlier block left there must not show: results are to be the same every time.
  if (kernel.local_bytes != 0) std::fill(warp.local.begin(), warp.local.end(), std::byte{0});
}

// The system's own part begins as zeros: cooperative groups rely on that.
void ResetShared(Block& block, const Function& kernel, std::uint32_t dynamic) {
  const auto warps = static_cast<std::uint32_t>(block.warps.size());
  if (!kernel.uses_reserved_shared) {
    block.shared.Reset(DynamicSharedOffset(kernel) + dynamic, warps);
    return;
  }
  const std::uint32_t reserved = ReservedSharedOffset(kernel, dynamic);
  block.shared.Reset(reserved + kReservedSharedBytes, warps);
  std::fill_n(block.shared.data() + reserved, kReservedSharedBytes, std::byte{0});
  block.shared.NoteForeignWrite(reserved, kReservedSharedBytes);
}

}  // namespace

std::unique_ptr<Block> MakeBlock(Grid& grid, Worker& worker) {
  auto block = std::make_unique<Block>();
  block->grid = &grid;
  block->threads = static_cast<std::uint32_t>(grid.threads.count());
  block->warps.resize((block->threads + kLanes - 1) / kLanes);
  for (std::uint32_t i = 0; i < block->warps.size(); ++i) {
    Warp& warp = block->warps[i];
    warp.block = block.get();
    warp.grid = &grid;
    warp.worker = &worker;
    warp.index = i;
    warp.exists = LanesOf(block->threads, i);
  }
  return block;
}

void StartBlock(Block& block, std::uint64_t linear, bool check_shared) {
  const Grid& grid = *block.grid;
  block.linear = linear;
  block.index = {static_cast<std::uint32_t>(linear % grid.blocks.x),
                 static_cast<std::uint32_t>(linear / grid.blocks.x % grid.blocks.y),
                 static_cast<std::uint32_t>(linear / grid.blocks.x / grid.blocks.y)};
  block.threads_alive = block.threads;
  block.operations = 0;
  block.copies.reset();
  block.shared.checked = check_shared;
  ResetShared(block, *grid.kernel, grid.dynamic_shared_bytes);
  std::fill(std::begin(block.barriers), std::end(block.barriers), NamedBarrier{});
  for (Warp& warp : block.warps) StartWarp(warp);
}

Round RunRound(Block& block, bool reversed) {
  const std::uint32_t quantum = block.grid->kernel->uses_atomics_or_fences ? kTurnDependent : kTurn;
  bool progress = false, done = true;
  for (std::size_t i = 0; i < block.warps.size(); ++i) {
    Warp& warp = block.warps[reversed ? block.warps.size() - 1 - i : i];
    if (warp.exited == warp.exists) continue;
    switch (RunWarp(warp, quantum, &progress)) {
      case Turn::kDone:
        break;
      case Turn::kFault:
        return Round::kFault;
      case Turn::kBlocked:
      case Turn::kExpired:
        done = false;
        break;
    }
  }
  if (done) return Round::kDone;
  return progress ? Round::kProgress : Round::kNoProgress;
}

}  // namespace caesar::sim
