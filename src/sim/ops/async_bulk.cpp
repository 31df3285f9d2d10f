// cp.async.bulk and cp.reduce.async.bulk: long copies between global and shared memory.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"
#include "sim/ops/async.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kBulkCopiesMax = 65536;  // under way out of one warp

struct BulkDetail {
  AddressOperand to, from, barrier;
  Slot bytes = kNoSlot;
  Slot blocks = kNoSlot;  // .multicast: a bit for each block of the cluster that gets it
  Combination how;
  Space to_space = Space::kGlobal, from_space = Space::kGlobal;
};

Step Complain(Warp& warp, int lane, FindingKind kind, std::string text) {
  return warp.Report(kind, Mask{1} << lane, std::move(text));
}

struct Ends {
  std::byte* to = nullptr;
  std::byte* from = nullptr;
  std::uint32_t bytes = 0;
};

// Checks both sides of one lane's copy.
Step ResolveEnds(Warp& warp, const BulkDetail& detail, int lane, std::uint64_t to,
                 std::uint64_t from, Ends* ends) {
  ends->bytes = warp.Lanes<std::uint32_t>(detail.bytes)[lane];
  if (ends->bytes % 16 != 0 || to % 16 != 0 || from % 16 != 0) {
    return Complain(warp, lane, FindingKind::kMisaligned,
                    Format("copies {} bytes from {:#x} to {:#x}; all three must be multiples of 16",
                           ends->bytes, from, to));
  }
  if (ends->bytes == 0) return Step::kNext;
  const Mask mask = Mask{1} << lane;
  ends->from = ResolveBytes(warp, detail.from_space, Touch::kRead, from, ends->bytes, mask);
  if (ends->from == nullptr) return Step::kFault;
  if (detail.from_space == Space::kShared) {
    NoteShared(warp, {Space::kShared, Touch::kRead, false, 16, false},
               static_cast<std::uint32_t>(from), ends->bytes, mask);
  }
  ends->to = ResolveBytes(warp, detail.to_space, Touch::kWrite, to, ends->bytes, mask);
  return ends->to == nullptr ? Step::kFault : Step::kNext;
}

Step TooMany(Warp& warp, int lane) {
  return Complain(warp, lane, FindingKind::kIllegalInstruction,
                  "begins more bulk copies than can be under way");
}

void Count(Warp& warp, std::uint32_t bytes) {
  warp.counts[warp.pc].bytes += bytes;
  warp.counts[warp.pc].sectors += bytes / 32 + (bytes % 32 != 0 ? 1 : 0);
}

// To every block that the mask names, at the same offsets.
Step SendToBlocks(Warp& warp, int lane, std::uint32_t blocks, const IncomingCopy& copy) {
  if (blocks >> warp.block->cluster_blocks != 0) {
    return Complain(warp, lane, FindingKind::kIllegalInstruction,
                    "multicasts to a block that the cluster does not have");
  }
  for (; blocks != 0; blocks &= blocks - 1) {
    if (!Send(
            *BlockAt(warp, ClusterAddress(static_cast<std::uint32_t>(std::countr_zero(blocks)), 0)),
            copy)) {
      return TooMany(warp, lane);
    }
  }
  return Step::kNext;
}

// Into shared memory, counted by an mbarrier of the same block as the destination.
Step RunIn(Warp& warp, const Op& op) {
  const auto& detail = *static_cast<const BulkDetail*>(op.detail);
  LaneAddresses to, from, barrier;
  AddressesOf(warp, detail.to, &to);
  AddressesOf(warp, detail.from, &from);
  AddressesOf(warp, detail.barrier, &barrier);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    Ends ends;
    Step step = ResolveEnds(warp, detail, lane, to.of[lane], from.of[lane], &ends);
    if (step != Step::kNext) return step;
    if (ends.bytes == 0) continue;
    Block* block = BlockAt(warp, to.of[lane]);
    if (block == nullptr || BlockAt(warp, barrier.of[lane]) != block) {
      return Complain(warp, lane, FindingKind::kNotSimulated,
                      "a bulk copy whose mbarrier lies in another block than its destination");
    }
    const IncomingCopy copy{OffsetAt(barrier.of[lane]), OffsetAt(to.of[lane]), ends.from,
                            ends.bytes, detail.how};
    if (detail.blocks != kNoSlot) {
      step = SendToBlocks(warp, lane, warp.Lanes<std::uint16_t>(detail.blocks)[lane], copy);
      if (step != Step::kNext) return step;
    } else if (!Send(*block, copy)) {
      return TooMany(warp, lane);
    }
    Count(warp, ends.bytes);
  }
  return Step::kNext;
}

// Out of shared memory, counted by groups.
Step RunOut(Warp& warp, const Op& op) {
  const auto& detail = *static_cast<const BulkDetail*>(op.detail);
  LaneAddresses to, from;
  AddressesOf(warp, detail.to, &to);
  AddressesOf(warp, detail.from, &from);
  WarpCopies& copies = CopiesOf(warp);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    Ends ends;
    const Step step = ResolveEnds(warp, detail, lane, to.of[lane], from.of[lane], &ends);
    if (step != Step::kNext) return step;
    if (ends.bytes == 0) continue;
    if (copies.bulks.size() >= kBulkCopiesMax) {
      return TooMany(warp, lane);
    }
    copies.bulks.push_back(
        {lane, copies.bulk_groups[lane], ends.to, ends.from, ends.bytes, detail.how});
    Count(warp, ends.bytes);
  }
  return Step::kNext;
}

Step RunCommit(Warp& warp, const Op&) {
  WarpCopies& copies = CopiesOf(warp);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    ++copies.bulk_groups[std::countr_zero(left)];
  }
  return Step::kNext;
}

// With .read only the source is free again; the copy is done by then too.
Step RunWait(Warp& warp, const Op& op) {
  if (!warp.copies) return Step::kNext;
  WarpCopies& copies = CopiesOf(warp);
  std::erase_if(copies.bulks, [&](const BulkCopy& copy) {
    const bool waits = (warp.active >> copy.lane & 1) != 0;
    const std::uint64_t last = copy.group + static_cast<std::uint64_t>(op.immediate);
    if (!waits || last >= copies.bulk_groups[copy.lane]) return false;
    Combine(copy.how, copy.to, copy.from, copy.bytes);
    return true;
  });
  return Step::kNext;
}

Step RunNothing(Warp&, const Op&) { return Step::kNext; }

Result<Op> DecodeGroups(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  Op op;
  op.op_class = OpClass::kAsyncCopy;
  const auto& operands = instruction.operands;
  if (modifiers.Take("commit_group")) {
    TRY(modifiers.Done());
    op.run = RunCommit;
    return operands.empty() ? Result<Op>(op) : NotSimulated(instruction, "operands");
  }
  modifiers.Take("wait_group");
  modifiers.Take("read");
  TRY(modifiers.Done());
  if (operands.size() != 1 || operands[0].kind != ptx::Operand::Kind::kInteger ||
      operands[0].integer < 0 || operands[0].integer > 1 << 30) {
    return NotSimulated(instruction, "the number of groups");
  }
  op.immediate = operands[0].integer;
  op.run = RunWait;
  return op;
}

Result<Op> DecodePrefetch(Binder& binder, Modifiers& modifiers, bool policy) {
  const ptx::Instruction& instruction = binder.instruction();
  const bool known = modifiers.Take("L2") && modifiers.Take("global");
  TRY(modifiers.Done());
  if (!known || instruction.operands.size() != (policy ? 3U : 2U)) return NotSimulated(instruction);
  TRY(AddressOperandOf(binder, instruction.operands[0]));
  TRY(binder.Source(instruction.operands[1], Type::kB32));
  if (policy) TRY(binder.Source(instruction.operands[2], Type::kB64));
  Op op;
  op.op_class = OpClass::kAsyncCopy;
  op.run = RunNothing;
  return op;
}

// The operation and type behind cp.reduce.async.bulk.
Status TakeReduction(Binder& binder, Modifiers& modifiers, bool global, BulkDetail* detail) {
  const std::string_view name =
      modifiers.TakeAny({"add", "min", "max", "inc", "dec", "and", "or", "xor"});
  const Type type = modifiers.TakeLastType();
  const bool half = type == Type::kF16 || type == Type::kBF16;
  if (half && name == "add" && !modifiers.Take("noftz")) {
    return NotSimulated(binder.instruction(), "no .noftz");
  }
  detail->how = AsyncReduction(name, type, global);
  if (detail->how.reduce != nullptr) return {};
  return NotSimulated(binder.instruction(), "this operation on this type or space");
}

}  // namespace

Result<Op> DecodeBulk(Binder& binder, Modifiers& modifiers, bool reduce) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  const auto has = [&](std::string_view name) {
    const auto& all = instruction.modifiers;
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  if (has("tensor")) return NotSimulated(instruction, "tensor maps");
  if (has("commit_group") || has("wait_group")) return DecodeGroups(binder, modifiers);
  const bool policy = modifiers.Take("L2::cache_hint");
  if (modifiers.Take("prefetch")) return DecodePrefetch(binder, modifiers, policy);
  const std::string_view to = modifiers.Next().value_or("");
  const std::string_view from = modifiers.Next().value_or("");
  const bool in = modifiers.Take("mbarrier::complete_tx::bytes");
  const bool out = modifiers.Take("bulk_group");
  const bool multicast = modifiers.Take("multicast::cluster");
  auto detail = std::make_shared<BulkDetail>();
  if (reduce) TRY(TakeReduction(binder, modifiers, to == "global", detail.get()));
  TRY(modifiers.Done());
  const bool shared_to = to == "shared::cluster" || to == "shared::cta";
  const bool known = in ? shared_to && (from == "shared::cta" || (from == "global" && !reduce))
                        : out && to == "global" && from == "shared::cta";
  const std::size_t expected = (in ? 4U : 3U) + (multicast ? 1U : 0U) + (policy ? 1U : 0U);
  if (!known || (multicast && from != "global") || operands.size() != expected) {
    return NotSimulated(instruction);
  }
  detail->to_space = shared_to ? Space::kSharedCluster : Space::kGlobal;
  detail->from_space = from == "global" ? Space::kGlobal : Space::kShared;
  detail->to = TRY(AddressOperandOf(binder, operands[0]));
  detail->from = TRY(AddressOperandOf(binder, operands[1]));
  detail->bytes = TRY(binder.Source(operands[2], Type::kB32));
  if (in) detail->barrier = TRY(AddressOperandOf(binder, operands[3]));
  if (multicast) detail->blocks = TRY(binder.Source(operands[4], Type::kB16));
  if (policy) TRY(binder.Source(operands.back(), Type::kB64));
  // What blocks add to one place of global memory may show their order.
  if (out && reduce) binder.NoteDependence();
  Op op;
  op.op_class = OpClass::kAsyncCopy;
  op.run = in ? RunIn : RunOut;
  op.detail = binder.Keep(std::move(detail));
  return op;
}

}  // namespace caesar::sim
