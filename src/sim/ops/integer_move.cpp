// Decodes mov: of registers, constants and addresses, packs and unpacks of vectors, clocks.
#include <algorithm>
#include <array>
#include <utility>

#include "sim/ops/integer.h"

namespace caesar::sim {
namespace {

using Kind = ptx::Operand::Kind;

bool IsClock(const ptx::Operand& operand) {
  static constexpr std::array<std::string_view, 6> kClocks = {
      "%clock", "%clock_hi", "%clock64", "%globaltimer", "%globaltimer_lo", "%globaltimer_hi"};
  return operand.kind == Kind::kName &&
         std::find(kClocks.begin(), kClocks.end(), operand.name) != kClocks.end();
}

Type BitsTypeOf(int bits) {
  if (bits == 16) return Type::kB16;
  if (bits == 32) return Type::kB32;
  return bits == 64 ? Type::kB64 : Type::kNone;
}

// mov.b64 d, {a, b} and mov.b64 {a, b}, d; the first part is the least significant.
Result<Op> DecodeVector(Binder& binder, Type type) {
  const ptx::Instruction& instruction = binder.instruction();
  const ptx::Operand& to = instruction.operands[0];
  const ptx::Operand& from = instruction.operands[1];
  const bool pack = from.kind == Kind::kVector;
  const auto& parts = pack ? from.parts : to.parts;
  const int bits = BitsOf(type), count = static_cast<int>(std::min<std::size_t>(parts.size(), 9));
  const Type part = count < 2 || bits % count != 0 ? Type::kNone : BitsTypeOf(bits / count);
  const Isa isa = binder.isa();
  Op op;
  op.op_class = OpClass::kMove;
  if (part != Type::kNone && to.kind != from.kind) {
    op.run = pack ? CAESAR_SIM_PICK(isa, PackHandler)(bits, bits / count)
                  : CAESAR_SIM_PICK(isa, UnpackHandler)(bits, bits / count);
  }
  if (op.run == nullptr || IsFloat(type)) return NotSimulated(instruction, "this kind of vector");
  std::vector<Slot> slots;
  if (pack) slots.push_back(TRY(binder.Destination(to, type)));
  for (const ptx::Operand& operand : parts) {
    slots.push_back(pack ? TRY(binder.Source(operand, part))
                         : TRY(binder.Destination(operand, part)));
  }
  if (!pack) slots.push_back(TRY(binder.Source(from, type)));
  op.dst = slots[0];
  op.count = static_cast<std::uint8_t>(pack ? 1 : count);
  op.slots = binder.KeepSlots(std::move(slots));
  return op;
}

}  // namespace

Result<Op> DecodeMove(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  const Type type = modifiers.TakeType();
  TRY(modifiers.Done());
  TRY(CheckOperands(instruction, 2, 2));
  const ptx::Operand& to = instruction.operands[0];
  const ptx::Operand& from = instruction.operands[1];
  if (to.kind == Kind::kVector || from.kind == Kind::kVector) return DecodeVector(binder, type);
  if (IsClock(from)) return DecodeClockRead(binder);
  Op op;
  op.op_class = OpClass::kMove;
  op.run = CAESAR_SIM_PICK(binder.isa(), MoveHandler)(BitsOf(type));
  // Halves and packed values are moved as bits.
  const bool other = (IsFloat(type) && type != Type::kF32 && type != Type::kF64) ||
                     type == Type::kU16x2 || type == Type::kS16x2;
  if (op.run == nullptr || other) return NotSimulated(instruction, "no such form");
  op.dst = TRY(binder.Destination(to, type));
  op.a = TRY(binder.Source(from, type));
  return op;
}

}  // namespace caesar::sim
