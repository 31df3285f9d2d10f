#include "sim/stuck.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "sim/frames.h"
#include "sim/module.h"
#include "sim/place.h"
#include "sim/splits.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kPlacesMax = 8;  // in the message

// Splits that wait for the same at the same operation.
using Spot = std::tuple<std::uint32_t, Wait::Reason, int>;  // first: number of the operation
struct Crowd {
  std::uint64_t threads = 0;
  Warp* warp = nullptr;  // the first
  const Split* split = nullptr;
};

std::string For(const Split& split) {
  switch (split.wait.reason) {
    case Wait::Reason::kNone:
      return "for others of their warp";
    case Wait::Reason::kBarrier:
      return split.wait.expected == NamedBarrier::kWholeBlock
                 ? Format("at barrier {} for all threads of the block", split.wait.number)
                 : Format("at barrier {} for {} threads", split.wait.number, split.wait.expected);
    case Wait::Reason::kWarp:
      return Format("for the lanes {:#010x} of their warp to come together", split.wait.mask);
    case Wait::Reason::kAligned:
      return Format("at barrier {} for the rest of their warp", split.wait.number);
    case Wait::Reason::kCluster:
      return "for the cluster's other threads";
    case Wait::Reason::kMemoryBarrier:
      return Format(
          "for the mbarrier at offset {} of shared memory, where {} arrivals and {} bytes "
          "are missing,",
          split.wait.address, split.wait.number, split.wait.expected);
  }
  return {};
}

// "line 12 of kernel.cu", in the candidate rather than in headers that were inlined.
std::string Where(const LoadedModule& module, const Function& function, std::uint32_t pc) {
  const Place place =
      PlaceIn(module.source, pc < function.locations.size() ? function.locations[pc] : -1);
  if (!place.file.empty()) return Format("line {} of {}", place.line, place.file);
  return Format("line {} of the PTX", pc < function.lines.size() ? function.lines[pc] : 0);
}

// A split whose lanes would meet all that they wait for at one operation, but for the calls that
// led there: each place that is called from has a frame of its own, and splits meet in one frame
// only.
const Split* KeptApartByCalls(const Warp& warp) {
  for (const Split& split : warp.splits) {
    if (split.wait.reason != Wait::Reason::kWarp) continue;
    Mask here = split.lanes;
    for (const Split& other : warp.splits) {
      const bool same = other.wait.reason == split.wait.reason &&
                        other.wait.mask == split.wait.mask && other.pc == split.pc &&
                        other.frame->function == split.frame->function;
      if (same) here |= other.lanes;
    }
    const bool complete = (split.wait.mask & LiveLanes(warp) & ~here) == 0;
    if (here != split.lanes && complete) return &split;
  }
  return nullptr;
}

// The warp's finding is about this split.
void ReportAt(Warp& warp, const Split& split, FindingKind kind, std::string text) {
  warp.pc = split.pc;
  SetFrame(warp, split.frame);
  warp.Report(kind, split.lanes, std::move(text));
}

// No deadlock on hardware, where frames do not keep lanes apart. True: found, and reported.
bool ReportKeptApart(Warp& warp) {
  const Split* split = KeptApartByCalls(warp);
  if (split == nullptr) return false;
  ReportAt(warp, *split, FindingKind::kNotSimulated,
           Format("not simulated: lanes that called {} from different places meet in it: they wait "
                  "{}",
                  split->frame->function->name, For(*split)));
  return true;
}

}  // namespace

void ReportDeadlock(std::span<const std::unique_ptr<Block>> blocks) {
  std::map<Spot, Crowd> crowds;
  Crowd first;
  for (const auto& block : blocks) {
    for (Warp& warp : block->warps) {
      if (ReportKeptApart(warp)) return;
      for (const Split& split : warp.splits) {
        Crowd& crowd = crowds[{split.frame->function->first_op + split.pc, split.wait.reason,
                               split.wait.number}];
        if (crowd.warp == nullptr) crowd.warp = &warp, crowd.split = &split;
        if (first.warp == nullptr) first = crowd;
        crowd.threads += CountLanes(split.lanes);
      }
    }
  }
  if (first.warp == nullptr) return;
  std::string text = "nobody can go on: ";
  std::size_t place = 0;
  for (const auto& [key, crowd] : crowds) {
    if (place++ == kPlacesMax) {
      text += Format("; and {} other places", crowds.size() - kPlacesMax);
      break;
    }
    const Block& block = *crowd.warp->block;
    text += Format("{}{} threads wait {} at {} (first: warp {} of block {},{},{})",
                   place == 1 ? "" : "; ", crowd.threads, For(*crowd.split),
                   Where(*crowd.warp->grid->module, *crowd.split->frame->function, crowd.split->pc),
                   crowd.warp->index, block.index.x, block.index.y, block.index.z);
  }
  ReportAt(*first.warp, *first.split, FindingKind::kDeadlock, std::move(text));
}

}  // namespace caesar::sim
