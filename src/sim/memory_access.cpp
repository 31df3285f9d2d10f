// Which way an access goes: by its space, and generic ones by their addresses.
#include "sim/memory_access.h"

#include <algorithm>
#include <bit>

#include "base/format.h"
#include "sim/memory_resolve.h"

namespace caesar::sim {
namespace {

// By the spaces that the lanes' addresses lie in; mostly one.
Step ResolveGeneric(Warp& warp, MemoryAccess access, const std::uint64_t* addresses, Mask lanes,
                    OpMemo* memo, LanePointers* pointers) {
  while (lanes != 0) {
    const Space space = SpaceOf(addresses[std::countr_zero(lanes)]);
    LaneAddresses inner;
    Mask same = 0;
    for (Mask left = lanes; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      if (SpaceOf(addresses[lane]) != space) continue;
      same |= Mask{1} << lane;
      const std::uint64_t at = addresses[lane];
      inner.of[lane] = space == Space::kGlobal ? at : at % kWindowBytes;
      if (space != Space::kSharedCluster) continue;
      const std::uint64_t rank = inner.of[lane] / kSharedWindowStride;
      inner.of[lane] = rank == warp.block->cluster_rank ? inner.of[lane] % kSharedWindowStride
                                                        : inner.of[lane] + kSharedWindowStride;
    }
    access.space = space;
    // A memo knows one space's cost.
    OpMemo* own = space == Space::kGlobal ? memo : nullptr;
    const Step step = Resolve(warp, access, inner, same, own, pointers);
    if (step != Step::kNext) return step;
    lanes &= ~same;
  }
  return Step::kNext;
}

}  // namespace

std::string_view Name(Space space) {
  switch (space) {
    case Space::kGeneric:
      return "generic";
    case Space::kGlobal:
      return "global";
    case Space::kConst:
      return "constant";
    case Space::kShared:
    case Space::kSharedCluster:
      return "shared";
    case Space::kLocal:
      return "local";
    case Space::kParam:
      break;
  }
  return "parameter";
}

Space SpaceOf(std::uint64_t generic) {
  switch (generic / kWindowBytes) {
    case kSharedWindow / kWindowBytes:
      return Space::kSharedCluster;
    case kLocalWindow / kWindowBytes:
      return Space::kLocal;
    case kParamWindow / kWindowBytes:
      return Space::kParam;
    default:
      return Space::kGlobal;
  }
}

std::string_view Verb(Touch touch) {
  return touch == Touch::kRead ? "reads" : touch == Touch::kWrite ? "writes" : "updates";
}

std::string ShareOf(Mask bad, Mask lanes) {
  return Format("{} of {} lane{}", std::popcount(bad), std::popcount(lanes),
                std::popcount(lanes) == 1 ? "" : "s");
}

Step Misaligned(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                Mask lanes) {
  Mask bad = 0;
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    if (addresses[lane] % access.bytes != 0) bad |= Mask{1} << lane;
  }
  const std::uint64_t at = addresses[std::countr_zero(bad)];
  return warp.Report(FindingKind::kMisaligned, bad,
                     Format("{} {} bytes of {} memory at {:#x}, which is no multiple of {} ({})",
                            Verb(access.touch), access.bytes, Name(access.space), at, access.bytes,
                            ShareOf(bad, lanes)));
}

void AddressesOf(const Warp& warp, Slot base, bool narrow, std::int64_t offset,
                 LaneAddresses* out) {
  const auto added = static_cast<std::uint64_t>(offset);
  if (base == kNoSlot) {
    std::fill_n(out->of, kLanes, added);
  } else if (narrow) {
    // Addresses of 32 bits wrap around.
    const auto* lanes = warp.Lanes<std::uint32_t>(base);
    for (int i = 0; i < kLanes; ++i) out->of[i] = lanes[i] + static_cast<std::uint32_t>(added);
  } else {
    const auto* lanes = warp.Lanes<std::uint64_t>(base);
    for (int i = 0; i < kLanes; ++i) out->of[i] = lanes[i] + added;
  }
}

Step Resolve(Warp& warp, const MemoryAccess& access, const LaneAddresses& addresses, Mask lanes,
             OpMemo* memo, LanePointers* pointers) {
  if (lanes == 0) return Step::kNext;
  switch (access.space) {
    case Space::kGeneric:
      return ResolveGeneric(warp, access, addresses.of, lanes, memo, pointers);
    case Space::kGlobal:
    case Space::kConst:
      return ResolveGlobal(warp, access, addresses.of, lanes, memo, pointers);
    case Space::kShared:
      return ResolveShared(warp, *warp.block, access, addresses.of, lanes, memo, pointers);
    case Space::kSharedCluster:
      return ResolveCluster(warp, access, addresses.of, lanes, memo, pointers);
    case Space::kLocal:
      return ResolveLocal(warp, access, addresses.of, lanes, pointers);
    case Space::kParam:
      break;
  }
  return ResolveParam(warp, access, addresses.of, lanes, pointers);
}

std::byte* ResolveBytes(Warp& warp, Space space, Touch touch, std::uint64_t address,
                        std::uint64_t bytes, Mask lane) {
  // Byte by byte where it may be of any length: the ends are what can be outside.
  const MemoryAccess access{space, touch, false, 1, false, false};
  LaneAddresses addresses;
  LanePointers pointers = {};
  const int index = std::countr_zero(lane) % kLanes;
  bytes = std::clamp<std::uint64_t>(bytes, 1, std::uint64_t{1} << 38);
  addresses.of[index] = address;
  if (Resolve(warp, access, addresses, lane, nullptr, &pointers) != Step::kNext) return nullptr;
  std::byte* const first = pointers.of[index];
  addresses.of[index] = address + bytes - 1;
  if (Resolve(warp, access, addresses, lane, nullptr, &pointers) != Step::kNext) return nullptr;
  // Both ends in one allocation: what lies between is in it too.
  if (pointers.of[index] - first == static_cast<std::ptrdiff_t>(bytes - 1)) {
    const Space inner = space == Space::kGeneric ? SpaceOf(address) : space;
    if (inner != Space::kGlobal && inner != Space::kConst) return first;
    if (warp.grid->arena->Find(address, bytes) != nullptr) return first;
  }
  warp.Report(
      FindingKind::kOutOfBounds, lane,
      Format("{} {} bytes, {}", Verb(touch), bytes, warp.grid->arena->Describe(address, bytes)));
  return nullptr;
}

}  // namespace caesar::sim
