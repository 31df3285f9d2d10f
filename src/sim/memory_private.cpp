// Accesses to what each lane has of its own: local memory and parameters.
#include "base/format.h"
#include "sim/memory_resolve.h"

namespace caesar::sim {

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
                              stride, ShareOf(bad, lanes)));
  }
  if ((bits & (access.bytes - 1U)) != 0) return Misaligned(warp, access, addresses, lanes);
  if (access.count && warp.counts != nullptr) {
    OpCounts& counts = warp.counts[warp.pc];
    counts.bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * access.bytes;
    counts.local_sectors += LocalSectorsOf(addresses, lanes, access.bytes);
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

}  // namespace caesar::sim
