// Asynchronous copies under way, and what decoders of cp.async and mbarrier share.
//
// A copy reads its source when it is issued or completed, and writes its destination only when the
// program waits for it, so that a missing wait shows: the destination keeps its old contents.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/binder.h"
#include "sim/memory_access.h"
#include "sim/ops/memory.h"

namespace caesar::sim {

// An address operand beyond Op::a.
struct AddressOperand {
  Slot base = kNoSlot;
  bool narrow = false;
  std::int64_t offset = 0;
};
Result<AddressOperand> AddressOperandOf(Binder& binder, const ptx::Operand& operand);
inline void AddressesOf(const Warp& warp, const AddressOperand& operand, LaneAddresses* out) {
  AddressesOf(warp, operand.base, operand.narrow, operand.offset, out);
}

// One warp's cp.async: bytes on their way to the block's shared memory.
struct ElementCopies {
  Mask lanes = 0;
  std::uint32_t bytes = 0;
  std::uint64_t number = 0;       // WarpCopies::begun with it
  std::uint32_t offsets[kLanes];  // in shared memory
  std::uint32_t groups[kLanes];
  std::byte data[kLanes][16];
};
// What arrives replaces what is there (reduce: null), or is combined with it element by element.
struct Combination {
  Reduction reduce = nullptr;
  std::uint32_t element_bytes = 1;
};
void Combine(const Combination& how, std::byte* to, const std::byte* from, std::uint32_t bytes);
// add, min, ... of this type into shared or into global memory, as far as asynchronous reductions
// have it: Combination::reduce is null where not.
Combination AsyncReduction(std::string_view name, Type type, bool global);

// One lane's cp.async.bulk out of shared memory.
struct BulkCopy {
  int lane = 0;
  std::uint32_t group = 0;
  std::byte* to = nullptr;
  const std::byte* from = nullptr;
  std::uint32_t bytes = 0;
  Combination how;
};
// Warp::copies.
struct WarpCopies {
  std::vector<ElementCopies> elements;
  std::uint32_t element_groups[kLanes] = {};  // committed so far
  std::uint64_t begun = 0;                    // elements so far
  std::vector<BulkCopy> bulks;
  std::uint32_t bulk_groups[kLanes] = {};
};
WarpCopies& CopiesOf(Warp& warp);
// Completes the lanes' copies of groups below `committed - pending` (all: every one).
void CompleteElements(Warp& warp, Mask lanes, std::uint32_t pending, bool all);
// Completes a lane's copies up to this number; `waiting`: the warp that found them needed.
void CompleteElementsUpTo(Warp& warp, int lane, std::uint64_t number, Warp& waiting);

// Block::copies: bulk copies, asynchronous stores and reductions into this block that an mbarrier
// of it counts.
struct IncomingCopy {
  std::uint32_t barrier = 0;        // offset of the mbarrier
  std::uint32_t to = 0;             // offset in the block's shared memory
  const std::byte* from = nullptr;  // null: `value`
  std::uint32_t bytes = 0;
  Combination how;
  std::array<std::byte, 16> value = {};
};
// Sends it on its way; false: more are under way than can be.
bool Send(Block& to, const IncomingCopy& copy);
// The block that an address of .shared::cluster lies in; null: the cluster has none such.
Block* BlockAt(Warp& warp, std::uint64_t address);
// An offset in that block.
inline std::uint32_t OffsetAt(std::uint64_t address) {
  return static_cast<std::uint32_t>(address & 0xFFFFFF);
}
// An arrival that comes when the lane's cp.async up to this number have completed.
struct CopyArrival {
  std::uint32_t barrier = 0;  // offset of the mbarrier
  Warp* warp = nullptr;       // of the same block
  int lane = 0;
  std::uint64_t number = 0;
};
struct BlockCopies {
  std::vector<IncomingCopy> incoming;
  std::vector<CopyArrival> arrivals;
};
BlockCopies& CopiesOf(Block& block);

// An mbarrier object, as the simulator lays it out in its 8 bytes.
struct BarrierWord {
  std::uint32_t expected = 0;  // arrivals of the next phase
  std::uint32_t pending = 0;   // of this one
  std::int32_t bytes = 0;      // the transaction count
  bool phase = false;
  static bool Unpack(std::uint64_t bits, BarrierWord* word);  // false: no mbarrier
  std::uint64_t Pack() const;
  bool CountBytes(std::int64_t change);  // false: beyond what it can hold; nothing is changed
  void CompletePhaseIfDone();
};
// For `count` arrivals of one lane. False: more than are pending.
bool Arrive(BarrierWord* word, std::uint32_t count, bool drop);

// Carries out the arrivals of these lanes whose copies have all completed.
void SettleArrivals(Warp& warp, Mask lanes);

inline constexpr std::uint32_t kBarrierCountMax = (1U << 20) - 1;

Result<Op> DecodeBarrierObject(Binder& binder);                      // mbarrier.*
Result<Op> DecodeCopyArrive(Binder& binder, Modifiers& modifiers);   // cp.async.mbarrier.arrive
Result<Op> DecodeElementCopy(Binder& binder, Modifiers& modifiers);  // cp.async.ca, .cg, groups
// cp.async.bulk; `reduce`: cp.reduce.async.bulk
Result<Op> DecodeBulk(Binder& binder, Modifiers& modifiers, bool reduce);
Result<Op> DecodeRemote(Binder& binder, Modifiers& modifiers);  // st.async, red.async

}  // namespace caesar::sim
