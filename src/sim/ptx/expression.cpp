// Integer constant expressions. nvcc folds them; inline assembly keeps them: [%0 + 4*16], 1<<5.
#include <array>

#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

struct Operator {
  char symbol;
  bool twice;  // << and >>
  int precedence;
};
// As in C, without division and remainder, which nobody uses.
constexpr std::array kOperators = {Operator{'*', false, 5}, Operator{'+', false, 4},
                                   Operator{'-', false, 4}, Operator{'<', true, 3},
                                   Operator{'>', true, 3},  Operator{'&', false, 2},
                                   Operator{'^', false, 1}, Operator{'|', false, 0}};

const Operator* OperatorAt(const Reader& in) {
  for (const Operator& op : kOperators) {
    if (in.At(op.symbol)) return &op;
  }
  return nullptr;
}

bool Apply(Reader& in, char symbol, std::int64_t& left, std::int64_t right) {
  const auto a = static_cast<std::uint64_t>(left);
  const auto b = static_cast<std::uint64_t>(right);
  std::uint64_t value = 0;
  switch (symbol) {
    case '*':
      value = a * b;
      break;
    case '+':
      value = a + b;
      break;
    case '-':
      value = a - b;
      break;
    case '&':
      value = a & b;
      break;
    case '^':
      value = a ^ b;
      break;
    case '|':
      value = a | b;
      break;
    default:
      if (b > 63) return in.FailWith(in.token().line, "a shift by more than 63 bits");
      value = symbol == '<' ? a << b : static_cast<std::uint64_t>(left >> b);
  }
  left = static_cast<std::int64_t>(value);
  return true;
}

bool ReadPrimary(Reader& in, std::int64_t& value, int depth);

// Folds operators that bind at least as tightly as `precedence` onto `value`.
bool ReadRest(Reader& in, std::int64_t& value, int precedence, int depth) {
  for (const Operator* op = OperatorAt(in); op != nullptr && op->precedence >= precedence;
       op = OperatorAt(in)) {
    in.Advance();
    if (op->twice && !in.Expect(op->symbol)) return false;
    std::int64_t right = 0;
    if (!ReadPrimary(in, right, depth + 1)) return false;
    if (!ReadRest(in, right, op->precedence + 1, depth + 1)) return false;
    if (!Apply(in, op->symbol, value, right)) return false;
  }
  return true;
}

bool ReadPrimary(Reader& in, std::int64_t& value, int depth) {
  if (depth > Limits::kExpressionDepth) return in.Fail("a simpler expression");
  if (in.Accept('-')) {
    if (!ReadPrimary(in, value, depth + 1)) return false;
    value = static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(value));
    return true;
  }
  if (in.Accept('+')) return ReadPrimary(in, value, depth + 1);
  if (in.Accept('~')) {
    if (!ReadPrimary(in, value, depth + 1)) return false;
    value = ~value;
    return true;
  }
  if (in.Accept('(')) {
    return ReadPrimary(in, value, depth + 1) && ReadRest(in, value, 0, depth + 1) && in.Expect(')');
  }
  if (in.AtKind(TokenKind::kIdentifier) && in.token().text == "WARP_SZ") {
    in.Advance();
    value = 32;
    return true;
  }
  std::uint64_t bits = 0;
  if (!in.ReadUnsigned(bits, ~std::uint64_t{0}, "an integer of 64 bits")) return false;
  value = static_cast<std::int64_t>(bits);
  return true;
}

}  // namespace

bool ReadExpressionRest(Reader& in, std::int64_t& value) { return ReadRest(in, value, 0, 0); }

bool ReadExpression(Reader& in, std::int64_t& value) {
  return ReadPrimary(in, value, 0) && ReadExpressionRest(in, value);
}

}  // namespace caesar::sim::ptx
