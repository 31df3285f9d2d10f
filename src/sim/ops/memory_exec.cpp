// Loads and stores. Fast: all lanes, one row of memory without gaps, or all at one address. The
// rest goes lane by lane through Resolve.
#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/ops/memory.h"
// Behind all others:
#include "sim/isa_begin.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

struct B128 {
  std::uint64_t low = 0, high = 0;
};

const MemoryDetail& DetailOf(const Op& op) { return *static_cast<const MemoryDetail*>(op.detail); }

// Acquire and release of the own block's shared memory order what the shadow sees.
void Order(Warp& warp, const MemoryDetail& detail, bool before) {
  if (before ? detail.release : detail.acquire) warp.block->shared.Fence(warp.index);
}

template <class R, class M>
R Extend(M value) {
  if constexpr (sizeof(M) == 16) {
    return value;
  } else {
    return static_cast<R>(value);  // by the sign of M, modulo the width of R
  }
}

template <class M, class R>
Step LoadAny(Warp& warp, const Op& op) {
  const MemoryDetail& detail = DetailOf(op);
  LaneAddresses addresses;
  LanePointers pointers;
  AddressesOf(warp, op, &addresses);
  const Step step = Resolve(warp, detail.access, addresses, warp.active, MemoOf(warp), &pointers);
  if (step != Step::kNext) return step;
  for (int k = 0; k < op.count; ++k) {
    R* to = warp.Lanes<R>(op.slots[k]);
    for (Mask left = warp.active; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      M value;
      std::memcpy(&value, pointers.of[lane] + static_cast<std::size_t>(k) * sizeof(M), sizeof(M));
      to[lane] = Extend<R>(value);
    }
  }
  Order(warp, detail, false);
  return Step::kNext;
}

template <class M, class R>
Step StoreAny(Warp& warp, const Op& op) {
  const MemoryDetail& detail = DetailOf(op);
  LaneAddresses addresses;
  LanePointers pointers;
  AddressesOf(warp, op, &addresses);
  Order(warp, detail, true);
  const Step step = Resolve(warp, detail.access, addresses, warp.active, MemoOf(warp), &pointers);
  if (step != Step::kNext) return step;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    for (int k = 0; k < op.count; ++k) {
      const M value = Extend<M>(warp.Lanes<R>(op.slots[k])[lane]);
      std::memcpy(pointers.of[lane] + static_cast<std::size_t>(k) * sizeof(M), &value, sizeof(M));
    }
  }
  return Step::kNext;
}

// How the 32 addresses of a base lie: one after the other by `bytes`, or all the same.
struct Row {
  std::uint64_t first = 0;
  bool contiguous = false, same = false;
};
template <std::uint64_t kBytes, class Base>
Row RowOf(const Base* base) {
  constexpr auto kStep = static_cast<Base>(kBytes);
  const Base start = base[0], span = base[kLanes - 1] - start;
  // What the last one says decides which of both it can be.
  Base gaps = 0;
  if (span == kStep * (kLanes - 1)) {
    for (int i = 0; i < kLanes; ++i) gaps |= (base[i] - start) ^ (static_cast<Base>(i) * kStep);
    return {start, gaps == 0, false};
  }
  if (span != 0) return {start, false, false};
  for (int i = 0; i < kLanes; ++i) gaps |= base[i] ^ start;
  return {start, false, gaps == 0};
}
template <std::uint64_t kBytes>
Row RowOf(const Warp& warp, const Op& op) {
  Row row;
  if ((op.flags & kNarrowBase) != 0) {
    row = RowOf<kBytes>(warp.Lanes<std::uint32_t>(op.a));
    row.first = static_cast<std::uint32_t>(row.first + static_cast<std::uint64_t>(op.immediate));
  } else {
    row = RowOf<kBytes>(warp.Lanes<std::uint64_t>(op.a));
    row.first += static_cast<std::uint64_t>(op.immediate);
  }
  return row;
}

// kCount elements of each lane, one lane after the other, to and from registers.
template <class M, int kCount>
void Scatter(Warp& warp, const Op& op, const std::byte* from) {
  if constexpr (kCount == 1) {
    std::memcpy(warp.Lanes<M>(op.slots[0]), from, sizeof(M) * kLanes);
  } else {
    M rows[kLanes * kCount];
    std::memcpy(rows, from, sizeof rows);
    for (int k = 0; k < kCount; ++k) {
      M* to = warp.Lanes<M>(op.slots[k]);
      for (int i = 0; i < kLanes; ++i) to[i] = rows[i * kCount + k];
    }
  }
}
template <class M, int kCount>
void Gather(const Warp& warp, const Op& op, std::byte* to) {
  if constexpr (kCount == 1) {
    std::memcpy(to, warp.Lanes<M>(op.slots[0]), sizeof(M) * kLanes);
  } else {
    M rows[kLanes * kCount];
    for (int k = 0; k < kCount; ++k) {
      const M* from = warp.Lanes<M>(op.slots[k]);
      for (int i = 0; i < kLanes; ++i) rows[i * kCount + k] = from[i];
    }
    std::memcpy(to, rows, sizeof rows);
  }
}
template <class M, int kCount>
void Spread(Warp& warp, const Op& op, const std::byte* from) {
  for (int k = 0; k < kCount; ++k) {
    M value;
    std::memcpy(&value, from + static_cast<std::size_t>(k) * sizeof(M), sizeof(M));
    std::fill_n(warp.Lanes<M>(op.slots[k]), kLanes, value);
  }
}

// Where the row [first, first + bytes) of global memory is, counted; null: not simple.
std::byte* GlobalRow(Warp& warp, std::uint64_t first, std::uint64_t bytes, std::uint64_t each,
                     bool write) {
  OpMemo* memo = MemoOf(warp);
  if (memo == nullptr || first % each != 0) return nullptr;
  const bool inside = first >= memo->begin && first <= memo->end && bytes <= memo->end - first;
  if (!inside && !FindAllocation(warp, first, bytes, write, memo)) return nullptr;
  if (warp.counts != nullptr) {
    OpCounts& counts = warp.counts[warp.pc];
    counts.bytes += each * kLanes;
    counts.sectors += (first % 32 + bytes + 31) / 32;
  }
  return warp.grid->arena->Host(first);
}

// The same for shared memory. A row of 4 bytes per lane needs one pass, of 8 two, of 16 four; one
// address for all is read by half as many, see WavesOf.
std::byte* SharedRow(Warp& warp, const MemoryAccess& access, std::uint64_t first,
                     std::uint64_t bytes, std::uint64_t each, bool row) {
  SharedMemory& shared = warp.block->shared;
  if (first % each != 0 || first > shared.bytes() || bytes > shared.bytes() - first) {
    return nullptr;
  }
  NoteShared(warp, access, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(bytes),
             kAllLanes);
  if (warp.counts != nullptr) {
    OpCounts& counts = warp.counts[warp.pc];
    const std::uint64_t words = each <= 4 ? 1 : each / 4;
    const std::uint64_t waves = row ? words : (words + 1) / 2;
    counts.bytes += each * kLanes;
    counts.waves_ideal += waves;
    counts.waves += waves;
  }
  return shared.data() + first;
}

// Accesses to shared memory in a pattern that the operation's memo knows: bounds, alignment and
// pattern in vectors of 32-bit offsets. False: Resolve has to look (what was noted in the shadow
// may be noted again).
bool KnownLanes(Warp& warp, const Op& op, const MemoryAccess& access, std::uint32_t* offsets) {
  const OpMemo* memo = MemoOf(warp);
  SharedMemory& shared = warp.block->shared;
  const Mask lanes = warp.active;
  if (memo == nullptr || memo->mask != lanes || warp.counts == nullptr || !shared.checked ||
      (op.flags & kNarrowBase) == 0) {
    return false;
  }
  const auto* base = warp.Lanes<std::uint32_t>(op.a);
  const auto added = static_cast<std::uint32_t>(op.immediate);
  const std::uint32_t first = base[std::countr_zero(lanes)] + added;
  std::uint32_t bits = 0, highest = 0, different = 0;
  for (int i = 0; i < kLanes; ++i) {
    const std::uint32_t at = (lanes >> i & 1) != 0 ? base[i] + added : first;
    offsets[i] = at;
    bits |= at;
    highest = std::max(highest, at);
    different |= static_cast<std::uint32_t>(memo->offsets[i]) ^ (at - first);
  }
  if (different != 0 || memo->phase != first % 4 || (bits & (access.bytes - 1U)) != 0 ||
      shared.bytes() < access.bytes || highest > shared.bytes() - access.bytes) {
    return false;
  }
  std::uint32_t some[kLanes], count = lanes == kAllLanes ? kLanes : 0;
  const std::uint32_t* const noted = lanes == kAllLanes ? offsets : some;
  for (Mask left = lanes == kAllLanes ? 0 : lanes; left != 0; left &= left - 1) {
    some[count++] = offsets[std::countr_zero(left)];
  }
  const auto kind =
      access.touch == Touch::kRead ? SharedMemory::Access::kRead : SharedMemory::Access::kWrite;
  if (shared.NoteEach(kind, noted, 0, count, access.bytes, warp.index) != count) return false;
  OpCounts& counts = warp.counts[warp.pc];
  counts.bytes += static_cast<std::uint64_t>(count) * access.bytes;
  counts.waves += memo->waves;
  counts.waves_ideal += memo->waves_ideal;
  return true;
}

template <class M, int kCount, Space kSpace>
Step Load(Warp& warp, const Op& op) {
  constexpr std::uint64_t kEach = sizeof(M) * kCount;
  if (warp.active == kAllLanes) {
    const Row row = RowOf<kEach>(warp, op);
    const std::uint64_t bytes = row.contiguous ? kEach * kLanes : kEach;
    if (row.contiguous || row.same) {
      const std::byte* from =
          kSpace == Space::kShared
              ? SharedRow(warp, DetailOf(op).access, row.first, bytes, kEach, row.contiguous)
              : GlobalRow(warp, row.first, bytes, kEach, false);
      if (from != nullptr) {
        row.contiguous ? Scatter<M, kCount>(warp, op, from) : Spread<M, kCount>(warp, op, from);
        return Step::kNext;
      }
    }
  }
  if constexpr (kSpace == Space::kShared) {
    std::uint32_t offsets[kLanes];
    if (KnownLanes(warp, op, DetailOf(op).access, offsets)) {
      const std::byte* data = warp.block->shared.data();
      for (int k = 0; k < kCount; ++k) {
        M* to = warp.Lanes<M>(op.slots[k]);
        for (Mask left = warp.active; left != 0; left &= left - 1) {
          const int lane = std::countr_zero(left);
          std::memcpy(to + lane, data + offsets[lane] + static_cast<std::size_t>(k) * sizeof(M),
                      sizeof(M));
        }
      }
      return Step::kNext;
    }
  }
  return LoadAny<M, M>(warp, op);
}

template <class M, int kCount, Space kSpace>
Step Store(Warp& warp, const Op& op) {
  constexpr std::uint64_t kEach = sizeof(M) * kCount;
  if (warp.active == kAllLanes) {
    const Row row = RowOf<kEach>(warp, op);
    if (row.contiguous) {
      std::byte* to =
          kSpace == Space::kShared
              ? SharedRow(warp, DetailOf(op).access, row.first, kEach * kLanes, kEach, true)
              : GlobalRow(warp, row.first, kEach * kLanes, kEach, true);
      if (to != nullptr) {
        Gather<M, kCount>(warp, op, to);
        return Step::kNext;
      }
    }
  }
  if constexpr (kSpace == Space::kShared) {
    std::uint32_t offsets[kLanes];
    if (KnownLanes(warp, op, DetailOf(op).access, offsets)) {
      std::byte* data = warp.block->shared.data();
      for (Mask left = warp.active; left != 0; left &= left - 1) {
        const int lane = std::countr_zero(left);
        for (int k = 0; k < kCount; ++k) {
          std::memcpy(data + offsets[lane] + static_cast<std::size_t>(k) * sizeof(M),
                      warp.Lanes<M>(op.slots[k]) + lane, sizeof(M));
        }
      }
      return Step::kNext;
    }
  }
  return StoreAny<M, M>(warp, op);
}

template <class T>
Step Move(Warp& warp, const Op& op) {
  const T* from = warp.Lanes<T>(op.a);
  T* to = warp.Lanes<T>(op.dst);
  if (warp.active == kAllLanes) {
    std::memmove(to, from, sizeof(T) * kLanes);
    return Step::kNext;
  }
  for (int i = 0; i < kLanes; ++i) to[i] = (warp.active >> i & 1) != 0 ? from[i] : to[i];
  return Step::kNext;
}

template <class M, Space kSpace>
Handler FastLoad(int count) {
  if (count == 1) return Load<M, 1, kSpace>;
  if (count == 2) return Load<M, 2, kSpace>;
  if constexpr (sizeof(M) <= 4) return Load<M, 4, kSpace>;
  return nullptr;
}
template <class M, Space kSpace>
Handler FastStore(int count) {
  if (count == 1) return Store<M, 1, kSpace>;
  if (count == 2) return Store<M, 2, kSpace>;
  if constexpr (sizeof(M) <= 4) return Store<M, 4, kSpace>;
  return nullptr;
}

template <class Unsigned, class Signed>
Handler LoadInto(int register_bytes, bool is_signed) {
  switch (register_bytes) {
    case 2:
      if constexpr (sizeof(Unsigned) <= 2) {
        return is_signed ? LoadAny<Signed, std::uint16_t> : LoadAny<Unsigned, std::uint16_t>;
      }
      break;
    case 4:
      if constexpr (sizeof(Unsigned) <= 4) {
        return is_signed ? LoadAny<Signed, std::uint32_t> : LoadAny<Unsigned, std::uint32_t>;
      }
      break;
    case 8:
      return is_signed ? LoadAny<Signed, std::uint64_t> : LoadAny<Unsigned, std::uint64_t>;
    default:
      break;
  }
  return nullptr;
}
template <class M>
Handler StoreFrom(int register_bytes) {
  switch (register_bytes) {
    case 2:
      if constexpr (sizeof(M) <= 2) return StoreAny<M, std::uint16_t>;
      break;
    case 4:
      if constexpr (sizeof(M) <= 4) return StoreAny<M, std::uint32_t>;
      break;
    case 8:
      return StoreAny<M, std::uint64_t>;
    default:
      break;
  }
  return nullptr;
}

// Whether a form has a fast path at all: plain, of the register's own width. Generic addresses
// take that of global memory: a row inside an allocation is nothing else.
bool IsFast(const ElementForm& form, const MemoryAccess& access) {
  return form.memory_bytes == form.register_bytes && !access.synchronizing &&
         (access.space == Space::kGlobal || access.space == Space::kConst ||
          access.space == Space::kShared || access.space == Space::kGeneric);
}

}  // namespace

Handler CopyHandler(int bytes) {
  return bytes == 2   ? Move<std::uint16_t>
         : bytes == 4 ? Move<std::uint32_t>
         : bytes == 8 ? Move<std::uint64_t>
                      : nullptr;
}

Handler LoadHandler(const ElementForm& form, const MemoryAccess& access, int count) {
  const bool shared = access.space == Space::kShared, fast = IsFast(form, access);
  switch (form.memory_bytes) {
    case 1:
      return LoadInto<std::uint8_t, std::int8_t>(form.register_bytes, form.is_signed);
    case 2:
      if (!fast) return LoadInto<std::uint16_t, std::int16_t>(form.register_bytes, form.is_signed);
      return shared ? FastLoad<std::uint16_t, Space::kShared>(count)
                    : FastLoad<std::uint16_t, Space::kGlobal>(count);
    case 4:
      if (!fast) return LoadInto<std::uint32_t, std::int32_t>(form.register_bytes, form.is_signed);
      return shared ? FastLoad<std::uint32_t, Space::kShared>(count)
                    : FastLoad<std::uint32_t, Space::kGlobal>(count);
    case 8:
      if (!fast) return LoadInto<std::uint64_t, std::int64_t>(form.register_bytes, false);
      return shared ? FastLoad<std::uint64_t, Space::kShared>(count)
                    : FastLoad<std::uint64_t, Space::kGlobal>(count);
    default:
      return form.register_bytes == 16 ? LoadAny<B128, B128> : nullptr;
  }
}

Handler StoreHandler(const ElementForm& form, const MemoryAccess& access, int count) {
  const bool shared = access.space == Space::kShared, fast = IsFast(form, access);
  switch (form.memory_bytes) {
    case 1:
      return StoreFrom<std::uint8_t>(form.register_bytes);
    case 2:
      if (!fast) return StoreFrom<std::uint16_t>(form.register_bytes);
      return shared ? FastStore<std::uint16_t, Space::kShared>(count)
                    : FastStore<std::uint16_t, Space::kGlobal>(count);
    case 4:
      if (!fast) return StoreFrom<std::uint32_t>(form.register_bytes);
      return shared ? FastStore<std::uint32_t, Space::kShared>(count)
                    : FastStore<std::uint32_t, Space::kGlobal>(count);
    case 8:
      if (!fast) return StoreFrom<std::uint64_t>(form.register_bytes);
      return shared ? FastStore<std::uint64_t, Space::kShared>(count)
                    : FastStore<std::uint64_t, Space::kGlobal>(count);
    default:
      return form.register_bytes == 16 ? StoreAny<B128, B128> : nullptr;
  }
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
