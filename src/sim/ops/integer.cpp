// Decodes operations on integers, bits and predicates: most by looking them up in the table of
// forms that the executors declare.
#include "sim/ops/integer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/format.h"

namespace caesar::sim {

void IntegerForms::Add(const IntegerForm& form) { forms_.push_back(form); }

void IntegerForms::Sort() {
  std::sort(forms_.begin(), forms_.end(), [](const IntegerForm& a, const IntegerForm& b) {
    return std::tie(a.name, a.type) < std::tie(b.name, b.type);
  });
}

const IntegerForm* IntegerForms::Find(std::string_view name, Type type) const {
  const auto found = std::lower_bound(
      forms_.begin(), forms_.end(), std::tie(name, type),
      [](const IntegerForm& form, const std::tuple<std::string_view&, Type&>& key) {
        return std::tie(form.name, form.type) < key;
      });
  const bool same = found != forms_.end() && found->name == name && found->type == type;
  return same ? &*found : nullptr;
}

const IntegerForms& IntegerFormsOf(Isa isa) {
  const auto make = [](Isa which) {
    IntegerForms forms;
    CAESAR_SIM_PICK(which, AddArithmetic)(forms);
    CAESAR_SIM_PICK(which, AddMultiplication)(forms);
    CAESAR_SIM_PICK(which, AddCarries)(forms);
    CAESAR_SIM_PICK(which, AddShifts)(forms);
    CAESAR_SIM_PICK(which, AddBits)(forms);
    CAESAR_SIM_PICK(which, AddSelections)(forms);
    forms.Sort();
    return forms;
  };
  static const IntegerForms avx2 = make(Isa::kAvx2), portable = make(Isa::kPortable);
  return isa == Isa::kAvx2 ? avx2 : portable;
}

Status CheckOperands(const ptx::Instruction& instruction, std::size_t least, std::size_t most) {
  const std::size_t count = instruction.operands.size();
  if (count >= least && count <= most) return {};
  return NotSimulated(instruction, Format("{} operands, not {}", count, least));
}

TypedName TypedNameOf(const ptx::Instruction& instruction) {
  const auto& modifiers = instruction.modifiers;
  TypedName result{std::string(instruction.opcode), Type::kNone};
  std::size_t last = modifiers.size();
  while (last > 0 && !TypeOf(modifiers[last - 1])) --last;
  if (last > 0) result.type = *TypeOf(modifiers[last - 1]);
  for (std::size_t i = 0; i < modifiers.size(); ++i) {
    if (i + 1 == last) continue;
    result.name += '.';
    result.name += modifiers[i];
  }
  return result;
}

Result<Op> DecodeForm(Binder& binder, const IntegerForm& form) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto count = static_cast<std::size_t>(form.count);
  TRY(CheckOperands(instruction, count, count));
  Op op;
  op.run = form.run;
  op.op_class = OpClass::kInteger;
  std::vector<Slot> slots;
  slots.push_back(TRY(binder.Destination(instruction.operands[0], form.operands[0])));
  for (std::size_t i = 1; i < count; ++i) {
    const ptx::Operand& operand = instruction.operands[i];
    if (form.operands[i] == Type::kPred) {
      const auto predicate = TRY(binder.SourcePredicate(operand));
      slots.push_back(predicate.slot);
      if (predicate.negated) op.flags |= kNegatedC;
    } else {
      slots.push_back(TRY(binder.Source(operand, form.operands[i])));
    }
  }
  op.dst = slots[0];
  op.a = slots[1];
  if (count > 2) op.b = slots[2];
  if (count > 3) op.c = slots[3];
  if (count > 4) op.slots = binder.KeepSlots(std::move(slots));
  if (form.carry) op.immediate = static_cast<std::int64_t>(binder.Carry());
  return op;
}

Result<Op> DecodeInteger(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  const std::string_view opcode = instruction.opcode;
  if (opcode == "mov") return DecodeMove(binder);
  if (opcode == "setp" || opcode == "set") return DecodeComparison(binder);
  if (opcode == "lop3") return DecodeLop3(binder);
  const TypedName form = TypedNameOf(instruction);
  if (form.type == Type::kPred) return DecodePredicateLogic(binder);
  const IntegerForm* found = IntegerFormsOf(binder.isa()).Find(form.name, form.type);
  const bool selects = std::any_of(
      instruction.operands.begin(), instruction.operands.end(), [](const ptx::Operand& operand) {
        return operand.name.find(".h") != std::string_view::npos ||
               operand.name.find(".b") != std::string_view::npos;
      });
  if (opcode.starts_with('v') && (found == nullptr || selects)) return DecodeVideo(binder);
  if (found == nullptr) return NotSimulated(instruction, "no such form");
  return DecodeForm(binder, *found);
}

}  // namespace caesar::sim
