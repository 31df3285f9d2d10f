// cp.async of 4, 8 or 16 bytes per lane, and its groups.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"
#include "sim/ops/async.h"

namespace caesar::sim {
namespace {

// More than a program ever has under way; from here on the oldest are completed early.
constexpr std::size_t kElementCopiesMax = 4096;

struct CopyDetail {
  AddressOperand to, from;
  std::uint32_t bytes = 0;
  Slot source_bytes = kNoSlot;  // how many are read; zeros fill the rest
  Binder::PredicateSource ignore;
};

Step RunCopy(Warp& warp, const Op& op) {
  const auto& detail = *static_cast<const CopyDetail*>(op.detail);
  LaneAddresses to, from;
  LanePointers pointers, sources;
  AddressesOf(warp, detail.to, &to);
  AddressesOf(warp, detail.from, &from);
  const auto bytes = static_cast<std::uint8_t>(detail.bytes);
  Mask reading = warp.active;
  if (detail.ignore.slot != kNoSlot) {
    const Mask ignored = warp.Predicate(detail.ignore.slot);
    reading &= detail.ignore.negated ? ignored : ~ignored;
  }
  if (detail.source_bytes != kNoSlot) {
    for (Mask left = reading; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      if (warp.Lanes<std::uint32_t>(detail.source_bytes)[lane] == 0) reading &= ~(Mask{1} << lane);
    }
  }
  Step step = Resolve(warp, {Space::kGlobal, Touch::kRead, false, bytes, true}, from, reading,
                      MemoOf(warp), &sources);
  if (step != Step::kNext) return step;
  // The destination's place is checked now; its shadow hears of it when the copy completes.
  ElementCopies copy;
  copy.lanes = warp.active;
  copy.bytes = detail.bytes;
  const std::uint64_t shared_bytes = warp.block->shared.bytes();
  WarpCopies& copies = CopiesOf(warp);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t at = to.of[lane];
    if (at % bytes != 0 || at >= shared_bytes || bytes > shared_bytes - at) {
      step = Resolve(warp, {Space::kShared, Touch::kWrite, true, bytes, false}, to, warp.active,
                     nullptr, &pointers);
      return step == Step::kNext ? Step::kFault : step;
    }
    std::uint32_t taken = (reading >> lane & 1) != 0 ? detail.bytes : 0;
    if (taken != 0 && detail.source_bytes != kNoSlot) {
      taken = std::min(taken, warp.Lanes<std::uint32_t>(detail.source_bytes)[lane]);
    }
    std::memset(copy.data[lane], 0, sizeof copy.data[lane]);
    if (taken != 0) std::memcpy(copy.data[lane], sources.of[lane], taken);
    copy.offsets[lane] = static_cast<std::uint32_t>(at);
    copy.groups[lane] = copies.element_groups[lane];
  }
  if (copies.elements.size() >= kElementCopiesMax) CompleteElements(warp, kAllLanes, 0, true);
  copy.number = ++copies.begun;
  copies.elements.push_back(copy);
  return Step::kNext;
}

Step RunCommit(Warp& warp, const Op&) {
  WarpCopies& copies = CopiesOf(warp);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    ++copies.element_groups[std::countr_zero(left)];
  }
  return Step::kNext;
}
Step RunWait(Warp& warp, const Op& op) {
  CompleteElements(warp, warp.active, static_cast<std::uint32_t>(op.immediate), op.flags != 0);
  SettleArrivals(warp, warp.active);
  return Step::kNext;
}

Result<Op> DecodeGroups(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  Op op;
  op.op_class = OpClass::kAsyncCopy;
  const std::string_view what = modifiers.TakeAny({"commit_group", "wait_group", "wait_all"});
  TRY(modifiers.Done());
  const auto& operands = instruction.operands;
  op.run = what == "commit_group" ? RunCommit : RunWait;
  op.flags = what == "wait_all" ? 1 : 0;
  if (what != "wait_group") {
    if (!operands.empty()) return NotSimulated(instruction, "operands");
    return op;
  }
  if (operands.size() != 1 || operands[0].kind != ptx::Operand::Kind::kInteger ||
      operands[0].integer < 0 || operands[0].integer > 1 << 30) {
    return NotSimulated(instruction, "the number of groups");
  }
  op.immediate = operands[0].integer;
  return op;
}

}  // namespace

Result<Op> DecodeElementCopy(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  const std::string_view cache = modifiers.TakeAny({"ca", "cg"});
  if (cache.empty()) return DecodeGroups(binder, modifiers);
  const bool spaces =
      !modifiers.TakeAny({"shared", "shared::cta"}).empty() && modifiers.Take("global");
  const Qualifiers qualifiers = TakeQualifiers(modifiers);
  TRY(modifiers.Done());
  const auto& operands = instruction.operands;
  std::size_t count = operands.size();
  if (qualifiers.has_policy && count > 3) {
    TRY(binder.Source(operands[--count], Type::kB64));
  }
  if (!spaces || count < 3 || count > 4 || operands[2].kind != ptx::Operand::Kind::kInteger) {
    return NotSimulated(instruction);
  }
  const std::int64_t bytes = operands[2].integer;
  if (bytes != 16 && (cache == "cg" || (bytes != 4 && bytes != 8))) {
    return NotSimulated(instruction, Format("{} bytes", bytes));
  }
  auto detail = std::make_shared<CopyDetail>();
  detail->bytes = static_cast<std::uint32_t>(bytes);
  detail->to = TRY(AddressOperandOf(binder, operands[0]));
  detail->from = TRY(AddressOperandOf(binder, operands[1]));
  if (count == 4) {
    if (binder.RegisterType(operands[3]) == Type::kPred || operands[3].negated) {
      detail->ignore = TRY(binder.SourcePredicate(operands[3]));
    } else {
      detail->source_bytes = TRY(binder.Source(operands[3], Type::kB32));
    }
  }
  Op op;
  op.run = RunCopy;
  op.op_class = OpClass::kAsyncCopy;
  op.detail = binder.Keep(detail);
  return op;
}

}  // namespace caesar::sim
