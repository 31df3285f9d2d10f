// One access of a warp to memory: from the lanes' addresses to bytes of this process, with all
// checks, the shadow of shared memory, and counters. For every family that touches memory (loads,
// stores, atomics, copies, matrices, printf).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/machine.h"
#include "sim/memory_traffic.h"

namespace caesar::sim {

enum class Space : std::uint8_t {
  kGeneric,
  kGlobal,
  kConst,
  kShared,         // of the own block
  kSharedCluster,  // see ClusterAddress
  kLocal,
  kParam
};
std::string_view Name(Space space);

struct MemoryAccess {
  Space space = Space::kGeneric;
  Touch touch = Touch::kRead;
  bool synchronizing = false;  // volatile, relaxed, acquire, release
  std::uint8_t bytes = 4;      // of each lane: a power of two, up to 32; addresses are multiples
  bool count = true;
  bool shadow = true;  // shared memory's shadow hears of it
};

// An address of the .shared::cluster space in 32 bits: 0 in the upper 8 bits is the own block (so
// every .shared::cta address is one), else the rank plus one.
constexpr std::uint32_t ClusterAddress(std::uint32_t rank, std::uint32_t offset) {
  return (rank + 1) << 24 | (offset & 0xFFFFFF);
}
// The space that a generic address lies in; what lies in no window is global.
Space SpaceOf(std::uint64_t generic);

// The lanes' addresses of a memory operation: Op::a (kNoSlot: none) plus Op::immediate; a base of
// 32 bits if Op::flags has kNarrowBase.
inline constexpr std::uint8_t kNarrowBase = 0x80;
struct LaneAddresses {
  std::uint64_t of[kLanes];
};
void AddressesOf(const Warp& warp, Slot base, bool narrow, std::int64_t offset, LaneAddresses* out);
inline void AddressesOf(const Warp& warp, const Op& op, LaneAddresses* out) {
  AddressesOf(warp, op.a, (op.flags & kNarrowBase) != 0, op.immediate, out);
}

struct LanePointers {
  std::byte* of[kLanes];
};

// Where the lanes' bytes are. kNext: all of `lanes` are there (others are not set); kFault: a
// finding was reported, nothing may be touched. `memo`: of this operation, or null where it makes
// several accesses; counts go to the current operation.
[[nodiscard]] Step Resolve(Warp& warp, const MemoryAccess& access, const LaneAddresses& addresses,
                           Mask lanes, OpMemo* memo, LanePointers* pointers);
inline OpMemo* MemoOf(Warp& warp) { return warp.memos == nullptr ? nullptr : &warp.memos[warp.pc]; }

// The access to `bytes` bytes, any number, at one lane's address; neither counted nor noted in the
// shadow. Null: a fault was reported.
std::byte* ResolveBytes(Warp& warp, Space space, Touch touch, std::uint64_t address,
                        std::uint64_t bytes, Mask lane);

// Of an access inside one allocation that has been checked: where a device address lies. The slow
// half of a bounds check: fills in the memo's allocation; false: [first, first + bytes) is not in
// one, or it may not be written.
bool FindAllocation(const Warp& warp, std::uint64_t first, std::uint64_t bytes, bool write,
                    OpMemo* memo);

// Notes an access to the own block's shared memory in its shadow; reports races and uninitialised
// reads, which do not end the grid. The bytes are those of the first of `lanes`, or of all of them,
// one after the other.
void NoteShared(Warp& warp, const MemoryAccess& access, std::uint32_t offset, std::uint32_t bytes,
                Mask lanes);
// "which warp 7 of the block read at line 6": the other party of the race that the shadow found
// last, at `offset`. The line is said where it is known and only one.
std::string OtherParty(const Warp& warp, std::uint32_t offset);

}  // namespace caesar::sim
