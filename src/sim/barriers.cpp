#include "sim/barriers.h"

#include <bit>
#include <cstring>

#include "base/format.h"
#include "sim/frames.h"
#include "sim/splits.h"

namespace caesar::sim {
namespace {

const BarrierForm& FormOf(const Op& op) { return *static_cast<const BarrierForm*>(op.detail); }

// A 32-bit operand that must be the same in all active lanes.
bool Uniform(const Warp& warp, Slot slot, std::uint32_t* value) {
  std::uint32_t lanes[kLanes];
  std::memcpy(lanes, warp.registers + slot, sizeof lanes);
  const std::uint32_t first = *value = lanes[LowestLane(warp.active)];
  std::uint32_t different = 0;
  if (warp.active == kAllLanes) {  // without branches: vector instructions
    for (const std::uint32_t lane : lanes) different |= lane ^ first;
  } else {
    for (Mask rest = warp.active; rest != 0; rest &= rest - 1) {
      different |= lanes[LowestLane(rest)] ^ first;
    }
  }
  return different == 0;
}

// How many threads an arrival counts for. A barrier with a thread count counts whole warps: lanes
// that never were or have exited come with the lowest that lives.
std::uint32_t Weight(const Warp& warp, const NamedBarrier& barrier, Mask lanes) {
  const Mask live = LiveLanes(warp);
  if (barrier.expected == NamedBarrier::kWholeBlock || (lanes & live & (~live + 1)) == 0) {
    return CountLanes(lanes);
  }
  return CountLanes(lanes) + CountLanes(~live);
}

void WriteResult(Frame& frame, const Op& op, Mask lanes, const NamedBarrier& barrier) {
  const BarrierKind kind = FormOf(op).kind;
  std::byte* to = frame.registers + op.dst;
  if (kind == BarrierKind::kPopc) {
    for (Mask rest = lanes; rest != 0; rest &= rest - 1) {
      std::memcpy(to + 4 * std::countr_zero(rest), &barrier.predicate_count, 4);
    }
  } else if (kind == BarrierKind::kAnd || kind == BarrierKind::kOr) {
    const bool holds = kind == BarrierKind::kAnd ? barrier.predicate_count == barrier.predicates
                                                 : barrier.predicate_count != 0;
    Mask mask;
    std::memcpy(&mask, to, sizeof mask);
    mask = holds ? mask | lanes : mask & ~lanes;
    std::memcpy(to, &mask, sizeof mask);
  }
}

bool Complete(const Block& block, const NamedBarrier& barrier) {
  const bool whole = barrier.expected == NamedBarrier::kWholeBlock;
  return barrier.expected != 0 &&
         barrier.arrived >= (whole ? block.threads_alive : barrier.expected);
}

// Everybody is there: those who wait go on behind the barrier.
void Release(Block& block, std::uint32_t number) {
  NamedBarrier& barrier = block.barriers[number];
  for (std::uint32_t rest = barrier.warps; rest != 0; rest &= rest - 1) {
    Warp& warp = block.warps[static_cast<std::size_t>(std::countr_zero(rest))];
    for (Split& split : warp.splits) {
      if (split.wait.reason != Wait::Reason::kBarrier ||
          static_cast<std::uint32_t>(split.wait.number) != number) {
        continue;
      }
      WriteResult(*split.frame, split.frame->function->ops[split.pc], split.lanes, barrier);
      ++split.pc;
      split.wait.reason = Wait::Reason::kNone;
    }
  }
  block.shared.Join(barrier.warps);
  barrier = {};
}

// The barrier's number and thread count; kNext: they are fine.
Step Operands(Warp& warp, const Op& op, std::uint32_t* number, std::uint32_t* expected) {
  *expected = NamedBarrier::kWholeBlock;
  if (!Uniform(warp, op.a, number) || (op.b != kNoSlot && !Uniform(warp, op.b, expected))) {
    return warp.Report(
        FindingKind::kNotSimulated, warp.active,
        "not simulated: the lanes of a warp give different barriers or thread counts");
  }
  const bool counted = op.b != kNoSlot;
  if (*number >= kBarriers) {
    return warp.Report(FindingKind::kIllegalInstruction, warp.active,
                       Format("there is no barrier {}: they are numbered 0 to 15", *number));
  }
  if (counted && (*expected == 0 || *expected % kLanes != 0 || *expected > 1024)) {
    return warp.Report(
        FindingKind::kIllegalInstruction, warp.active,
        Format("a barrier for {} threads: it must be a multiple of 32, at most 1024", *expected));
  }
  return Step::kNext;
}

// An .aligned barrier wants all live lanes of the warp at once. True: the others must come first.
bool AwaitsWarp(Warp& warp, std::uint32_t number) {
  const Mask live = LiveLanes(warp);
  if (warp.active == live || (warp.active & ~warp.forced) == 0) {
    warp.forced &= ~warp.active;
    return false;
  }
  warp.wait = {};
  warp.wait.reason = Wait::Reason::kAligned;
  warp.wait.number = static_cast<int>(number);
  warp.wait.mask = live;
  return true;
}

void NotePredicates(const Warp& warp, const Op& op, NamedBarrier& barrier) {
  const BarrierForm& form = FormOf(op);
  if (form.kind == BarrierKind::kSync || form.kind == BarrierKind::kArrive) return;
  Mask predicate;
  std::memcpy(&predicate, warp.registers + op.c, sizeof predicate);
  if (form.predicate_negated) predicate = ~predicate;
  barrier.predicate_count += CountLanes(predicate & warp.active);
  barrier.predicates += CountLanes(warp.active);
}

// If all threads of the cluster that live have arrived, its next phase begins.
void CompleteCluster(Block& block) {
  std::uint32_t alive = 0;
  for (std::uint32_t i = 0; i < block.cluster_blocks; ++i) alive += block.cluster[i]->threads_alive;
  if (block.cluster_barrier->arrived < alive) return;
  block.cluster_barrier->arrived = 0;
  for (std::uint32_t i = 0; i < block.cluster_blocks; ++i) {
    for (Warp& warp : block.cluster[i]->warps) warp.cluster_arrived = 0;
  }
}

}  // namespace

Step ArriveAtBarrier(Warp& warp, const Op& op) {
  Block& block = *warp.block;
  const BarrierForm& form = FormOf(op);
  std::uint32_t number = 0, expected = 0;
  if (const Step step = Operands(warp, op, &number, &expected); step != Step::kNext) return step;
  LeaveInactive(warp);
  if (form.aligned && AwaitsWarp(warp, number)) return Step::kWait;
  if (form.aligned && warp.exited != 0) {
    warp.Report(FindingKind::kBarrierAfterExit, warp.active,
                Format("lanes {:#010x} of the warp have exited before this barrier, which demands "
                       "all threads of a warp",
                       warp.exited));
  }
  NamedBarrier& barrier = block.barriers[number];
  if (barrier.expected == 0) barrier.expected = expected;
  if (barrier.expected != expected) {
    warp.Report(FindingKind::kDivergentBarrier, warp.active,
                Format("threads come to barrier {} with different thread counts", number));
  }
  barrier.arrived += Weight(warp, barrier, warp.active);
  barrier.warps |= 1u << warp.index;
  NotePredicates(warp, op, barrier);
  if (Complete(block, barrier)) {
    WriteResult(*warp.frame, op, warp.active, barrier);
    Release(block, number);
  } else if (form.kind != BarrierKind::kArrive) {
    warp.wait = {};
    warp.wait.reason = Wait::Reason::kBarrier;
    warp.wait.number = static_cast<int>(number);
    warp.wait.expected = expected;
    return Step::kWait;
  }
  // Other lanes of the warp may have been let go, and may stand before these: they come first, so
  // that all meet again.
  if (warp.splits.empty()) return Step::kNext;
  ++warp.pc;
  return Step::kSplit;
}

void ThreadsExited(Warp& warp, Mask lanes) {
  Block& block = *warp.block;
  block.threads_alive -= CountLanes(lanes);
  for (std::uint32_t number = 0; number < kBarriers; ++number) {
    const NamedBarrier& barrier = block.barriers[number];
    if (barrier.expected == NamedBarrier::kWholeBlock && Complete(block, barrier)) {
      Release(block, number);
    }
  }
  // Who has arrived at the cluster's barrier and exits is counted no more.
  const Mask arrived = warp.cluster_arrived & lanes;
  block.cluster_barrier->arrived -= CountLanes(arrived);
  warp.cluster_arrived &= ~lanes;
  if (block.cluster_barrier->arrived != 0) CompleteCluster(block);
}

bool ForceAligned(Block& block) {
  bool forced = false;
  for (Warp& warp : block.warps) {
    for (Split& split : warp.splits) {
      if (split.wait.reason != Wait::Reason::kAligned) continue;
      warp.pc = split.pc;
      SetFrame(warp, split.frame);
      warp.Report(FindingKind::kDivergentBarrier, split.lanes,
                  Format("only lanes {:#010x} of the warp's {:#010x} reach this barrier together, "
                         "which demands all threads of a warp",
                         split.lanes, LiveLanes(warp)));
      split.wait.reason = Wait::Reason::kNone;
      warp.forced |= split.lanes;
      forced = true;
    }
  }
  return forced;
}

// In the shadow, an arrival releases and a wait acquires; what lies between them is not ordered.
// Other blocks do not take part in a block's clocks, but its own warps meet here too.
Step ArriveAtCluster(Warp& warp, const Op& op) {
  Block& block = *warp.block;
  if (warp.cluster_arrived & warp.active) {
    return warp.Report(FindingKind::kIllegalInstruction, warp.active,
                       "barrier.cluster.arrive again, without barrier.cluster.wait in between");
  }
  block.shared.Release(SharedMemory::kClusterSlot, warp.index, (op.flags & kRelaxedArrival) != 0);
  warp.cluster_arrived |= warp.active;
  block.cluster_barrier->arrived += CountLanes(warp.active);
  CompleteCluster(block);
  return Step::kNext;
}

Step WaitForCluster(Warp& warp, const Op&) {
  if ((warp.cluster_arrived & warp.active) == 0) {
    warp.block->shared.Acquire(SharedMemory::kClusterSlot, warp.index);
    return Step::kNext;
  }
  warp.wait = {};
  warp.wait.reason = Wait::Reason::kCluster;
  return Step::kWait;
}

}  // namespace caesar::sim
