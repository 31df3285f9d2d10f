// Decodes floating-point arithmetic of f32, f64 and f32x2; comparisons lie in float_compare.cpp.
#include <iterator>
#include <string_view>

#include "sim/ops/float_decode.h"
#include "sim/ops/float_forms.h"

namespace caesar::sim {
namespace {

// Which modifiers an opcode knows, besides its type.
enum Allowed : unsigned {
  kRounded = 1,  // .rn .rz .rm .rp
  kMustRound = 2,
  kApprox = 4,
  kFtz = 8,
  kSat = 16,
  kSelect = 32,  // min, max: .NaN, .xorsign.abs, .abs, a third operand
  kMustApprox = 64
};

struct Row {
  std::string_view opcode;
  FloatOp op;
  int inputs;
  unsigned allowed;
};

constexpr Row kRows[] = {
    {"add", FloatOp::kAdd, 2, kRounded | kFtz | kSat},
    {"sub", FloatOp::kSub, 2, kRounded | kFtz | kSat},
    {"mul", FloatOp::kMul, 2, kRounded | kFtz | kSat},
    {"fma", FloatOp::kFma, 3, kRounded | kMustRound | kFtz | kSat},
    {"mad", FloatOp::kFma, 3, kRounded | kMustRound | kFtz | kSat},
    {"div", FloatOp::kDiv, 2, kRounded | kMustRound | kApprox | kFtz},
    {"rcp", FloatOp::kRcp, 1, kRounded | kMustRound | kApprox | kFtz},
    {"sqrt", FloatOp::kSqrt, 1, kRounded | kMustRound | kApprox | kFtz},
    {"rsqrt", FloatOp::kRsqrt, 1, kApprox | kMustApprox | kFtz},
    {"abs", FloatOp::kAbs, 1, kFtz},
    {"neg", FloatOp::kNeg, 1, kFtz},
    {"copysign", FloatOp::kCopysign, 2, 0},
    {"min", FloatOp::kMin, 2, kFtz | kSelect},
    {"max", FloatOp::kMax, 2, kFtz | kSelect},
    {"ex2", FloatOp::kEx2, 1, kApprox | kMustApprox | kFtz},
    {"lg2", FloatOp::kLg2, 1, kApprox | kMustApprox | kFtz},
    {"sin", FloatOp::kSin, 1, kApprox | kMustApprox | kFtz},
    {"cos", FloatOp::kCos, 1, kApprox | kMustApprox | kFtz},
    {"tanh", FloatOp::kTanh, 1, kApprox | kMustApprox | kFtz},
};

const Row* FindRow(std::string_view opcode) {
  for (const Row& row : kRows) {
    if (row.opcode == opcode) return &row;
  }
  return nullptr;
}

// .approx and .full: where they mean another operation than the exactly rounded one.
FloatOp Approximate(FloatOp op, const FloatForm& form, bool full) {
  const bool high = form.type == Type::kF64 && form.ftz;
  if (op == FloatOp::kDiv && !full) return FloatOp::kDivApprox;
  if (op == FloatOp::kRcp && high) return FloatOp::kRcpHigh;
  if (op == FloatOp::kRsqrt && high) return FloatOp::kRsqrtHigh;
  return op;
}

Handler Executor(Isa isa, const FloatForm& form) {
  switch (form.op) {
    case FloatOp::kMin:
    case FloatOp::kMax:
      return CAESAR_SIM_PICK(isa, FloatMinMax)(form);
    case FloatOp::kEx2:
    case FloatOp::kLg2:
    case FloatOp::kSin:
    case FloatOp::kCos:
    case FloatOp::kTanh:
    case FloatOp::kRcpHigh:
    case FloatOp::kRsqrtHigh:
      return CAESAR_SIM_PICK(isa, FloatSpecial)(form);
    case FloatOp::kAdd:
    case FloatOp::kSub:
    case FloatOp::kMul:
    case FloatOp::kFma:
    case FloatOp::kDiv:
    case FloatOp::kDivApprox:
    case FloatOp::kRcp:
    case FloatOp::kSqrt:
    case FloatOp::kRsqrt:
    case FloatOp::kAbs:
    case FloatOp::kNeg:
    case FloatOp::kCopysign:
      return CAESAR_SIM_PICK(isa, FloatArithmetic)(form);
  }
  return nullptr;
}

std::uint8_t RoundingOf(std::string_view name) {
  if (name == "rm") return kDown;
  if (name == "rp") return kUp;
  return name == "rz" ? kToZero : kNearest;
}

OpClass ClassOf(const FloatForm& form, bool approximate) {
  if (approximate) return OpClass::kSpecial;
  return form.type == Type::kF64 ? OpClass::kFloat64 : OpClass::kFloat32;
}

Result<Op> DecodeArithmetic(Binder& binder, const Row& row) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers left(instruction);
  FloatForm form;
  form.op = row.op;
  form.type = left.TakeLastType();
  form.three = (row.allowed & kSelect) != 0 && instruction.operands.size() == 4;

  std::string_view rounding;
  if ((row.allowed & kRounded) != 0) rounding = left.TakeAny({"rn", "rz", "rm", "rp"});
  if ((row.allowed & kFtz) != 0) form.ftz = left.Take("ftz");
  if ((row.allowed & kSat) != 0) form.sat = left.Take("sat");
  const bool approx = (row.allowed & kApprox) != 0 && left.Take("approx");
  const bool full = row.op == FloatOp::kDiv && left.Take("full");
  if ((row.allowed & kSelect) != 0) {
    form.nan = left.Take("NaN");
    form.xorsign = left.Take("xorsign");
    form.abs = left.Take("abs");
  }
  TRY(left.Done());

  const bool must_round = (row.allowed & kMustRound) != 0 && !approx && !full;
  const bool must_approximate = (row.allowed & kMustApprox) != 0 && !approx;
  if ((must_round && rounding.empty()) || must_approximate ||
      ((approx || full) && !rounding.empty()) || (approx && full)) {
    return NotSimulated(instruction,
                        "it needs one of .rn, .rz, .rm, .rp, .approx, as its type has it");
  }
  if (form.xorsign && (!form.abs || form.three)) {
    return NotSimulated(instruction, ".xorsign stands with .abs and two operands");
  }
  if (approx || full) form.op = Approximate(row.op, form, full);
  if (form.type == Type::kF64 && approx && row.op != FloatOp::kRsqrt && form.op == row.op) {
    return NotSimulated(instruction, "there is no such approximation for .f64");
  }
  form.directed = RoundingOf(rounding) != kNearest;

  Op op;
  op.run = Executor(binder.isa(), form);
  if (op.run == nullptr) return NotSimulated(instruction, "no such form for this type");
  op.flags = RoundingOf(rounding);
  op.op_class = ClassOf(form, approx || row.op == FloatOp::kEx2);
  return BindSimple(binder, op, form.type, row.inputs + (form.three ? 1 : 0));
}

}  // namespace

Result<Op> BindSimple(Binder& binder, Op op, Type type, int inputs) {
  const auto& operands = binder.instruction().operands;
  if (operands.size() != static_cast<std::size_t>(inputs) + 1) {
    return NotSimulated(binder.instruction(), "unexpected number of operands");
  }
  op.a = TRY(binder.Source(operands[1], type));
  if (inputs > 1) op.b = TRY(binder.Source(operands[2], type));
  if (inputs > 2) op.c = TRY(binder.Source(operands[3], type));
  op.dst = TRY(binder.Destination(operands[0], type));
  return op;
}

Result<Op> DecodeFloat(Binder& binder) {
  const std::string_view opcode = binder.instruction().opcode;
  if (opcode == "setp") return DecodeFloatSetp(binder);
  if (opcode == "set") return DecodeFloatSet(binder);
  if (opcode == "testp") return DecodeTestp(binder);
  const Row* row = FindRow(opcode);
  if (row == nullptr) return NotSimulated(binder.instruction());
  return DecodeArithmetic(binder, *row);
}

}  // namespace caesar::sim
