// Decodes comparisons of integers, and logic of predicates and of three operands.
#include <optional>
#include <utility>

#include "sim/ops/integer.h"

namespace caesar::sim {
namespace {

// What `set` writes for true, and into what: all ones, or 1.0.
struct Truth {
  std::int64_t value = 0;
  std::uint8_t flags = 0;
};
std::optional<Truth> TruthOf(Type type) {
  if (type == Type::kU32 || type == Type::kS32) return Truth{0xFFFF'FFFF, kCompareRegister32};
  if (type == Type::kF32) return Truth{0x3F80'0000, kCompareRegister32};
  if (type == Type::kF16) return Truth{0x3C00, kCompareRegister16};
  if (type == Type::kBF16) return Truth{0x3F80, kCompareRegister16};
  return std::nullopt;
}

std::uint8_t TakeBoolean(Modifiers& modifiers) {
  if (modifiers.Take("and")) return kCompareAnd;
  if (modifiers.Take("or")) return kCompareOr;
  return modifiers.Take("xor") ? kCompareXor : 0;
}

// Binds the destinations; the first is in Op::dst. Returns the second, if there is one.
Result<std::optional<Slot>> BindDestinations(Binder& binder, Type type, Op& op) {
  const ptx::Operand& target = binder.instruction().operands[0];
  if (target.kind != ptx::Operand::Kind::kPair) {
    op.dst = TRY(binder.Destination(target, type));
    return std::optional<Slot>();
  }
  if (target.parts.size() != 2) return NotSimulated(binder.instruction(), "destination");
  op.dst = TRY(binder.Destination(target.parts[0], type));
  return std::optional<Slot>(TRY(binder.Destination(target.parts[1], Type::kPred)));
}

}  // namespace

Result<Op> DecodeComparison(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  Op op;
  op.op_class = OpClass::kInteger;
  const Type type = modifiers.TakeLastType();
  Type result = Type::kPred;
  if (instruction.opcode == "set") {
    result = modifiers.TakeType();
    const auto truth = TruthOf(result);
    if (!truth) return NotSimulated(instruction, "type of the result");
    op.immediate = truth->value;
    op.flags = truth->flags;
  }
  const std::uint8_t boolean = TakeBoolean(modifiers);
  const std::string_view comparison = modifiers.Next().value_or("");
  TRY(modifiers.Done());
  op.run = CAESAR_SIM_PICK(binder.isa(), CompareHandler)(comparison, type);
  if (op.run == nullptr) return NotSimulated(instruction, "no such comparison");
  const std::size_t operands = boolean != 0 ? 4 : 3;
  TRY(CheckOperands(instruction, operands, operands));

  const auto second = TRY(BindDestinations(binder, result, op));
  op.a = TRY(binder.Source(instruction.operands[1], type));
  op.b = TRY(binder.Source(instruction.operands[2], type));
  if (boolean != 0) {
    const auto predicate = TRY(binder.SourcePredicate(instruction.operands[3]));
    op.c = predicate.slot;
    op.flags |= boolean;
    if (predicate.negated) op.flags |= kCompareNegatedC;
  }
  if (second) {
    if (result != Type::kPred) return NotSimulated(instruction, "two destinations of set");
    op.flags |= kCompareSecond;
    op.slots = binder.KeepSlots({op.dst, *second, op.a, op.b, op.c});
  }
  return op;
}

Result<Op> DecodePredicateLogic(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Op op;
  op.op_class = OpClass::kInteger;
  op.run = CAESAR_SIM_PICK(binder.isa(), PredicateHandler)(instruction.opcode);
  if (op.run == nullptr || instruction.modifiers.size() != 1) {
    return NotSimulated(instruction, "no such form");
  }
  const bool unary = instruction.opcode == "not";
  TRY(CheckOperands(instruction, unary ? 2 : 3, unary ? 2 : 3));
  op.dst = TRY(binder.Destination(instruction.operands[0], Type::kPred));
  op.a = TRY(binder.Source(instruction.operands[1], Type::kPred));
  op.b = unary ? op.a : TRY(binder.Source(instruction.operands[2], Type::kPred));
  return op;
}

// lop3.b32 d, a, b, c, lut; lop3.BoolOp.b32 d|p, a, b, c, lut, q.
Result<Op> DecodeLop3(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  const Type type = modifiers.TakeLastType();
  const std::uint8_t boolean = TakeBoolean(modifiers);
  TRY(modifiers.Done());
  if (type != Type::kB32 || boolean == kCompareXor) {
    return NotSimulated(instruction, "no such form");
  }
  const std::size_t operands = boolean != 0 ? 6 : 5;
  TRY(CheckOperands(instruction, operands, operands));
  const ptx::Operand& lut = instruction.operands[4];
  if (lut.kind != ptx::Operand::Kind::kInteger || lut.integer < 0 || lut.integer > 255) {
    return NotSimulated(instruction, "the table is no integer from 0 to 255");
  }
  Op op;
  op.op_class = OpClass::kInteger;
  op.run = boolean != 0 ? CAESAR_SIM_PICK(binder.isa(), Lop3PredicateHandler)()
                        : IntegerFormsOf(binder.isa()).Find("lop3", Type::kB32)->run;
  op.immediate = lut.integer;
  op.flags = boolean;
  const auto second = TRY(BindDestinations(binder, Type::kB32, op));
  op.a = TRY(binder.Source(instruction.operands[1], Type::kB32));
  op.b = TRY(binder.Source(instruction.operands[2], Type::kB32));
  op.c = TRY(binder.Source(instruction.operands[3], Type::kB32));
  if ((boolean != 0) != second.has_value()) return NotSimulated(instruction, "destination");
  if (boolean == 0) return op;
  const auto predicate = TRY(binder.SourcePredicate(instruction.operands[5]));
  if (predicate.negated) op.flags |= kCompareNegatedC;
  op.slots = binder.KeepSlots({op.dst, *second, op.a, op.b, op.c, predicate.slot});
  return op;
}

}  // namespace caesar::sim
