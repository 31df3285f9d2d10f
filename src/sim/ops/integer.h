// The parts of the integer family's decoder.
#pragma once

#include <string>

#include "sim/binder.h"
#include "sim/ops/integer_forms.h"

namespace caesar::sim {

// All forms of one instruction set.
const IntegerForms& IntegerFormsOf(Isa isa);

// The operation of a form, with its operands bound in order.
Result<Op> DecodeForm(Binder& binder, const IntegerForm& form);

Result<Op> DecodeMove(Binder& binder);            // mov
Result<Op> DecodeComparison(Binder& binder);      // setp, set
Result<Op> DecodePredicateLogic(Binder& binder);  // and, or, xor, not of .pred
Result<Op> DecodeLop3(Binder& binder);
Result<Op> DecodeVideo(Binder& binder);  // vadd and its kin

// Error: the instruction does not have that many operands.
Status CheckOperands(const ptx::Instruction& instruction, std::size_t least, std::size_t most);

// The last modifier that is a type, and the opcode with all other modifiers: "shf.l.wrap", kB32.
struct TypedName {
  std::string name;
  Type type = Type::kNone;
};
TypedName TypedNameOf(const ptx::Instruction& instruction);

}  // namespace caesar::sim
