#include "sim/splits.h"

#include <algorithm>
#include <utility>

#include "sim/barriers.h"
#include "sim/frames.h"

namespace caesar::sim {
namespace {

// Has this split already arrived somewhere, so that lanes that come later are not with it?
bool Mergeable(const Split& split) { return split.wait.reason != Wait::Reason::kBarrier; }

// Does `a` run before `b`?
bool Before(const Split& a, const Split& b) {
  if (a.frame != b.frame && a.frame->depth != b.frame->depth) {
    return a.frame->depth > b.frame->depth;
  }
  return a.frame == b.frame && a.pc < b.pc;
}

// Merges the splits that stand at one place; what they waited for is tried again.
void Merge(std::vector<Split>& splits) {
  for (std::size_t i = 0; i < splits.size(); ++i) {
    for (std::size_t j = i + 1; j < splits.size();) {
      Split& one = splits[i];
      const Split& other = splits[j];
      if (one.pc != other.pc || one.frame != other.frame || !Mergeable(one) || !Mergeable(other)) {
        ++j;
        continue;
      }
      one.lanes |= other.lanes;
      one.wait.reason = Wait::Reason::kNone;
      one.last_ran = std::max(one.last_ran, other.last_ran);
      splits.erase(splits.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

void Enter(Warp& warp, std::vector<Split>::iterator chosen) {
  warp.pc = chosen->pc;
  warp.split_lanes = chosen->lanes;
  SetFrame(warp, chosen->frame);
  *chosen = warp.splits.back();
  warp.splits.pop_back();
}

}  // namespace

void Park(Warp& warp, const Wait& wait) {
  if (warp.split_lanes == 0) return;
  warp.splits.push_back({warp.pc, warp.split_lanes, warp.frame, wait, ++warp.turn});
  warp.split_lanes = 0;
}

bool Resume(Warp& warp, std::uint32_t* limit) {
  *limit = kNoLimit;
  std::vector<Split>& splits = warp.splits;
  if (splits.empty()) return warp.split_lanes != 0;
  if (splits.size() == 1 && warp.split_lanes == 0) {  // a warp that is together begins its turn
    if (splits.front().wait.reason != Wait::Reason::kNone) return false;
    warp.favoured = false;
    Enter(warp, splits.begin());
    return true;
  }

  const std::uint64_t favourite = warp.favoured && warp.split_lanes != 0 ? warp.turn + 1 : 0;
  Park(warp);
  Merge(splits);
  auto chosen = splits.end();
  for (auto split = splits.begin(); split != splits.end(); ++split) {
    if (split->wait.reason != Wait::Reason::kNone) continue;
    // Merging leaves the running split's mark on what it became a part of.
    if (favourite != 0 && split->last_ran == favourite) {
      chosen = split;
      break;
    }
    if (chosen == splits.end() || Before(*split, *chosen)) chosen = split;
  }
  if (chosen == splits.end()) return false;
  if (chosen->last_ran != favourite) warp.favoured = false;
  Enter(warp, chosen);
  for (const Split& split : splits) {
    if (split.frame == warp.frame && split.pc > warp.pc && Mergeable(split)) {
      *limit = std::min(*limit, split.pc);
    }
  }
  return true;
}

bool FavourOldest(Warp& warp) {
  Park(warp);
  Merge(warp.splits);
  auto oldest = warp.splits.end();
  std::size_t ready = 0;
  for (auto split = warp.splits.begin(); split != warp.splits.end(); ++split) {
    if (split->wait.reason != Wait::Reason::kNone) continue;
    ++ready;
    if (oldest == warp.splits.end() || split->last_ran < oldest->last_ran) oldest = split;
  }
  if (ready < 2) return false;
  Enter(warp, oldest);
  warp.favoured = true;
  return true;
}

void LeaveInactive(Warp& warp) {
  const Mask rest = warp.split_lanes & ~warp.active;
  if (rest == 0) return;
  warp.splits.push_back({warp.pc + 1, rest, warp.frame, {}, warp.turn});
  warp.split_lanes = warp.active;
}

Step Branch(Warp& warp, std::uint32_t target) {
  if (warp.active == warp.split_lanes) {
    warp.pc = target;
    return Step::kJump;
  }
  if (target == warp.pc + 1) return Step::kNext;
  LeaveInactive(warp);
  warp.pc = target;
  return Step::kSplit;
}

Step ExitLanes(Warp& warp) {
  const Mask lanes = warp.active;
  LeaveInactive(warp);
  warp.split_lanes = 0;
  warp.exited |= lanes;
  LeaveFrames(warp, warp.frame, nullptr, lanes);
  // Who waits for all live lanes of the warp may have them now.
  for (Split& split : warp.splits) {
    const Wait::Reason reason = split.wait.reason;
    if (reason == Wait::Reason::kWarp || reason == Wait::Reason::kAligned) {
      split.wait.reason = Wait::Reason::kNone;
    }
  }
  ThreadsExited(warp, lanes);
  return Step::kSplit;
}

}  // namespace caesar::sim
