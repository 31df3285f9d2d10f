// Decodes ld, ldu and st.
#include <utility>

#include "base/format.h"
#include "sim/ops/memory.h"

namespace caesar::sim {
namespace {

OpClass ClassOf(Space space, bool store) {
  switch (space) {
    case Space::kShared:
    case Space::kSharedCluster:
      return store ? OpClass::kStoreShared : OpClass::kLoadShared;
    case Space::kLocal:
      return store ? OpClass::kStoreLocal : OpClass::kLoadLocal;
    case Space::kGeneric:
    case Space::kGlobal:
      return store ? OpClass::kStoreGlobal : OpClass::kLoadGlobal;
    case Space::kConst:
    case Space::kParam:
      break;
  }
  return OpClass::kLoadOther;
}

// Registers may be wider than what is loaded or stored, except for floating types.
Result<Type> RegisterTypeFor(Binder& binder, const ptx::Operand& operand, Type type) {
  const Type declared = binder.RegisterType(operand);
  const int bits = BitsOf(type) < 16 ? 16 : BitsOf(type);
  int width = bits;
  if (declared != Type::kNone) width = BitsOf(declared) < 16 ? 16 : BitsOf(declared);
  if (width < bits || declared == Type::kPred || (IsFloat(type) && width != bits)) {
    return NotSimulated(binder.instruction(), "a register that does not fit the type");
  }
  return BitsTypeOf(width);
}

// ld.param of a kernel at a known offset is a move from a slot that is filled in beforehand.
Result<bool> EmitParameterMoves(Binder& binder, const std::vector<const ptx::Operand*>& parts,
                                const ptx::Operand& from, Type type, Op* last) {
  const Binder::Address address = TRY(binder.AddressOf(from));
  if (!binder.function().kernel || address.base != kNoSlot || address.variable == nullptr ||
      BitsOf(type) > 64) {
    return false;
  }
  bool parameter = false;
  for (const ptx::Variable& variable : binder.function().parameters) {
    parameter |= &variable == address.variable;
  }
  if (!parameter) return false;
  const auto bytes = static_cast<std::uint64_t>(BitsOf(type)) / 8;
  std::uint64_t offset =
      TRY(binder.ParamOffset(from.name)) + static_cast<std::uint64_t>(address.offset);
  for (std::size_t i = 0; i < parts.size(); ++i, offset += bytes) {
    if (parts[i]->kind == ptx::Operand::Kind::kSink) continue;
    const Type to = TRY(RegisterTypeFor(binder, *parts[i], type));
    Op op;
    op.a = TRY(binder.KernelParameter(offset, type, to));
    op.dst = TRY(binder.Destination(*parts[i], to));
    op.op_class = OpClass::kMove;
    op.run = CAESAR_SIM_PICK(binder.isa(), CopyHandler)(BitsOf(to) / 8);
    if (last->run != nullptr) binder.Emit(*last);
    *last = op;
  }
  return last->run != nullptr;
}

Result<Op> DecodeEither(Binder& binder, bool store) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  const Space space = TakeSpace(modifiers);
  const Qualifiers qualifiers = TakeQualifiers(modifiers);
  if (!store) modifiers.Take("nc");
  const int count = modifiers.Take("v2") ? 2 : modifiers.Take("v4") ? 4 : 1;
  const Type type = modifiers.TakeLastType();
  TRY(modifiers.Done());
  if (type == Type::kNone || type == Type::kPred || BitsOf(type) * count > 128) {
    return NotSimulated(instruction, "the type");
  }
  TRY(CheckPolicy(binder, qualifiers, 2));
  const ptx::Operand& address = instruction.operands[store ? 0 : 1];
  const auto parts = PartsOf(instruction.operands[store ? 1 : 0]);
  if (parts.size() != static_cast<std::size_t>(count)) {
    return NotSimulated(instruction, "the number of registers");
  }
  if (store && space == Space::kConst) return NotSimulated(instruction, "constants are read-only");
  Op op;
  if (!store && space == Space::kParam &&
      TRY(EmitParameterMoves(binder, parts, address, type, &op))) {
    return op;
  }
  ElementForm form;
  form.memory_bytes = static_cast<std::uint8_t>(BitsOf(type) / 8);
  form.is_signed = IsSigned(type);
  std::vector<Slot> slots;
  Type common = Type::kNone;
  for (const ptx::Operand* part : parts) {
    if (part->kind == ptx::Operand::Kind::kSink) continue;
    const Type wanted = TRY(RegisterTypeFor(binder, *part, type));
    if (common != Type::kNone && wanted != common) {
      return NotSimulated(instruction, "registers of different widths");
    }
    common = wanted;
  }
  if (common == Type::kNone) common = BitsOf(type) <= 16 ? Type::kB16 : type;
  for (const ptx::Operand* part : parts) {
    slots.push_back(store ? TRY(binder.Source(*part, common))
                          : TRY(binder.Destination(*part, common)));
  }
  form.register_bytes = static_cast<std::uint8_t>(BitsOf(common) / 8);
  TRY(SetAddress(binder, address, &op));
  auto detail = std::make_shared<MemoryDetail>();
  detail->access = {space, store ? Touch::kWrite : Touch::kRead, qualifiers.synchronizing,
                    static_cast<std::uint8_t>(form.memory_bytes * count), true};
  detail->acquire = qualifiers.acquire;
  detail->release = qualifiers.release;
  op.run = store ? CAESAR_SIM_PICK(binder.isa(), StoreHandler)(form, detail->access, count)
                 : CAESAR_SIM_PICK(binder.isa(), LoadHandler)(form, detail->access, count);
  if (op.run == nullptr) return NotSimulated(instruction, "the type and its registers");
  op.detail = binder.Keep(detail);
  op.slots = binder.KeepSlots(std::move(slots));
  op.count = static_cast<std::uint8_t>(count);
  op.op_class = ClassOf(space, store);
  const bool global = space == Space::kGlobal || space == Space::kGeneric;
  if (global && qualifiers.device_wide) binder.NoteDependence();
  return op;
}

}  // namespace

Result<Op> DecodeLoad(Binder& binder) { return DecodeEither(binder, false); }
Result<Op> DecodeStore(Binder& binder) { return DecodeEither(binder, true); }

}  // namespace caesar::sim
