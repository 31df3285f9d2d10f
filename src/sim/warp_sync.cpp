#include "sim/warp_sync.h"

#include <bit>
#include <cstring>

#include "base/format.h"

namespace caesar::sim {
namespace {

Step WaitFor(Warp& warp, Mask members) {
  LeaveInactive(warp);
  warp.wait = {};
  warp.wait.reason = Wait::Reason::kWarp;
  warp.wait.mask = members;
  return Step::kWait;
}

// The lanes among `lanes` whose membermask is that of the lowest.
Mask SameMask(const std::uint32_t* masks, Mask lanes) {
  const std::uint32_t members = masks[LowestLane(lanes)];
  Mask same = 0;
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    same |= Mask{masks[lane] == members} << lane;
  }
  return same & lanes;
}

void NoteStrangers(Warp& warp, Mask lanes, Mask members) {
  if ((lanes & ~members) == 0) return;
  warp.Report(FindingKind::kDivergentBarrier, lanes & ~members,
              Format("lanes {:#010x} carry out an operation for the lanes {:#010x}, to which they "
                     "do not belong",
                     lanes & ~members, members));
}

}  // namespace

Step RunTogether(Warp& warp, const Op& op, Slot slot, Together run) {
  std::uint32_t masks[kLanes];
  std::memcpy(masks, warp.registers + slot, sizeof masks);
  const Mask live = LiveLanes(warp);
  Mask ready = 0;
  for (Mask rest = warp.active; rest != 0;) {
    const Mask same = SameMask(masks, rest);
    const Mask members = masks[LowestLane(rest)];
    rest &= ~same;
    if ((members & live & ~same) == 0) ready |= same;
  }
  if (ready == 0) return WaitFor(warp, masks[LowestLane(warp.active)]);

  const bool apart = ready != warp.active;
  if (apart) {
    const Mask waiting = warp.active & ~ready;
    Wait wait;
    wait.reason = Wait::Reason::kWarp;
    wait.mask = masks[LowestLane(waiting)];
    LeaveInactive(warp);
    warp.splits.push_back({warp.pc, waiting, warp.frame, wait, warp.turn});
    warp.split_lanes = warp.active = ready;
  }
  for (Mask rest = ready; rest != 0;) {
    const Mask same = SameMask(masks, rest);
    NoteStrangers(warp, same, masks[LowestLane(rest)]);
    run(warp, op, same);
    rest &= ~same;
  }
  if (!apart) return Step::kNext;
  ++warp.pc;
  return Step::kSplit;
}

Step SynchronizeWarp(Warp& warp, const Op& op, Slot slot) {
  std::uint32_t masks[kLanes];
  std::memcpy(masks, warp.registers + slot, sizeof masks);
  const Mask members = masks[LowestLane(warp.active)];
  if (SameMask(masks, warp.active) != warp.active) {
    return RunTogether(warp, op, slot, [](Warp&, const Op&, Mask) {});
  }
  const auto waits = [&](const Split& split) {
    return split.wait.reason == Wait::Reason::kWarp && split.wait.mask == members &&
           split.frame->function->ops[split.pc].run == op.run;
  };
  Mask here = warp.active;
  for (const Split& split : warp.splits) here |= waits(split) ? split.lanes : 0;
  if ((members & LiveLanes(warp) & ~here) != 0) return WaitFor(warp, members);
  NoteStrangers(warp, warp.active, members);
  for (Split& split : warp.splits) {
    if (!waits(split)) continue;
    ++split.pc;
    split.wait.reason = Wait::Reason::kNone;
  }
  if (warp.splits.empty()) return Step::kNext;
  LeaveInactive(warp);
  ++warp.pc;
  return Step::kSplit;
}

Step AwaitWholeWarp(Warp& warp) {
  if (warp.active == kAllLanes) [[likely]]
    return Step::kNext;
  if (LiveLanes(warp) == kAllLanes) return WaitFor(warp, kAllLanes);
  return warp.Report(
      FindingKind::kIllegalInstruction, warp.active,
      Format("an operation of a whole warp, of which only lanes {:#010x} live", LiveLanes(warp)));
}

}  // namespace caesar::sim
