#include "sim/memory_access.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/format.h"
#include "sim/memory_traffic.h"

namespace caesar::sim {
namespace {

std::string_view Verb(Touch touch) {
  return touch == Touch::kRead ? "reads" : touch == Touch::kWrite ? "writes" : "updates";
}

std::string Lanes(Mask bad, Mask lanes) {
  return Format("{} of {} lane{}", std::popcount(bad), std::popcount(lanes),
                std::popcount(lanes) == 1 ? "" : "s");
}

// The addresses of the lanes relative to the first of them.
struct Pattern {
  std::uint64_t first = 0;
  std::int64_t lowest = 0, highest = 0;
  std::uint64_t bits = 0;  // of all addresses together: their alignment
  bool small = false;      // offsets fit into 32 bits
  std::int32_t offsets[kLanes];
};

void Examine(const std::uint64_t* addresses, Mask lanes, Pattern* pattern) {
  const std::uint64_t first = addresses[std::countr_zero(lanes)];
  std::uint64_t used[kLanes];
  for (int i = 0; i < kLanes; ++i) used[i] = (lanes >> i & 1) != 0 ? addresses[i] : first;
  std::uint64_t bits = 0, far = 0;
  std::int32_t lowest = 0, highest = 0;
  for (int i = 0; i < kLanes; ++i) {
    const std::uint64_t distance = used[i] - first;
    bits |= used[i];
    far |= distance + 0x80000000U;  // beyond 32 bits unless the distance fits
    pattern->offsets[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(distance));
  }
  for (int i = 0; i < kLanes; ++i) {
    lowest = std::min(lowest, pattern->offsets[i]);
    highest = std::max(highest, pattern->offsets[i]);
  }
  pattern->first = first;
  pattern->lowest = lowest;
  pattern->highest = highest;
  pattern->bits = bits;
  pattern->small = far >> 32 == 0;
}

// What a pattern costs repeats itself when it is moved by this many bytes: by sectors in global
// memory; by words in shared memory, since moving turns all banks alike.
constexpr std::uint32_t kGlobalPeriod = 32, kSharedPeriod = 4;

bool Remembered(const OpMemo* memo, const Pattern& pattern, Mask lanes, std::uint32_t period) {
  if (memo == nullptr || memo->mask != lanes || !pattern.small ||
      memo->phase != pattern.first % period) {
    return false;
  }
  std::int32_t different = 0;
  for (int i = 0; i < kLanes; ++i) different |= memo->offsets[i] ^ pattern.offsets[i];
  return different == 0;
}

void Remember(OpMemo* memo, const Pattern& pattern, Mask lanes, std::uint32_t period,
              std::uint32_t sectors, std::uint32_t waves) {
  if (memo == nullptr || !pattern.small) return;
  memo->mask = lanes;
  memo->phase = static_cast<std::uint32_t>(pattern.first % period);
  memo->sectors = sectors;
  memo->waves = waves;
  std::copy_n(pattern.offsets, kLanes, memo->offsets);
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
                            Lanes(bad, lanes)));
}

// Some lane is outside of its allocation, or lanes are in different ones.
Step ResolveGlobalByLane(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                         Mask lanes) {
  const Arena& arena = *warp.grid->arena;
  Mask bad = 0, locked = 0;
  std::string name;
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const Allocation* found = arena.Find(addresses[lane], access.bytes);
    if (found == nullptr) {
      bad |= Mask{1} << lane;
    } else if (access.touch != Touch::kRead && !found->writable) {
      locked |= Mask{1} << lane;
      name = found->name;
    }
  }
  if (bad != 0) {
    const std::uint64_t at = addresses[std::countr_zero(bad)];
    return warp.Report(
        FindingKind::kOutOfBounds, bad,
        Format("{} {} byte{}, {} ({})", Verb(access.touch), access.bytes,
               access.bytes == 1 ? "" : "s", arena.Describe(at, access.bytes), Lanes(bad, lanes)));
  }
  if (locked != 0) {
    return warp.Report(
        FindingKind::kReadOnly, locked,
        Format("{} {}, which is read-only ({})", Verb(access.touch), name, Lanes(locked, lanes)));
  }
  return Step::kNext;
}

Step ResolveGlobal(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                   Mask lanes, OpMemo* memo, LanePointers* pointers) {
  Pattern pattern;
  Examine(addresses, lanes, &pattern);
  if ((pattern.bits & (access.bytes - 1U)) != 0) {
    return Misaligned(warp, access, addresses, lanes);
  }
  const bool write = access.touch != Touch::kRead;
  const std::uint64_t low = pattern.first + static_cast<std::uint64_t>(pattern.lowest);
  const std::uint64_t span =
      static_cast<std::uint64_t>(pattern.highest - pattern.lowest) + access.bytes;
  OpMemo local;
  OpMemo* where = memo == nullptr ? &local : memo;
  const bool inside =
      pattern.small && ((low >= where->begin && low <= where->end && span <= where->end - low) ||
                        FindAllocation(warp, low, span, write, where));
  if (!inside) {
    const Step step = ResolveGlobalByLane(warp, access, addresses, lanes);
    if (step != Step::kNext) return step;
  }
  for (int i = 0; i < kLanes; ++i) {
    if ((lanes >> i & 1) != 0) pointers->of[i] = warp.grid->arena->Host(addresses[i]);
  }
  if (!access.count || warp.counts == nullptr) return Step::kNext;
  OpCounts& counts = warp.counts[warp.pc];
  counts.bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * access.bytes;
  if (Remembered(memo, pattern, lanes, kGlobalPeriod)) {
    counts.sectors += memo->sectors;
  } else {
    const std::uint32_t sectors = SectorsOf(addresses, lanes, access.bytes);
    counts.sectors += sectors;
    Remember(memo, pattern, lanes, kGlobalPeriod, sectors, 0);
  }
  return Step::kNext;
}

SharedMemory::Access ShadowAccess(const MemoryAccess& access) {
  using Access = SharedMemory::Access;
  switch (access.touch) {
    case Touch::kRead:
      return access.synchronizing ? Access::kSynchronizingRead : Access::kRead;
    case Touch::kWrite:
      return access.synchronizing ? Access::kSynchronizingWrite : Access::kWrite;
    case Touch::kAtomic:
      break;
  }
  return Access::kAtomic;
}

Step SharedOutOfBounds(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                       Mask lanes, Mask bad, std::uint64_t bytes) {
  const std::uint64_t at = addresses[std::countr_zero(bad)];
  const std::string where =
      at >= bytes ? Format("{} bytes behind the end of", at - bytes)
                  : Format("the last {} of them behind the end of", at + access.bytes - bytes);
  return warp.Report(FindingKind::kSharedOutOfBounds, bad,
                     Format("{} {} bytes at offset {:#x}, {} the block's shared memory ({} bytes) "
                            "({})",
                            Verb(access.touch), access.bytes, at, where, bytes, Lanes(bad, lanes)));
}

// In the shadow of `block`, what each lane accesses.
void NoteLanes(Warp& warp, Block& block, const MemoryAccess& access, const std::uint64_t* addresses,
               Mask lanes) {
  std::uint32_t offsets[kLanes];
  std::uint8_t lane_of[kLanes];
  std::uint32_t count = 0;
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const auto at = static_cast<std::uint32_t>(addresses[lane]);
    if (count != 0 && offsets[count - 1] == at) continue;
    offsets[count] = at;
    lane_of[count++] = static_cast<std::uint8_t>(lane);
  }
  const bool own = &block == warp.block;
  const SharedMemory::Access kind = ShadowAccess(access);
  const bool plain = kind == SharedMemory::Access::kRead || kind == SharedMemory::Access::kWrite;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (own) {
      if (plain) i = block.shared.NoteEach(kind, offsets, i, count, access.bytes, warp.index);
      if (i == count) break;
      NoteShared(warp, access, offsets[i], access.bytes, Mask{1} << lane_of[i]);
    } else if (access.touch != Touch::kRead) {
      block.shared.NoteForeignWrite(offsets[i], access.bytes);
    }
  }
}

// The access to the shared memory of `block`, which may be another one of the cluster.
Step ResolveShared(Warp& warp, Block& block, const MemoryAccess& access,
                   const std::uint64_t* addresses, Mask lanes, OpMemo* memo,
                   LanePointers* pointers) {
  Pattern pattern;
  Examine(addresses, lanes, &pattern);
  if ((pattern.bits & (access.bytes - 1U)) != 0) {
    return Misaligned(warp, access, addresses, lanes);
  }
  const std::uint64_t bytes = block.shared.bytes();
  const std::int64_t first = static_cast<std::int64_t>(pattern.first % (std::uint64_t{1} << 40));
  const bool inside = pattern.small && pattern.first >> 40 == 0 && first + pattern.lowest >= 0 &&
                      first + pattern.highest + access.bytes <= static_cast<std::int64_t>(bytes);
  Mask bad = 0;
  for (Mask left = inside ? 0 : lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    if (addresses[lane] >= bytes || access.bytes > bytes - addresses[lane]) bad |= Mask{1} << lane;
  }
  if (bad != 0) return SharedOutOfBounds(warp, access, addresses, lanes, bad, bytes);
  std::byte* const data = block.shared.data();
  for (int i = 0; i < kLanes; ++i) {
    if ((lanes >> i & 1) != 0) pointers->of[i] = data + addresses[i];
  }
  if (access.shadow && block.shared.checked) NoteLanes(warp, block, access, addresses, lanes);
  if (!access.count || warp.counts == nullptr) return Step::kNext;
  OpCounts& counts = warp.counts[warp.pc];
  counts.bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * access.bytes;
  counts.waves_ideal += IdealWavesOf(lanes, access.bytes);
  if (Remembered(memo, pattern, lanes, kSharedPeriod)) {
    counts.waves += memo->waves;
  } else {
    const std::uint32_t waves =
        WavesOf(addresses, lanes, access.bytes, access.touch == Touch::kAtomic);
    counts.waves += waves;
    Remember(memo, pattern, lanes, kSharedPeriod, 0, waves);
  }
  return Step::kNext;
}

// Addresses of .shared::cluster: (rank + 1) << 24 | offset, or an offset in the own block.
Step ResolveCluster(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                    Mask lanes, OpMemo* memo, LanePointers* pointers) {
  while (lanes != 0) {
    const std::uint64_t window = addresses[std::countr_zero(lanes)] >> 24;
    LaneAddresses offsets;
    Mask same = 0;
    for (Mask left = lanes; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      if (addresses[lane] >> 24 != window) continue;
      same |= Mask{1} << lane;
      offsets.of[lane] = addresses[lane] & 0xFFFFFF;
    }
    Block* block = warp.block;
    if (window > block->cluster_blocks ||
        (window != 0 && block->cluster == nullptr && window != 1)) {
      return warp.Report(FindingKind::kSharedOutOfBounds, same,
                         Format("{} shared memory of block {} of a cluster of {}",
                                Verb(access.touch), window - 1, block->cluster_blocks));
    }
    if (window != 0 && block->cluster != nullptr) block = block->cluster[window - 1];
    const Step step = ResolveShared(warp, *block, access, offsets.of, same, memo, pointers);
    if (step != Step::kNext) return step;
    lanes &= ~same;
  }
  return Step::kNext;
}

Step ResolveLocal(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                  Mask lanes, LanePointers* pointers) {
  const std::uint64_t stride = warp.local_stride;
  Mask bad = 0;
  std::uint64_t bits = 0;
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t at = addresses[lane];
    bits |= at;
    if (at >= stride || access.bytes > stride - at) {
      bad |= Mask{1} << lane;
    } else {
      pointers->of[lane] = warp.local.data() + stride * static_cast<std::uint64_t>(lane) + at;
    }
  }
  if (bad != 0) {
    return warp.Report(FindingKind::kLocalOutOfBounds, bad,
                       Format("{} {} bytes at offset {:#x} of a thread's local memory ({} bytes) "
                              "({})",
                              Verb(access.touch), access.bytes, addresses[std::countr_zero(bad)],
                              stride, Lanes(bad, lanes)));
  }
  if ((bits & (access.bytes - 1U)) != 0) return Misaligned(warp, access, addresses, lanes);
  if (access.count && warp.counts != nullptr) {
    OpCounts& counts = warp.counts[warp.pc];
    counts.bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * access.bytes;
    counts.sectors += LocalSectorsOf(addresses, lanes, access.bytes);
  }
  return Step::kNext;
}

// A kernel's parameters are the grid's; what calls pass lies in the frame, lane by lane.
Step ResolveParam(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                  Mask lanes, LanePointers* pointers) {
  Frame& frame = *warp.frame;
  const std::uint64_t bytes = frame.function->param_bytes;
  std::uint64_t shared_bytes = 0;  // by all lanes
  if (frame.function->kernel) {
    for (const ParameterSlot& slot : frame.function->parameters) {
      shared_bytes = std::max<std::uint64_t>(shared_bytes, slot.offset + slot.bytes);
    }
  }
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t at = addresses[lane];
    const bool common = at < shared_bytes;
    std::vector<std::byte>& memory = common ? warp.grid->params : frame.params;
    const std::uint64_t base = common ? 0 : bytes * static_cast<std::uint64_t>(lane);
    const std::uint64_t limit =
        common ? std::min<std::uint64_t>(shared_bytes, memory.size())
               : std::min<std::uint64_t>(
                     bytes, memory.size() - std::min<std::uint64_t>(base, memory.size()));
    const bool inside = at < limit && access.bytes <= limit - at;
    if (!inside || (common && access.touch != Touch::kRead)) {
      return warp.Report(
          inside ? FindingKind::kReadOnly : FindingKind::kLocalOutOfBounds, Mask{1} << lane,
          Format("{} {} bytes at offset {:#x} of {} bytes of parameters", Verb(access.touch),
                 access.bytes, at, common ? shared_bytes : bytes));
    }
    pointers->of[lane] = memory.data() + base + at;
  }
  return Step::kNext;
}

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

bool FindAllocation(const Warp& warp, std::uint64_t first, std::uint64_t bytes, bool write,
                    OpMemo* memo) {
  const Allocation* found = warp.grid->arena->Find(first, bytes);
  if (found == nullptr || (write && !found->writable)) return false;
  memo->begin = found->begin;
  memo->end = found->end;
  return true;
}

void NoteShared(Warp& warp, const MemoryAccess& access, std::uint32_t offset, std::uint32_t bytes,
                Mask lanes) {
  SharedMemory& shared = warp.block->shared;
  std::uint32_t other = 0;
  const auto trouble = shared.Note(ShadowAccess(access), offset, bytes, warp.index, &other);
  if (trouble == SharedMemory::Trouble::kNone) return;
  if (trouble == SharedMemory::Trouble::kUninitialized) {
    warp.Report(FindingKind::kUninitializedShared, lanes,
                Format("reads shared memory at offset {} that nobody has written", offset));
    return;
  }
  warp.Report(FindingKind::kRace, lanes,
              Format("{} shared memory at offset {}, which warp {} of the block accesses with no "
                     "barrier in between (this is warp {})",
                     Verb(access.touch), offset, other, warp.index));
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
