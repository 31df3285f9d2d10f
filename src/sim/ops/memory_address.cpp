// Conversions between address spaces (cvta, isspacep), addresses in other blocks of the cluster
// (mapa, getctarank), and hints to the caches.
#include <bit>

#include "sim/ops/memory.h"

namespace caesar::sim {
namespace {

std::uint64_t ReadLane(const Warp& warp, Slot slot, bool narrow, int lane) {
  return narrow ? warp.Lanes<std::uint32_t>(slot)[lane] : warp.Lanes<std::uint64_t>(slot)[lane];
}
void WriteLane(Warp& warp, Slot slot, bool narrow, int lane, std::uint64_t value) {
  if (narrow) {
    warp.Lanes<std::uint32_t>(slot)[lane] = static_cast<std::uint32_t>(value);
  } else {
    warp.Lanes<std::uint64_t>(slot)[lane] = value;
  }
}

// An address in .shared::cluster as a generic one: with the rank of its block, and back.
std::uint64_t ToGeneric(const Warp& warp, std::uint64_t address) {
  const std::uint64_t window = address >> 24 & 0xFF;
  const std::uint64_t rank = window == 0 ? warp.block->cluster_rank : window - 1;
  return kSharedWindow + rank * kSharedWindowStride + address % kSharedWindowStride;
}
std::uint64_t FromGeneric(const Warp& warp, std::uint64_t generic) {
  const std::uint64_t inner = generic - kSharedWindow;
  const std::uint64_t rank = inner / kSharedWindowStride;
  if (inner < kWindowBytes && rank == warp.block->cluster_rank) return inner % kSharedWindowStride;
  return inner + kSharedWindowStride;
}

using Convert = std::uint64_t (*)(const Warp& warp, std::uint64_t address);
std::uint64_t Same(const Warp&, std::uint64_t address) { return address; }
template <std::uint64_t kWindow>
std::uint64_t Into(const Warp&, std::uint64_t address) {
  return address + kWindow;
}
template <std::uint64_t kWindow>
std::uint64_t OutOf(const Warp&, std::uint64_t generic) {
  return generic - kWindow;
}

// flags: kNarrowBase.
template <Convert kConvert>
Step RunConvert(Warp& warp, const Op& op) {
  const bool narrow = (op.flags & kNarrowBase) != 0;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    WriteLane(warp, op.dst, narrow, lane, kConvert(warp, ReadLane(warp, op.a, narrow, lane)));
  }
  return Step::kNext;
}

struct SpaceForm {
  Space space;
  Handler to_generic, from_generic;
};
constexpr SpaceForm kSpaceForms[] = {
    {Space::kGlobal, RunConvert<Same>, RunConvert<Same>},
    {Space::kConst, RunConvert<Same>, RunConvert<Same>},
    {Space::kShared, RunConvert<ToGeneric>, RunConvert<FromGeneric>},
    {Space::kSharedCluster, RunConvert<ToGeneric>, RunConvert<FromGeneric>},
    {Space::kLocal, RunConvert<Into<kLocalWindow>>, RunConvert<OutOf<kLocalWindow>>},
    {Space::kParam, RunConvert<Into<kParamWindow>>, RunConvert<OutOf<kParamWindow>>},
};

Result<Op> DecodeSpaceConversion(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  const bool to = modifiers.Take("to");
  const Space space = TakeSpace(modifiers);
  const Type type = modifiers.TakeLastType();
  TRY(modifiers.Done());
  if ((type != Type::kU64 && type != Type::kU32) || instruction.operands.size() != 2) {
    return NotSimulated(instruction);
  }
  Op op;
  op.a = TRY(binder.Source(instruction.operands[1], type));
  op.dst = TRY(binder.Destination(instruction.operands[0], type));
  op.op_class = OpClass::kMove;
  if (type == Type::kU32) {
    // Generic addresses of 64-bit programs do not fit.
    return NotSimulated(instruction, "32-bit generic addresses");
  }
  for (const SpaceForm& form : kSpaceForms) {
    if (form.space == space) op.run = to ? form.from_generic : form.to_generic;
  }
  if (op.run == nullptr) return NotSimulated(instruction, "this space");
  if (op.run == RunConvert<Same>) op.run = CAESAR_SIM_PICK(binder.isa(), CopyHandler)(8);
  return op;
}

bool IsIn(const Warp& warp, std::uint64_t generic, Space space) {
  const Space found = SpaceOf(generic);
  const Allocation* allocation = nullptr;
  switch (space) {
    case Space::kShared:
      return found == Space::kSharedCluster &&
             (generic - kSharedWindow) / kSharedWindowStride == warp.block->cluster_rank;
    case Space::kConst:
      allocation = warp.grid->arena->Find(generic);
      return allocation != nullptr && allocation->name.rfind("__constant__", 0) == 0;
    case Space::kGeneric:
    case Space::kGlobal:
    case Space::kSharedCluster:
    case Space::kLocal:
    case Space::kParam:
      break;
  }
  return found == space;
}

Step RunIsSpace(Warp& warp, const Op& op) {
  const auto space = static_cast<Space>(op.immediate);
  Mask& result = warp.Predicate(op.dst);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const bool in = IsIn(warp, warp.Lanes<std::uint64_t>(op.a)[lane], space);
    result = (result & ~(Mask{1} << lane)) | Mask{in} << lane;
  }
  return Step::kNext;
}

Result<Op> DecodeIsSpace(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  const Space space = TakeSpace(modifiers);
  TRY(modifiers.Done());
  if (space == Space::kGeneric || instruction.operands.size() != 2) {
    return NotSimulated(instruction);
  }
  Op op;
  op.a = TRY(binder.Source(instruction.operands[1], Type::kB64));
  op.dst = TRY(binder.Destination(instruction.operands[0], Type::kPred));
  op.immediate = static_cast<std::int64_t>(space);
  op.op_class = OpClass::kMove;
  op.run = RunIsSpace;
  return op;
}

constexpr std::uint8_t kIsShared = 1;

// Addresses of .shared::cluster (kIsShared) or generic ones, of either width.
Step RunMap(Warp& warp, const Op& op) {
  const bool narrow = (op.flags & kNarrowBase) != 0, shared = (op.flags & kIsShared) != 0;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t address = ReadLane(warp, op.a, narrow, lane);
    const std::uint32_t rank = warp.Lanes<std::uint32_t>(op.b)[lane];
    const std::uint64_t offset = address % kSharedWindowStride;
    if (rank >= warp.block->cluster_blocks) {
      return warp.Report(FindingKind::kIllegalInstruction, Mask{1} << lane,
                         "mapa names a block that the cluster does not have");
    }
    WriteLane(warp, op.dst, narrow, lane,
              shared ? ClusterAddress(rank, static_cast<std::uint32_t>(offset))
                     : kSharedWindow + rank * kSharedWindowStride + offset);
  }
  return Step::kNext;
}
Step RunRank(Warp& warp, const Op& op) {
  const bool narrow = (op.flags & kNarrowBase) != 0, shared = (op.flags & kIsShared) != 0;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const std::uint64_t address = ReadLane(warp, op.a, narrow, lane);
    const std::uint64_t generic = shared ? ToGeneric(warp, address) : address;
    warp.Lanes<std::uint32_t>(op.dst)[lane] =
        static_cast<std::uint32_t>(generic % kWindowBytes / kSharedWindowStride);
  }
  return Step::kNext;
}

Result<Op> DecodeCluster(Binder& binder, Modifiers& modifiers, bool map) {
  const ptx::Instruction& instruction = binder.instruction();
  const Space space = TakeSpace(modifiers);
  const Type type = modifiers.TakeLastType();
  TRY(modifiers.Done());
  const bool wide = type == Type::kU64;
  if ((type != Type::kU32 && !wide) || (space == Space::kGeneric && !wide) ||
      (space != Space::kGeneric && space != Space::kSharedCluster) ||
      instruction.operands.size() != (map ? 3U : 2U)) {
    return NotSimulated(instruction);
  }
  Op op;
  op.a = TRY(binder.Source(instruction.operands[1], type));
  if (map) op.b = TRY(binder.Source(instruction.operands[2], Type::kU32));
  op.dst = TRY(binder.Destination(instruction.operands[0], map ? type : Type::kU32));
  op.flags = static_cast<std::uint8_t>((wide ? 0 : kNarrowBase) |
                                       (space == Space::kGeneric ? 0 : kIsShared));
  op.op_class = OpClass::kMove;
  op.run = map ? RunMap : RunRank;
  return op;
}

Step RunNothing(Warp&, const Op&) { return Step::kNext; }

}  // namespace

Result<Op> DecodeAddress(Binder& binder) {
  Modifiers modifiers(binder.instruction());
  const std::string_view opcode = binder.instruction().opcode;
  if (opcode == "cvta") return DecodeSpaceConversion(binder, modifiers);
  if (opcode == "isspacep") return DecodeIsSpace(binder, modifiers);
  return DecodeCluster(binder, modifiers, opcode == "mapa");
}

namespace {

// No cache asks for a policy, and a program can do nothing with one but hand it on.
Step RunPolicy(Warp& warp, const Op& op) {
  auto* to = warp.Lanes<std::uint64_t>(op.dst);
  for (int i = 0; i < kLanes; ++i) to[i] = (warp.active >> i & 1) != 0 ? 0 : to[i];
  return Step::kNext;
}

// createpolicy.fractional d{, fraction}; .range d, [a], primary, total; .cvt d, property.
Result<Op> DecodePolicy(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  const std::string_view kind = modifiers.TakeAny({"fractional", "range", "cvt"});
  const bool range = kind == "range", convert = kind == "cvt";
  if (range) modifiers.Take("global");
  bool priority = false;
  if (convert) {
    priority = modifiers.Take("L2");
  } else {
    priority = !modifiers
                    .TakeAny({"L2::evict_last", "L2::evict_normal", "L2::evict_first",
                              "L2::evict_unchanged"})
                    .empty();
    modifiers.TakeAny({"L2::evict_first", "L2::evict_unchanged"});
  }
  const bool typed = modifiers.Take("b64");
  TRY(modifiers.Done());
  const std::size_t least = range ? 4 : convert ? 2 : 1, most = range ? 4 : 2;
  if (kind.empty() || !priority || !typed || operands.size() < least || operands.size() > most) {
    return NotSimulated(instruction);
  }
  Op op;
  if (range) {
    TRY(SetAddress(binder, operands[1], &op));
    for (std::size_t i = 2; i < 4; ++i) TRY(binder.Source(operands[i], Type::kU32));
  } else if (operands.size() == 2) {
    TRY(binder.Source(operands[1], convert ? Type::kB64 : Type::kF32));
  }
  op.dst = TRY(binder.Destination(operands[0], Type::kB64));
  op.op_class = OpClass::kOther;
  op.run = RunPolicy;
  return op;
}

}  // namespace

// Caches are not simulated, and a prefetch of an address that is not there does nothing on the
// hardware either.
Result<Op> DecodeHint(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  if (instruction.opcode == "createpolicy") return DecodePolicy(binder, modifiers);
  const Space space = TakeSpace(modifiers);
  if (space != Space::kGeneric && space != Space::kGlobal && space != Space::kLocal) {
    return NotSimulated(instruction, "this space");
  }
  modifiers.TakeAny({"L1", "L2", "L2::evict_last", "L2::evict_normal"});
  TRY(modifiers.Done());
  if (instruction.operands.empty()) return NotSimulated(instruction);
  Op op;
  TRY(SetAddress(binder, instruction.operands[0], &op));
  op.run = RunNothing;
  return op;
}

}  // namespace caesar::sim
