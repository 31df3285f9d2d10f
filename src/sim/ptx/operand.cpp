// Operands of instructions: see ast.h for their kinds.
#include <cstdint>
#include <string_view>

#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

// Operands up to `close`, which is consumed; behind the opening one.
bool ReadParts(Reader& in, char close, std::vector<Operand>& parts, int depth) {
  do {
    if (parts.size() == Limits::kParts) return in.Fail("a shorter list");
    if (!ReadOperand(in, parts.emplace_back(), depth + 1)) return false;
  } while (in.Accept(','));
  return in.Expect(close);
}

// What is added to a name: +4, +-16, -8.
bool ReadAddend(Reader& in, std::int64_t& addend) {
  addend = 0;
  return ReadExpressionRest(in, addend);
}

// A name, with the component of a special register: %tid.x.
bool ReadDottedName(Reader& in, std::string_view& name) {
  if (!in.ReadName(name, "an operand")) return false;
  const Token& next = in.token();
  const bool joined = next.kind == TokenKind::kDot && name[0] == '%' &&
                      next.text.data() == name.data() + name.size() + 1;
  if (!joined) return true;
  name = std::string_view(name.data(), name.size() + 1 + next.text.size());
  in.Advance();
  return true;
}

// Behind [.
bool ReadAddress(Reader& in, Operand& operand, int depth) {
  operand.kind = Operand::Kind::kAddress;
  if (in.AtKind(TokenKind::kIdentifier)) {
    if (!ReadDottedName(in, operand.name)) return false;
    if ((in.At('+') || in.At('-')) && !ReadAddend(in, operand.integer)) return false;
  } else if (!ReadExpression(in, operand.integer)) {
    return false;
  }
  if (!in.Accept(',')) return in.Expect(']');
  return ReadParts(in, ']', operand.parts, depth);
}

// A name, a sink, a pair of them, or a name with an addend.
bool ReadNamed(Reader& in, Operand& operand) {
  if (!ReadDottedName(in, operand.name)) return false;
  operand.kind = Operand::Kind::kName;
  if (operand.name == "_") {
    operand.kind = Operand::Kind::kSink;
    operand.name = {};
  } else if (operand.name == "WARP_SZ") {
    operand = {};
    operand.kind = Operand::Kind::kInteger;
    operand.integer = 32;
    return ReadExpressionRest(in, operand.integer);
  } else if (in.At('+') || in.At('-')) {
    return ReadAddend(in, operand.integer);
  }
  if (!in.Accept('|')) return true;
  Operand pair;
  pair.kind = Operand::Kind::kPair;
  Operand second;
  if (!in.Charge(2) || !ReadDottedName(in, second.name)) return false;
  second.kind = second.name == "_" ? Operand::Kind::kSink : Operand::Kind::kName;
  if (second.kind == Operand::Kind::kSink) second.name = {};
  pair.parts.reserve(2);
  pair.parts.push_back(std::move(operand));
  pair.parts.push_back(std::move(second));
  operand = std::move(pair);
  return true;
}

bool ReadNumber(Reader& in, Operand& operand) {
  const auto number = ParseNumber(in.token().text);
  if (!number) return in.Fail("a number");
  in.Advance();
  if (number->float_bytes == 0) {
    operand.kind = Operand::Kind::kInteger;
    operand.integer = static_cast<std::int64_t>(number->bits);
    return ReadExpressionRest(in, operand.integer);
  }
  operand.kind = Operand::Kind::kFloat;
  operand.float_bytes = number->float_bytes;
  operand.bits = number->bits;
  return true;
}

// Behind -: a number or a register.
bool ReadNegative(Reader& in, Operand& operand) {
  if (in.AtKind(TokenKind::kIdentifier)) {
    operand.minus = true;
    operand.kind = Operand::Kind::kName;
    return ReadDottedName(in, operand.name);
  }
  const auto number =
      in.AtKind(TokenKind::kNumber) ? ParseNumber(in.token().text) : std::optional<Number>();
  if (!number) return in.Fail("a number or a name");
  in.Advance();
  if (number->float_bytes == 0) {
    operand.kind = Operand::Kind::kInteger;
    operand.integer = static_cast<std::int64_t>(0 - number->bits);
    return ReadExpressionRest(in, operand.integer);
  }
  operand.kind = Operand::Kind::kFloat;
  operand.float_bytes = number->float_bytes;
  operand.bits = number->bits ^ (std::uint64_t{1} << (8 * number->float_bytes - 1));
  return true;
}

}  // namespace

bool ReadOperand(Reader& in, Operand& operand, int depth) {
  if (!in.Charge()) return false;
  if (depth > Limits::kOperandDepth) return in.Fail("an operand nested less deeply");
  if (in.Accept('!')) {
    operand.negated = true;
    operand.kind = Operand::Kind::kName;
    return ReadDottedName(in, operand.name);
  }
  if (in.AtKind(TokenKind::kIdentifier)) return ReadNamed(in, operand);
  if (in.AtKind(TokenKind::kNumber)) return ReadNumber(in, operand);
  if (in.Accept('[')) return ReadAddress(in, operand, depth);
  if (in.Accept('-')) return ReadNegative(in, operand);
  if (in.At('~')) {
    operand.kind = Operand::Kind::kInteger;
    return ReadExpression(in, operand.integer);
  }
  if (in.Accept('{')) {
    operand.kind = Operand::Kind::kVector;
    return ReadParts(in, '}', operand.parts, depth);
  }
  if (in.Accept('(')) {
    operand.kind = Operand::Kind::kList;
    return in.Accept(')') || ReadParts(in, ')', operand.parts, depth);
  }
  return in.Fail("an operand");
}

}  // namespace caesar::sim::ptx
