// Accesses to global and constant memory.
#include "base/format.h"
#include "sim/memory_resolve.h"

namespace caesar::sim {
namespace {

// What a pattern costs repeats itself when it is moved by this many bytes.
constexpr std::uint32_t kPeriod = 32;

// Some lane is outside of its allocation, or lanes are in different ones.
Step ResolveGlobalByLane(Warp& warp, const MemoryAccess& access, const std::uint64_t* addresses,
                         Mask lanes, OpMemo* memo) {
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
    } else {
      memo->Meet(found->begin, found->end);
    }
  }
  if (bad != 0) {
    const std::uint64_t at = addresses[std::countr_zero(bad)];
    return warp.Report(FindingKind::kOutOfBounds, bad,
                       Format("{} {} byte{}, {} ({})", Verb(access.touch), access.bytes,
                              access.bytes == 1 ? "" : "s", arena.Describe(at, access.bytes),
                              ShareOf(bad, lanes)));
  }
  if (locked != 0) {
    return warp.Report(
        FindingKind::kReadOnly, locked,
        Format("{} {}, which is read-only ({})", Verb(access.touch), name, ShareOf(locked, lanes)));
  }
  return Step::kNext;
}

}  // namespace

bool FindAllocation(const Warp& warp, std::uint64_t first, std::uint64_t bytes, bool write,
                    OpMemo* memo) {
  const Allocation* found = warp.grid->arena->Find(first, bytes);
  if (found == nullptr || (write && !found->writable)) return false;
  memo->Meet(found->begin, found->end);
  return true;
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
    const Step step = ResolveGlobalByLane(warp, access, addresses, lanes, where);
    if (step != Step::kNext) return step;
  }
  for (int i = 0; i < kLanes; ++i) {
    if ((lanes >> i & 1) != 0) pointers->of[i] = warp.grid->arena->Host(addresses[i]);
  }
  if (!access.count || warp.counts == nullptr) return Step::kNext;
  OpCounts& counts = warp.counts[warp.pc];
  counts.bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * access.bytes;
  if (Remembered(memo, pattern, lanes, kPeriod)) {
    counts.sectors += memo->sectors;
  } else {
    const std::uint32_t sectors = SectorsOf(addresses, lanes, access.bytes);
    counts.sectors += sectors;
    Remember(memo, pattern, lanes, kPeriod, sectors, {});
  }
  return Step::kNext;
}

}  // namespace caesar::sim
