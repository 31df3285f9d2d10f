// The forms of the integer family as their executors declare them: a name ("add.sat"), the last
// type modifier, a handler, and the types of the operands. An instruction is decoded by looking its
// modifiers up here, all of them at once, so that what is not in the table is not simulated.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/binder.h"
#include "sim/program.h"

namespace caesar::sim {

struct IntegerForm {
  static constexpr int kOperandsMax = 5;

  std::string_view name;    // opcode and modifiers, less the last type: "mad.lo", "dp4a.u32"
  Type type = Type::kNone;  // the last type
  Handler run = nullptr;
  std::array<Type, kOperandsMax> operands{};  // the destination first; kPred: a predicate
  int count = 0;                              // of operands
  bool carry = false;                         // Op::immediate is the slot of the carry, CC.CF
};

class IntegerForms {
 public:
  void Add(const IntegerForm& form);
  void Sort();  // after the last Add
  const IntegerForm* Find(std::string_view name, Type type) const;
  std::size_t size() const { return forms_.size(); }

 private:
  std::vector<IntegerForm> forms_;
};

// Comparisons of setp and set. Op::flags says what becomes of the 32 truth values; Op::immediate of
// kToRegister is what stands for true.
enum CompareFlags : std::uint8_t {
  kCompareAnd = 1,  // combined with the predicate c: these three exclude each other
  kCompareOr = 2,
  kCompareXor = 3,
  kCompareBoolean = 3,      // mask of the three
  kCompareNegatedC = 4,     // c is read negated
  kCompareSecond = 8,       // slots[1] is a second destination, for the opposite
  kCompareRegister32 = 16,  // the destination is a register, not a predicate
  kCompareRegister16 = 32
};

// Op::flags of what takes a predicate operand in c (selp, lop3).
inline constexpr std::uint8_t kNegatedC = 1;

// What both instruction sets offer; see CAESAR_SIM_PICK.
#define CAESAR_SIM_INTEGER_EXECUTORS                                   \
  void AddArithmetic(IntegerForms& forms);                             \
  void AddMultiplication(IntegerForms& forms);                         \
  void AddCarries(IntegerForms& forms);                                \
  void AddShifts(IntegerForms& forms);                                 \
  void AddBits(IntegerForms& forms);                                   \
  void AddSelections(IntegerForms& forms);                             \
  /* comparison: "eq" .. "hs"; null: not for this type */              \
  Handler CompareHandler(std::string_view comparison, Type type);      \
  /* bits: 1, 16, 32, 64, 128 */                                       \
  Handler MoveHandler(int bits);                                       \
  /* whole: 32, 64, 128 bits; part: 16, 32, 64; null: there is none */ \
  Handler PackHandler(int whole, int part);                            \
  Handler UnpackHandler(int whole, int part);                          \
  /* and, or, xor, not, cnot of predicates */                          \
  Handler PredicateHandler(std::string_view opcode);                   \
  Handler Lop3PredicateHandler();

namespace avx2 {
CAESAR_SIM_INTEGER_EXECUTORS
}
namespace portable {
CAESAR_SIM_INTEGER_EXECUTORS
}

}  // namespace caesar::sim
