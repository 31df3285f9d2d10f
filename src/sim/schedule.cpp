#include "sim/schedule.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "sim/splits.h"

namespace caesar::sim {
namespace {

// Runs the running split until it must stop: at `limit`, after `stretch` operations, or because an
// operation said so. Where it is not alone, a jump ends the stretch as well: others may come first.
// Returns the last operation's step; warp.pc is that of the operation to run next, except after
// kWait and kFault, when it is that of the operation itself.
Step RunStretch(Warp& warp, bool alone, std::uint32_t limit, std::uint32_t stretch) {
  const Op* const ops = warp.frame->function->ops.data();
  const std::byte* const registers = warp.registers;
  OpCounts* const counts = warp.counts;
  const Mask lanes = warp.split_lanes;
  const std::uint32_t width = CountLanes(lanes);
  std::uint32_t pc = warp.pc;
  std::uint32_t left = stretch;
  std::uint64_t lane_operations = 0;
  Step step = Step::kNext;
  do {
    const Op& op = ops[pc];
    Mask active = lanes;
    std::uint32_t count = width;
    if (op.guard != kNoSlot) {
      Mask guard;
      std::memcpy(&guard, registers + op.guard, sizeof guard);
      active &= op.guard_negated ? ~guard : guard;
      // All lanes decide about a branch, whether they take it or not.
      const bool partial = active != lanes && op.op_class != OpClass::kControl;
      count = partial ? CountLanes(active) : width;
    }
    ++counts[pc].warps;
    counts[pc].lanes += count;
    lane_operations += count;
    --left;
    if (active == 0) {  // a whole warp whose guard does not hold
      ++pc;
      continue;
    }
    warp.active = active;
    warp.pc = pc;
    warp.left = left;
    step = op.run(warp, op);
    if (step == Step::kNext) [[likely]] {
      ++pc;
    } else if (step == Step::kJump) {
      pc = warp.pc;
      if (!alone) break;
    } else {
      // Not done: it will be counted when it is. Who has arrived at a block barrier is let go by
      // the last one, and does not come here again.
      if (step == Step::kWait && warp.wait.reason != Wait::Reason::kBarrier) {
        --counts[pc].warps;
        counts[pc].lanes -= count;
        lane_operations -= count;
      }
      if (step == Step::kYield) ++warp.pc;
      pc = warp.pc;
      break;
    }
  } while (pc < limit && left != 0);
  warp.pc = pc;
  warp.left = left;
  warp.worker->operations += lane_operations;
  return step;
}

// Adds up what was run; true: the whole grid has run more, or for longer, than it may.
bool WatchdogBites(Warp& warp) {
  constexpr std::uint64_t kBatch = std::uint64_t{1} << 20;  // spares the shared counter
  if (warp.worker->operations < kBatch && warp.worker->operations < warp.grid->operations_max) {
    return false;
  }
  const std::uint64_t before =
      warp.grid->operations->fetch_add(warp.worker->operations, std::memory_order_relaxed);
  const std::uint64_t sum = before + std::exchange(warp.worker->operations, 0);
  return sum > warp.grid->operations_max || std::chrono::steady_clock::now() > warp.grid->deadline;
}

Turn Bite(Warp& warp) {
  const std::uint64_t most = warp.grid->operations_max;
  const bool too_many = warp.grid->operations->load(std::memory_order_relaxed) > most;
  warp.Report(FindingKind::kWatchdog, warp.split_lanes | (warp.split_lanes == 0 ? 1u : 0u),
              Format("the kernel was ended {}: an endless loop, or far too much work",
                     too_many ? Format("after {} operations of its threads", most)
                              : "when the time for the call was up"));
  return Turn::kFault;
}

}  // namespace

Turn RunWarp(Warp& warp, std::uint32_t quantum, bool* progress) {
  using Reason = Wait::Reason;
  for (Split& split : warp.splits) {
    const bool polled =
        split.wait.reason == Reason::kMemoryBarrier || split.wait.reason == Reason::kCluster;
    if (polled) split.wait.reason = Reason::kNone;
  }
  std::uint32_t left = quantum;
  std::uint32_t limit = kNoLimit;
  while (Resume(warp, &limit)) {
    const bool alone = warp.splits.empty();
    if (alone) warp.impatience = 0;
    const std::uint32_t patience = warp.favoured ? kFavour : warp.patience;
    warp.stretch =
        alone ? left : std::min(left, patience - std::min(patience, warp.impatience) + 1);
    const Step step = RunStretch(warp, alone, limit, warp.stretch);

    const std::uint32_t ran = warp.stretch - warp.left;
    warp.block->operations += ran;
    // To arrive at a barrier is progress, to find once more that one must wait is none.
    *progress |= ran > 1 || step != Step::kWait || warp.wait.reason == Reason::kBarrier;
    left -= ran;
    if (step == Step::kFault) return Turn::kFault;
    if (WatchdogBites(warp)) return Bite(warp);
    if (step == Step::kWait) {
      Park(warp, warp.wait);
    } else if (step == Step::kYield) {
      warp.impatience = 0;
      if (!FavourOldest(warp)) return Turn::kExpired;
    } else if (!alone && (warp.impatience += ran) > patience) {
      warp.impatience = 0;
      if (warp.favoured) {
        warp.favoured = false;
      } else if (FavourOldest(warp)) {
        warp.patience = std::max(warp.patience / 2, kPatienceMin);
      }
    }
    if (left == 0) {
      Park(warp);
      return Turn::kExpired;
    }
  }
  return warp.exited == warp.exists ? Turn::kDone : Turn::kBlocked;
}

}  // namespace caesar::sim
