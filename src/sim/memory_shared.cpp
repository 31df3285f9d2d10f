// Accesses to shared memory, of the own block and of others of its cluster: bounds, shadow, passes.
#include "base/format.h"
#include "sim/memory_resolve.h"
#include "sim/module.h"
#include "sim/place.h"

namespace caesar::sim {
namespace {

// What a pattern costs repeats itself when it is moved by words, since that turns all banks alike.
constexpr std::uint32_t kPeriod = 4;

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
  return warp.Report(
      FindingKind::kSharedOutOfBounds, bad,
      Format("{} {} bytes at offset {:#x}, {} the block's shared memory ({} bytes) "
             "({})",
             Verb(access.touch), access.bytes, at, where, bytes, ShareOf(bad, lanes)));
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

// Of the operation under way.
int LocationOf(const Warp& warp) {
  if (warp.frame == nullptr || warp.frame->function == nullptr) return -1;
  const std::vector<int>& locations = warp.frame->function->locations;
  return warp.pc < locations.size() ? locations[warp.pc] : -1;
}

// " at line 6", " at tile.h:6"; empty: unknown, or one of several.
std::string LineOf(const Warp& warp, const std::vector<int>& locations) {
  if (locations.empty() || warp.grid->module == nullptr) return "";
  const ptx::Module& source = warp.grid->module->source;
  const Place place = PlaceIn(source, locations.front());
  for (const int location : locations) {
    const Place other = PlaceIn(source, location);
    if (other.line != place.line || other.file != place.file) return "";
  }
  if (place.file.empty() || place.line == 0) return "";
  const bool here = PlaceIn(source, LocationOf(warp)).file == place.file;
  return here ? Format(" at line {}", place.line) : Format(" at {}:{}", place.file, place.line);
}

}  // namespace

std::string OtherParty(const Warp& warp, std::uint32_t offset) {
  const SharedMemory& shared = warp.block->shared;
  const SharedMemory::Party& other = shared.other();
  return Format("which warp {} of the block {}{}", other.warp, other.wrote ? "wrote" : "read",
                LineOf(warp, shared.LocationsOf(other, offset)));
}

void NoteShared(Warp& warp, const MemoryAccess& access, std::uint32_t offset, std::uint32_t bytes,
                Mask lanes) {
  SharedMemory& shared = warp.block->shared;
  std::uint32_t other = 0, at = offset;
  shared.Remember(ShadowAccess(access), LocationOf(warp), offset, bytes, warp.index);
  const auto trouble = shared.Note(ShadowAccess(access), offset, bytes, warp.index, &other, &at);
  if (trouble == SharedMemory::Trouble::kNone) return;
  if (lanes == kAllLanes && bytes > access.bytes)
    lanes &= kAllLanes << ((at - offset) / access.bytes % kLanes);
  const bool race = trouble == SharedMemory::Trouble::kRace;
  if (warp.ReportedBefore(race ? FindingKind::kRace : FindingKind::kUninitializedShared)) return;
  if (!race) {
    warp.Report(FindingKind::kUninitializedShared, lanes,
                Format("reads shared memory at offset {} that nobody has written", at));
    return;
  }
  warp.Report(FindingKind::kRace, lanes,
              Format("{} shared memory at offset {}, {} with no barrier in between (this is warp "
                     "{})",
                     Verb(access.touch), at, OtherParty(warp, at), warp.index));
}

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
  if (access.shadow && block.shared.checked) {
    if (&block == warp.block) {
      const std::int64_t low = inside ? first + pattern.lowest : 0;
      const std::int64_t high =
          inside ? first + pattern.highest + access.bytes : static_cast<std::int64_t>(bytes);
      block.shared.Remember(ShadowAccess(access), LocationOf(warp), static_cast<std::uint32_t>(low),
                            static_cast<std::uint32_t>(high - low), warp.index);
    }
    NoteLanes(warp, block, access, addresses, lanes);
  }
  if (!access.count || warp.counts == nullptr) return Step::kNext;
  OpCounts& counts = warp.counts[warp.pc];
  counts.bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * access.bytes;
  if (Remembered(memo, pattern, lanes, kPeriod)) {
    counts.waves += memo->waves;
    counts.waves_ideal += memo->waves_ideal;
  } else {
    const Waves waves = WavesOf(addresses, lanes, access.bytes, access.touch);
    counts.waves += waves.taken;
    counts.waves_ideal += waves.ideal;
    Remember(memo, pattern, lanes, kPeriod, 0, waves);
  }
  return Step::kNext;
}

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

}  // namespace caesar::sim
