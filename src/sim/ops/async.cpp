// Which asynchronous operation it is; copies under way.
#include "sim/ops/async.h"

#include <bit>
#include <cstring>

namespace caesar::sim {

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
  MemoryAccess access{Space::kShared, Touch::kWrite, false, 4, false};
  for (ElementCopies& copy : copies.elements) {
    access.bytes = static_cast<std::uint8_t>(copy.bytes);
    for (Mask left = copy.lanes & lanes; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      const std::uint64_t committed = copies.element_groups[lane];
      if (!all && copy.groups[lane] + std::uint64_t{pending} >= committed) continue;
      std::memcpy(warp.block->shared.data() + copy.offsets[lane], copy.data[lane], copy.bytes);
      NoteShared(warp, access, copy.offsets[lane], copy.bytes, Mask{1} << lane);
      copy.lanes &= ~(Mask{1} << lane);
    }
  }
  std::erase_if(copies.elements, [](const ElementCopies& copy) { return copy.lanes == 0; });
}

Result<Op> DecodeAsync(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  if (instruction.opcode == "mbarrier") return DecodeBarrierObject(binder);
  Modifiers modifiers(instruction);
  if (instruction.opcode != "cp" || modifiers.Take("reduce") || !modifiers.Take("async")) {
    return NotSimulated(instruction);
  }
  if (modifiers.Take("bulk")) return DecodeBulk(binder, modifiers);
  if (modifiers.Take("mbarrier")) return DecodeCopyArrive(binder, modifiers);
  return DecodeElementCopy(binder, modifiers);
}

}  // namespace caesar::sim
