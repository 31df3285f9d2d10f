// Decodes ldmatrix, stmatrix and movmatrix; mma and wmma lie in tensor_mma.cpp, tensor_wmma.cpp.
#include <memory>

#include "sim/ops/tensor_decode.h"

namespace caesar::sim {

namespace {

constexpr MatrixShape kShapes[] = {
    {"m8n8k4", 8, 8, 4},     {"m8n8k16", 8, 8, 16},     {"m16n8k4", 16, 8, 4},
    {"m16n8k8", 16, 8, 8},   {"m16n8k16", 16, 8, 16},   {"m16n8k32", 16, 8, 32},
    {"m16n16k8", 16, 16, 8}, {"m16n16k16", 16, 16, 16}, {"m32n8k16", 32, 8, 16},
    {"m8n32k16", 8, 32, 16}, {"m8n8k32", 8, 8, 32},     {"m16n8k64", 16, 8, 64},
    {"m8n8k128", 8, 8, 128}, {"m16n8k128", 16, 8, 128}, {"m16n8k256", 16, 8, 256},
};

Result<Op> DecodeMatrixRows(Binder& binder, bool store) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers left(instruction);
  auto detail = std::make_shared<MatrixRows>();
  if (!left.Take("sync") || !left.Take("aligned")) return NotSimulated(instruction, "not .sync");
  if (!left.Take("m8n8")) return NotSimulated(instruction, "a shape other than m8n8");
  const std::string_view number = left.TakeAny({"x1", "x2", "x4"});
  detail->transposed = left.Take("trans");
  detail->store = store;
  detail->space = TakeMatrixSpace(left);
  const Type type = left.TakeLastType();
  TRY(left.Done());
  if (type != Type::kB16 || number.empty() || detail->space == Space::kGlobal ||
      instruction.operands.size() != 2) {
    return NotSimulated(instruction, "no such form");
  }
  Fragment fragment;
  fragment.type = Type::kB32;
  fragment.registers = number[1] - '0';
  Op op;
  TRY(BindRegisters(binder, instruction.operands[store ? 1 : 0], !store, &fragment));
  TRY(BindAddress(binder, instruction.operands[store ? 0 : 1], &op));
  detail->slots = fragment.slots;
  op.run = CAESAR_SIM_PICK(binder.isa(), MatrixRowsHandler)();
  op.op_class = store ? OpClass::kStoreShared : OpClass::kLoadShared;
  op.detail = binder.Keep(std::move(detail));
  return op;
}

Result<Op> DecodeMoveMatrix(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers left(instruction);
  const bool known = left.Take("sync") && left.Take("aligned") && left.Take("m8n8") &&
                     left.Take("trans") && left.TakeLastType() == Type::kB16;
  TRY(left.Done());
  if (!known || instruction.operands.size() != 2) return NotSimulated(instruction);
  Op op;
  op.run = CAESAR_SIM_PICK(binder.isa(), MoveMatrixHandler)();
  op.op_class = OpClass::kTensor;
  op.a = TRY(binder.Source(instruction.operands[1], Type::kB32));
  op.dst = TRY(binder.Destination(instruction.operands[0], Type::kB32));
  return op;
}

}  // namespace

std::optional<MatrixShape> TakeShape(Modifiers& left) {
  for (const MatrixShape& shape : kShapes) {
    if (left.Take(shape.name)) return shape;
  }
  return std::nullopt;
}

int PerRegister(Type type) {
  if (type == Type::kF64 || type == Type::kTF32 || type == Type::kB1) return 1;
  return 32 / BitsOf(type);
}

std::string_view TakeBitLogic(Modifiers& left) {
  const std::string_view logic = left.TakeAny({"xor", "and"});
  return !logic.empty() && left.Take("popc") ? logic : std::string_view{};
}

int ElementBytes(Type type) { return BitsOf(type) / 8; }

Status BindRegisters(Binder& binder, const ptx::Operand& operand, bool write, Fragment* fragment) {
  const bool vector = operand.kind == ptx::Operand::Kind::kVector;
  const std::size_t count = vector ? operand.parts.size() : 1;
  if (count != static_cast<std::size_t>(fragment->registers)) {
    return NotSimulated(binder.instruction(), "unexpected number of registers");
  }
  const Type type = fragment->type == Type::kF64 ? Type::kF64 : Type::kB32;
  for (std::size_t i = 0; i < count; ++i) {
    const ptx::Operand& part = vector ? operand.parts[i] : operand;
    fragment->slots.push_back(
        TRY(write ? binder.Destination(part, type) : binder.Source(part, type)));
  }
  return {};
}

Space TakeMatrixSpace(Modifiers& left) {
  if (left.Take("global")) return Space::kGlobal;
  return left.TakeAny({"shared", "shared::cta"}).empty() ? Space::kGeneric : Space::kShared;
}

Status BindAddress(Binder& binder, const ptx::Operand& operand, Op* op) {
  const Binder::Address address = TRY(binder.AddressOf(operand));
  op->a = address.base;
  op->immediate = address.offset;
  if (address.narrow) op->flags = kNarrowBase;
  return {};
}

Result<Op> Multiply(Binder& binder, std::shared_ptr<Multiplication> detail) {
  const auto& operands = binder.instruction().operands;
  TRY(BindRegisters(binder, operands[1], false, &detail->a));
  TRY(BindRegisters(binder, operands[2], false, &detail->b));
  TRY(BindRegisters(binder, operands[3], false, &detail->c));
  TRY(BindRegisters(binder, operands[0], true, &detail->d));
  Op op;
  op.run = CAESAR_SIM_PICK(binder.isa(), MultiplyHandler)(*detail);
  op.op_class = OpClass::kTensor;
  op.detail = binder.Keep(std::move(detail));
  return op;
}

Result<Op> DecodeTensor(Binder& binder) {
  const std::string_view opcode = binder.instruction().opcode;
  if (opcode == "ldmatrix") return DecodeMatrixRows(binder, false);
  if (opcode == "stmatrix") return DecodeMatrixRows(binder, true);
  if (opcode == "movmatrix") return DecodeMoveMatrix(binder);
  if (opcode == "mma") return DecodeMma(binder);
  if (opcode == "wmma") return DecodeWmma(binder);
  return NotSimulated(binder.instruction());
}

}  // namespace caesar::sim
