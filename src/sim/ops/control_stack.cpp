// alloca, stacksave and stackrestore: local memory that a thread takes while a call runs.
#include "sim/ops/control_stack.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "base/format.h"
#include "sim/device_limits.h"
#include "sim/frames.h"

namespace caesar::sim {
namespace {

constexpr std::uint8_t kNarrow = 1;  // in Op::flags: sizes and addresses of 32 bits

std::uint64_t Read(const Warp& warp, Slot slot, bool narrow, int lane) {
  return narrow ? warp.Lanes<std::uint32_t>(slot)[lane] : warp.Lanes<std::uint64_t>(slot)[lane];
}
void Write(Warp& warp, Slot slot, bool narrow, int lane, std::uint64_t value) {
  if (narrow) {
    warp.Lanes<std::uint32_t>(slot)[lane] = static_cast<std::uint32_t>(value);
  } else {
    warp.Lanes<std::uint64_t>(slot)[lane] = value;
  }
}

// dst: the address; a: bytes; b: the stack pointer; immediate: the alignment. What is taken holds
// zeros: what an earlier call left there must not show.
Step RunTake(Warp& warp, const Op& op) {
  const bool narrow = (op.flags & kNarrow) != 0;
  const auto alignment = static_cast<std::uint64_t>(op.immediate);
  auto* const top = warp.Lanes<std::uint64_t>(op.b);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t bytes = Read(warp, op.a, narrow, lane);
    const std::uint64_t begin = (top[lane] + alignment - 1) / alignment * alignment;
    if (bytes > DeviceLimits::kLocalBytesPerThread || !GrowLocal(warp, begin + bytes)) {
      return warp.Report(
          FindingKind::kStackOverflow, Mask{1} << lane,
          Format("alloca of {} bytes: more local memory than a thread may have", bytes));
    }
    auto* const memory =
        warp.local.data() + static_cast<std::size_t>(lane) * warp.local_stride + begin;
    std::fill_n(memory, bytes, std::byte{0});
    top[lane] = begin + bytes;
    Write(warp, op.dst, narrow, lane, begin);
  }
  return Step::kNext;
}

// dst: the stack pointer; a: what it was before.
Step RunRestore(Warp& warp, const Op& op) {
  const bool narrow = (op.flags & kNarrow) != 0;
  auto* const top = warp.Lanes<std::uint64_t>(op.dst);
  const std::uint64_t least =
      std::uint64_t{warp.frame->local_base} + warp.frame->function->local_bytes;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t saved = Read(warp, op.a, narrow, lane);
    if (saved < least || saved > top[lane]) {
      return warp.Report(FindingKind::kIllegalInstruction, Mask{1} << lane,
                         "stackrestore of what stacksave has not answered");
    }
    top[lane] = saved;
  }
  return Step::kNext;
}

Step RunSave(Warp& warp, const Op& op) {
  const bool narrow = (op.flags & kNarrow) != 0;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    Write(warp, op.dst, narrow, lane, warp.Lanes<std::uint64_t>(op.a)[lane]);
  }
  return Step::kNext;
}

}  // namespace

// alloca.type to, bytes{, alignment}; stacksave.type to; stackrestore.type from.
Result<Op> DecodeStack(Binder& binder) {
  constexpr std::int64_t kAlignmentMax = 1 << 20;
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  Modifiers modifiers(instruction);
  const Type type = modifiers.TakeType();
  TRY(modifiers.Done());
  const bool take = instruction.opcode == "alloca", save = instruction.opcode == "stacksave";
  const std::size_t least = take ? 2 : 1, most = take ? 3 : 1;
  if ((type != Type::kU32 && type != Type::kU64) || operands.size() < least ||
      operands.size() > most) {
    return NotSimulated(instruction, "an unknown form");
  }
  Op op;
  op.op_class = OpClass::kControl;
  op.flags = type == Type::kU32 ? kNarrow : 0;
  op.run = take ? RunTake : save ? RunSave : RunRestore;
  if (take) {
    const bool given = operands.size() == 3;
    op.immediate = given ? operands[2].integer : 16;
    const bool number = !given || operands[2].kind == ptx::Operand::Kind::kInteger;
    if (!number || op.immediate < 1 || op.immediate > kAlignmentMax) {
      return NotSimulated(instruction, "the alignment");
    }
    op.a = TRY(binder.Source(operands[1], type));
    op.b = binder.StackPointer();
    op.dst = TRY(binder.Destination(operands[0], type));
  } else if (save) {
    op.a = binder.StackPointer();
    op.dst = TRY(binder.Destination(operands[0], type));
  } else {
    op.a = TRY(binder.Source(operands[0], type));
    op.dst = binder.StackPointer();
  }
  return op;
}

}  // namespace caesar::sim
