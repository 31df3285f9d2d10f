// Decodes memory operations; this file: which kind, and what all of them share.
#include "sim/ops/memory.h"

#include "base/format.h"

namespace caesar::sim {

Space TakeSpace(Modifiers& modifiers) {
  struct Entry {
    std::string_view name;
    Space space;
  };
  static constexpr Entry kSpaces[] = {
      {"global", Space::kGlobal},      {"shared", Space::kShared},
      {"shared::cta", Space::kShared}, {"shared::cluster", Space::kSharedCluster},
      {"local", Space::kLocal},        {"const", Space::kConst},
      {"param", Space::kParam},        {"param::entry", Space::kParam},
      {"param::func", Space::kParam}};
  for (const Entry& entry : kSpaces) {
    if (modifiers.Take(entry.name)) return entry.space;
  }
  return Space::kGeneric;
}

Qualifiers TakeQualifiers(Modifiers& modifiers) {
  Qualifiers found;
  const std::string_view semantics =
      modifiers.TakeAny({"mmio", "weak", "volatile", "relaxed", "acquire", "release", "acq_rel"});
  const std::string_view scope = modifiers.TakeAny({"cta", "cluster", "gpu", "sys"});
  found.synchronizing = !semantics.empty() && semantics != "weak";
  found.acquire = semantics == "acquire" || semantics == "acq_rel";
  found.release = semantics == "release" || semantics == "acq_rel";
  found.device_wide = found.synchronizing && scope != "cta";
  if (semantics == "mmio") modifiers.Take("relaxed");
  // Hints, without effect on results.
  modifiers.TakeAny({"ca", "cg", "cs", "lu", "cv", "wb", "wt"});
  modifiers.TakeAny({"L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last",
                     "L1::no_allocate"});
  modifiers.TakeAny({"L2::evict_normal", "L2::evict_first", "L2::evict_last"});
  modifiers.TakeAny({"L2::64B", "L2::128B", "L2::256B"});
  found.has_policy = modifiers.Take("L2::cache_hint");
  return found;
}

Status SetAddress(Binder& binder, const ptx::Operand& operand, Op* op) {
  const Binder::Address address = TRY(binder.AddressOf(operand));
  op->a = address.base;
  op->immediate = address.offset;
  if (address.narrow) op->flags |= kNarrowBase;
  if (address.base == kNoSlot && address.variable != nullptr) {
    op->immediate += TRY(binder.ParamOffset(operand.name));
  }
  if (op->a == kNoSlot) op->a = binder.Constant(0, Type::kB64);
  return {};
}

Type BitsTypeOf(int bits) {
  if (bits == 16) return Type::kB16;
  if (bits == 32) return Type::kB32;
  return bits == 64 ? Type::kB64 : Type::kB128;
}

std::vector<const ptx::Operand*> PartsOf(const ptx::Operand& operand) {
  if (operand.kind != ptx::Operand::Kind::kVector) return {&operand};
  std::vector<const ptx::Operand*> parts;
  for (const ptx::Operand& part : operand.parts) parts.push_back(&part);
  return parts;
}

Status CheckPolicy(Binder& binder, const Qualifiers& qualifiers, std::size_t operands) {
  const ptx::Instruction& instruction = binder.instruction();
  const std::size_t expected = operands + (qualifiers.has_policy ? 1 : 0);
  if (instruction.operands.size() != expected) {
    return NotSimulated(instruction,
                        Format("{} operands, not {}", instruction.operands.size(), expected));
  }
  if (qualifiers.has_policy) TRY(binder.Source(instruction.operands.back(), Type::kB64));
  return {};
}

Result<Op> DecodeMemory(Binder& binder) {
  struct Entry {
    std::string_view opcode;
    Decode decode;
  };
  static constexpr Entry kEntries[] = {
      {"ld", DecodeLoad},          {"ldu", DecodeLoad},           {"st", DecodeStore},
      {"atom", DecodeAtomic},      {"red", DecodeAtomic},         {"fence", DecodeFence},
      {"membar", DecodeFence},     {"cvta", DecodeAddress},       {"isspacep", DecodeAddress},
      {"mapa", DecodeAddress},     {"getctarank", DecodeAddress}, {"prefetch", DecodeHint},
      {"prefetchu", DecodeHint},   {"discard", DecodeHint},       {"applypriority", DecodeHint},
      {"createpolicy", DecodeHint}};
  for (const Entry& entry : kEntries) {
    if (entry.opcode == binder.instruction().opcode) return entry.decode(binder);
  }
  return NotSimulated(binder.instruction());
}

}  // namespace caesar::sim
