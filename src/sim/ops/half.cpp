// Decodes arithmetic and comparisons of f16, f16x2, bf16 and bf16x2.
#include "sim/ops/float_decode.h"
#include "sim/ops/half_forms.h"

namespace caesar::sim {
namespace {

enum Allowed : unsigned {
  kRn = 1,
  kMustRn = 2,
  kFtz = 4,
  kSat = 8,
  kRelu = 16,
  kApprox = 32,
  kSelect = 64
};

struct Row {
  std::string_view opcode;
  FloatOp op;
  int inputs;
  unsigned allowed;
};
constexpr Row kRows[] = {
    {"add", FloatOp::kAdd, 2, kRn | kFtz | kSat},
    {"sub", FloatOp::kSub, 2, kRn | kFtz | kSat},
    {"mul", FloatOp::kMul, 2, kRn | kFtz | kSat},
    {"fma", FloatOp::kFma, 3, kRn | kMustRn | kFtz | kSat | kRelu},
    {"neg", FloatOp::kNeg, 1, kFtz},
    {"abs", FloatOp::kAbs, 1, kFtz},
    {"min", FloatOp::kMin, 2, kFtz | kSelect},
    {"max", FloatOp::kMax, 2, kFtz | kSelect},
    {"ex2", FloatOp::kEx2, 1, kApprox | kFtz},
    {"tanh", FloatOp::kTanh, 1, kApprox},
};

bool IsBf16(Type type) { return type == Type::kBF16 || type == Type::kBF16x2; }
bool IsPacked(Type type) { return type == Type::kF16x2 || type == Type::kBF16x2; }

Result<Op> DecodeArithmetic(Binder& binder, const Row& row) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers left(instruction);
  FloatForm form;
  form.op = row.op;
  form.type = left.TakeLastType();
  form.three = (row.allowed & kSelect) != 0 && instruction.operands.size() == 4;
  const auto take = [&](unsigned which, std::string_view name) {
    return (row.allowed & which) != 0 && left.Take(name);
  };
  const bool rn = take(kRn, "rn"), approx = take(kApprox, "approx");
  const bool ftz = take(kFtz, "ftz"), sat = take(kSat, "sat"), relu = take(kRelu, "relu");
  form.nan = take(kSelect, "NaN");
  form.xorsign = take(kSelect, "xorsign");
  form.abs = take(kSelect, "abs");
  TRY(left.Done());
  if ((row.allowed & kMustRn) != 0 && !rn) return NotSimulated(instruction, "it needs .rn");
  if ((row.allowed & kApprox) != 0 && !approx) return NotSimulated(instruction, "it needs .approx");
  if ((sat && relu) || (IsBf16(form.type) && (sat || (ftz && row.op != FloatOp::kEx2)))) {
    return NotSimulated(instruction, "no such form for this type");
  }
  if (form.xorsign && (!form.abs || form.three)) {
    return NotSimulated(instruction, ".xorsign stands with .abs and two operands");
  }
  Op op;
  op.run = CAESAR_SIM_PICK(binder.isa(), HalfArithmetic)(form);
  if (op.run == nullptr) return NotSimulated(instruction, "no such form for this type");
  if (ftz) op.flags = kHalfFtz;
  if (sat) op.flags |= kHalfSat;
  if (relu) op.flags |= kHalfRelu;
  op.op_class = approx ? OpClass::kSpecial : OpClass::kHalf;
  return BindSimple(binder, op, form.type, row.inputs + (form.three ? 1 : 0));
}

// Op::immediate of comparisons: bits 0..31 what set writes for true, bit 32 .ftz.
constexpr std::int64_t kCompareFtz = std::int64_t{1} << 32;

Result<Op> DecodeHalfSetp(Binder& binder) {
  Modifiers left(binder.instruction());
  const Type type = left.TakeLastType();
  const Comparison comparison = TRY(TakeComparison(binder, left));
  Op op;
  if (left.Take("ftz")) op.immediate = kCompareFtz;
  TRY(left.Done());
  op.run = CAESAR_SIM_PICK(binder.isa(), HalfSetp)(comparison.relation, type);
  if (op.run == nullptr) return NotSimulated(binder.instruction(), "no such form for this type");
  op.op_class = OpClass::kHalf;
  TRY(BindComparison(binder, comparison, type, &op));
  TRY(BindPredicates(binder, IsPacked(type), &op));
  return op;
}

// set of packed operands writes a half for each: 1.0, or all bits where the result is .u32, .s32.
Result<Op> DecodeHalfSet(Binder& binder) {
  Modifiers left(binder.instruction());
  const Type type = left.TakeLastType(), dst_type = left.TakeLastType();
  const Comparison comparison = TRY(TakeComparison(binder, left));
  const bool ftz = left.Take("ftz");
  TRY(left.Done());
  std::optional<std::int64_t> value = TrueOf(dst_type);
  int bits = BitsOf(dst_type);
  if (IsPacked(type)) {
    const bool mask = dst_type == Type::kU32 || dst_type == Type::kS32;
    value = std::nullopt;
    if (mask) value = 0xFFFF;
    if (dst_type == type) value = TrueOf(IsBf16(type) ? Type::kBF16 : Type::kF16);
    bits = 16;
  }
  Op op;
  if (value) op.run = CAESAR_SIM_PICK(binder.isa(), HalfSet)(comparison.relation, type, bits);
  if (op.run == nullptr) return NotSimulated(binder.instruction(), "no such form for these types");
  op.immediate = *value | (ftz ? kCompareFtz : 0);
  op.op_class = OpClass::kHalf;
  TRY(BindComparison(binder, comparison, type, &op));
  op.dst = TRY(binder.Destination(binder.instruction().operands[0], dst_type));
  return op;
}

}  // namespace

Result<Op> DecodeHalf(Binder& binder) {
  const std::string_view opcode = binder.instruction().opcode;
  if (opcode == "setp") return DecodeHalfSetp(binder);
  if (opcode == "set") return DecodeHalfSet(binder);
  for (const Row& row : kRows) {
    if (row.opcode == opcode) return DecodeArithmetic(binder, row);
  }
  return NotSimulated(binder.instruction());
}

}  // namespace caesar::sim
