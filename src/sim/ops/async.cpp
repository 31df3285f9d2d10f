// Which asynchronous operation it is; copies under way.
#include "sim/ops/async.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <initializer_list>

#include "base/format.h"

namespace caesar::sim {
namespace {

// One lane's copy arrives. Its writer is the warp that began it.
void Land(Warp& warp, ElementCopies& copy, int lane, Warp& waiting) {
  SharedMemory& shared = warp.block->shared;
  const std::uint32_t offset = copy.offsets[lane];
  std::memcpy(shared.data() + offset, copy.data[lane], copy.bytes);
  copy.lanes &= ~(Mask{1} << lane);
  std::uint32_t other = 0;
  shared.Remember(SharedMemory::Access::kWrite, -1, offset, copy.bytes, warp.index);
  const auto trouble =
      shared.Note(SharedMemory::Access::kWrite, offset, copy.bytes, warp.index, &other);
  if (trouble == SharedMemory::Trouble::kNone) return;
  waiting.Report(FindingKind::kRace, &warp == &waiting ? Mask{1} << lane : waiting.active,
                 Format("a copy that warp {} began writes shared memory at offset {}, {} with no "
                        "barrier in between",
                        warp.index, offset, OtherParty(warp, offset)));
}

void Forget(WarpCopies& copies) {
  std::erase_if(copies.elements, [](const ElementCopies& copy) { return copy.lanes == 0; });
}

}  // namespace

Result<AddressOperand> AddressOperandOf(Binder& binder, const ptx::Operand& operand) {
  Op op;
  TRY(SetAddress(binder, operand, &op));
  return AddressOperand{op.a, (op.flags & kNarrowBase) != 0, op.immediate};
}

WarpCopies& CopiesOf(Warp& warp) {
  if (!warp.copies) warp.copies = std::make_shared<WarpCopies>();
  return *static_cast<WarpCopies*>(warp.copies.get());
}
BlockCopies& CopiesOf(Block& block) {
  if (!block.copies) block.copies = std::make_shared<BlockCopies>();
  return *static_cast<BlockCopies*>(block.copies.get());
}

void CompleteElements(Warp& warp, Mask lanes, std::uint32_t pending, bool all) {
  if (!warp.copies) return;
  WarpCopies& copies = CopiesOf(warp);
  for (ElementCopies& copy : copies.elements) {
    for (Mask left = copy.lanes & lanes; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      const std::uint64_t committed = copies.element_groups[lane];
      if (!all && copy.groups[lane] + std::uint64_t{pending} >= committed) continue;
      Land(warp, copy, lane, warp);
    }
  }
  Forget(copies);
}

void CompleteElementsUpTo(Warp& warp, int lane, std::uint64_t number, Warp& waiting) {
  WarpCopies& copies = CopiesOf(warp);
  for (ElementCopies& copy : copies.elements) {
    if (copy.number > number) break;
    if ((copy.lanes >> lane & 1) != 0) Land(warp, copy, lane, waiting);
  }
  Forget(copies);
}

void Combine(const Combination& how, std::byte* to, const std::byte* from, std::uint32_t bytes) {
  if (how.reduce == nullptr) {
    std::memcpy(to, from, bytes);
    return;
  }
  for (std::uint32_t i = 0; i < bytes; i += how.element_bytes) how.reduce(to + i, from + i);
}

Combination AsyncReduction(std::string_view name, Type type, bool global) {
  struct Row {
    std::initializer_list<std::string_view> names;
    bool global_only;
    std::initializer_list<Type> types;
  };
  static const Row kRows[] = {
      {{"and", "or", "xor"}, false, {Type::kB32}},
      {{"and", "or", "xor"}, true, {Type::kB64}},
      {{"inc", "dec"}, false, {Type::kU32}},
      {{"add", "min", "max"}, false, {Type::kU32, Type::kS32}},
      {{"add"}, false, {Type::kU64, Type::kS64}},
      {{"add"}, true, {Type::kF32, Type::kF64}},
      {{"min", "max"}, true, {Type::kU64, Type::kS64}},
      {{"add", "min", "max"}, true, {Type::kF16, Type::kBF16}},
  };
  for (const Row& row : kRows) {
    const auto has = [](const auto& list, const auto& wanted) {
      return std::find(list.begin(), list.end(), wanted) != list.end();
    };
    if ((row.global_only && !global) || !has(row.names, name) || !has(row.types, type)) continue;
    return {FindReduction(name, type, global), static_cast<std::uint32_t>(BitsOf(type)) / 8};
  }
  return {};
}

bool Send(Block& to, const IncomingCopy& copy) {
  constexpr std::size_t kUnderWayMax = 65536;
  auto& incoming = CopiesOf(to).incoming;
  if (incoming.size() >= kUnderWayMax) return false;
  incoming.push_back(copy);
  return true;
}

Block* BlockAt(Warp& warp, std::uint64_t address) {
  const std::uint64_t window = address >> 24;
  if (window == 0) return warp.block;
  if (window > warp.block->cluster_blocks) return nullptr;
  return warp.block->cluster == nullptr ? warp.block : warp.block->cluster[window - 1];
}

Result<Op> DecodeAsync(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  if (instruction.opcode == "mbarrier") return DecodeBarrierObject(binder);
  Modifiers modifiers(instruction);
  if (!modifiers.Take("async")) return NotSimulated(instruction);
  if (instruction.opcode != "cp") return DecodeRemote(binder, modifiers);
  const bool reduce = modifiers.Take("reduce");
  if (modifiers.Take("bulk")) return DecodeBulk(binder, modifiers, reduce);
  if (reduce) return NotSimulated(instruction);
  if (modifiers.Take("mbarrier")) return DecodeCopyArrive(binder, modifiers);
  return DecodeElementCopy(binder, modifiers);
}

}  // namespace caesar::sim
