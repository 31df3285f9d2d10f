// Decodes setp, set and testp of f32 and f64.
#include "sim/ops/float_decode.h"

namespace caesar::sim {
namespace {

struct ComparisonRow {
  std::string_view name;
  Comparison comparison;
};
// Unordered comparisons are true for a NaN: the complements of the opposite ordered ones.
constexpr ComparisonRow kComparisons[] = {
    {"eq", {Relation::kEqual, false, 0}},
    {"ne", {Relation::kNotEqual, false, 0}},
    {"lt", {Relation::kLess, false, 0}},
    {"le", {Relation::kLessEqual, false, 0}},
    {"gt", {Relation::kLess, true, 0}},
    {"ge", {Relation::kLessEqual, true, 0}},
    {"equ", {Relation::kNotEqual, false, kComplement}},
    {"neu", {Relation::kEqual, false, kComplement}},
    {"ltu", {Relation::kLessEqual, true, kComplement}},
    {"leu", {Relation::kLess, true, kComplement}},
    {"gtu", {Relation::kLessEqual, false, kComplement}},
    {"geu", {Relation::kLess, false, kComplement}},
    {"num", {Relation::kNumbers, false, 0}},
    {"nan", {Relation::kNumbers, false, kComplement}},
};

constexpr struct {
  std::string_view name;
  TestClass test;
} kTests[] = {{"finite", TestClass::kFinite}, {"infinite", TestClass::kInfinite},
              {"number", TestClass::kNumber}, {"notanumber", TestClass::kNotANumber},
              {"normal", TestClass::kNormal}, {"subnormal", TestClass::kSubnormal}};

OpClass ClassOf(Type type) { return type == Type::kF64 ? OpClass::kFloat64 : OpClass::kFloat32; }

}  // namespace

Result<Comparison> TakeComparison(Binder& binder, Modifiers& left) {
  for (const ComparisonRow& row : kComparisons) {
    if (!left.Take(row.name)) continue;
    Comparison comparison = row.comparison;
    const std::string_view boolean = left.TakeAny({"and", "or", "xor"});
    unsigned combine = 0;
    if (boolean == "and") combine = kBoolAnd;
    if (boolean == "or") combine = kBoolOr;
    if (boolean == "xor") combine = kBoolXor;
    comparison.flags = static_cast<std::uint8_t>(comparison.flags | combine);
    return comparison;
  }
  return NotSimulated(binder.instruction(), "no comparison of floats");
}

Status BindComparison(Binder& binder, const Comparison& comparison, Type type, Op* op) {
  const auto& operands = binder.instruction().operands;
  const bool combines = (comparison.flags & kBoolMask) != 0;
  if (operands.size() != (combines ? 4u : 3u)) {
    return NotSimulated(binder.instruction(), "unexpected number of operands");
  }
  op->a = TRY(binder.Source(operands[comparison.exchanged ? 2 : 1], type));
  op->b = TRY(binder.Source(operands[comparison.exchanged ? 1 : 2], type));
  op->flags = comparison.flags;
  if (combines) {
    const Binder::PredicateSource c = TRY(binder.SourcePredicate(operands[3]));
    op->c = c.slot;
    if (c.negated) op->flags = static_cast<std::uint8_t>(op->flags | kNegatedC);
  }
  return {};
}

Status BindPredicates(Binder& binder, bool pair, Op* op) {
  const ptx::Operand& target = binder.instruction().operands[0];
  const bool two = target.kind == ptx::Operand::Kind::kPair && target.parts.size() == 2;
  if (pair && !two) return NotSimulated(binder.instruction(), "packed setp writes p|q");
  op->dst = TRY(binder.Destination(two ? target.parts[0] : target, Type::kPred));
  if (two) {
    const Slot q = TRY(binder.Destination(target.parts[1], Type::kPred));
    op->slots = binder.KeepSlots({op->dst, q, op->a, op->b, op->c});
  }
  if (pair) op->flags = static_cast<std::uint8_t>(op->flags | kUpperHalf);
  return {};
}

Result<Op> DecodeFloatSetp(Binder& binder) {
  Modifiers left(binder.instruction());
  const Type type = left.TakeLastType();
  const Comparison comparison = TRY(TakeComparison(binder, left));
  const bool ftz = left.Take("ftz");
  TRY(left.Done());
  Op op;
  op.run = CAESAR_SIM_PICK(binder.isa(), FloatSetp)(comparison.relation, type, ftz);
  if (op.run == nullptr) return NotSimulated(binder.instruction(), "no such form for this type");
  op.op_class = ClassOf(type);
  TRY(BindComparison(binder, comparison, type, &op));
  TRY(BindPredicates(binder, false, &op));
  return op;
}

std::optional<std::int64_t> TrueOf(Type type) {
  switch (BitsOf(type)) {
    case 16:
      if (type == Type::kF16) return 0x3C00;
      if (type == Type::kBF16) return 0x3F80;
      if (type == Type::kU16 || type == Type::kS16) return 0xFFFF;
      return std::nullopt;
    case 32:
      if (type == Type::kF32) return 0x3F800000;
      if (type == Type::kU32 || type == Type::kS32) return 0xFFFFFFFF;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Result<Op> DecodeFloatSet(Binder& binder) {
  Modifiers left(binder.instruction());
  const Type type = left.TakeLastType(), dst_type = left.TakeLastType();
  const Comparison comparison = TRY(TakeComparison(binder, left));
  const bool ftz = left.Take("ftz");
  TRY(left.Done());
  const auto value = TrueOf(dst_type);
  Op op;
  if (value) {
    op.run =
        CAESAR_SIM_PICK(binder.isa(), FloatSet)(comparison.relation, type, ftz, BitsOf(dst_type));
  }
  if (op.run == nullptr) return NotSimulated(binder.instruction(), "no such form for these types");
  op.immediate = *value;
  op.op_class = ClassOf(type);
  TRY(BindComparison(binder, comparison, type, &op));
  op.dst = TRY(binder.Destination(binder.instruction().operands[0], dst_type));
  return op;
}

Result<Op> DecodeTestp(Binder& binder) {
  Modifiers left(binder.instruction());
  const Type type = left.TakeLastType();
  for (const auto& row : kTests) {
    if (!left.Take(row.name)) continue;
    TRY(left.Done());
    Op op;
    op.run = CAESAR_SIM_PICK(binder.isa(), FloatTest)(row.test, type);
    if (op.run == nullptr || binder.instruction().operands.size() != 2) break;
    op.op_class = ClassOf(type);
    op.a = TRY(binder.Source(binder.instruction().operands[1], type));
    op.dst = TRY(binder.Destination(binder.instruction().operands[0], Type::kPred));
    return op;
  }
  return NotSimulated(binder.instruction());
}

}  // namespace caesar::sim
