// Declarations: variables, parameters, registers.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

constexpr std::array<std::pair<std::string_view, StateSpace>, 6> kSpaces = {
    {{"param", StateSpace::kParam},
     {"shared", StateSpace::kShared},
     {"local", StateSpace::kLocal},
     {"global", StateSpace::kGlobal},
     {"const", StateSpace::kConst},
     {"reg", StateSpace::kReg}}};

StateSpace SpaceOf(std::string_view word) {
  for (const auto& [name, space] : kSpaces) {
    if (name == word) return space;
  }
  return StateSpace::kNone;
}

bool ReadAlignment(Reader& in, std::uint64_t& alignment) {
  const Token at = in.token();
  if (!in.ReadUnsigned(alignment, std::uint64_t{1} << 30, "an alignment")) return false;
  if (alignment != 0 && (alignment & (alignment - 1)) == 0) return true;
  return in.FailWith(at.line, Format("expected an alignment that is a power of two, found {}",
                                     at.text.substr(0, 20)));
}

// .attribute(.managed, .unified(1, 2)), behind .attribute.
bool ReadAttributes(Reader& in, Variable& variable) {
  if (!in.Expect('(')) return false;
  do {
    if (in.AcceptDot("managed")) {
      variable.managed = true;
    } else if (in.AcceptDot("unified")) {
      if (!in.SkipBalanced('(', ')')) return false;
    } else {
      return in.Fail(".managed or .unified");
    }
  } while (in.Accept(','));
  return in.Expect(')');
}

// .ptr .global .align 16, behind .ptr: says what the pointer points to.
bool ReadPointee(Reader& in, Variable& variable) {
  variable.pointer = true;
  if (in.AtKind(TokenKind::kDot) && SpaceOf(in.token().text) != StateSpace::kNone) in.Advance();
  std::uint64_t alignment = 0;
  return !in.AcceptDot("align") || ReadAlignment(in, alignment);
}

// What stands between the state space and the name, in any order.
bool ReadSpecifiers(Reader& in, Variable& variable) {
  while (in.AtKind(TokenKind::kDot)) {
    const Token at = in.token();
    in.Advance();
    if (at.text == "align") {
      if (!ReadAlignment(in, variable.alignment)) return false;
    } else if (at.text == "v2" || at.text == "v4" || at.text == "v8") {
      variable.vector = at.text[1] - '0';
    } else if (at.text == "attribute") {
      if (!ReadAttributes(in, variable)) return false;
    } else if (at.text == "ptr") {
      if (!ReadPointee(in, variable)) return false;
    } else if (variable.type.empty() && BytesOfType(at.text) >= 0) {
      variable.type = at.text;
    } else {
      return in.FailWith(at.line, Format("expected a type or a name, found .{}",
                                         std::string(at.text.substr(0, 60))));
    }
  }
  return !variable.type.empty() || in.Fail("a type");
}

// [2][3], [] (an outermost 0), or nothing.
bool ReadDimensions(Reader& in, std::vector<std::uint64_t>& dimensions) {
  while (in.Accept('[')) {
    if (dimensions.size() == static_cast<std::size_t>(Limits::kInitializerDepth)) {
      return in.Fail("an array of fewer dimensions");
    }
    std::uint64_t size = 0;
    if (!in.At(']') && !in.ReadUnsigned(size, Limits::kVariableBytes, "an array length")) {
      return false;
    }
    if (size == 0 && !dimensions.empty()) return in.Fail("an array length above zero");
    dimensions.push_back(size);
    if (!in.Expect(']')) return false;
  }
  return true;
}

// The number of elements; 0 if the outermost dimension is open.
bool CountElements(Reader& in, const std::vector<std::uint64_t>& dimensions, Variable& variable) {
  const auto element =
      static_cast<std::uint64_t>(std::max(BytesOfType(variable.type), 1) * variable.vector);
  std::uint64_t inner = 1;
  for (std::size_t i = dimensions.size(); i-- > 0;) {
    if (dimensions[i] > Limits::kVariableBytes / element / inner) {
      return in.FailWith(variable.line,
                         Format("variable {} is larger than {} bytes", variable.name.substr(0, 200),
                                Limits::kVariableBytes));
    }
    if (dimensions[i] != 0) inner *= dimensions[i];
  }
  variable.count = !dimensions.empty() && dimensions[0] == 0 ? 0 : inner;
  return true;
}

// name[4] = {...}
bool ReadDeclarator(Reader& in, Variable& variable, bool may_have_value) {
  variable.line = in.token().line;
  std::vector<std::uint64_t> dimensions;
  if (!in.Charge() || !in.ReadName(variable.name, "a name")) return false;
  if (!ReadDimensions(in, dimensions) || !CountElements(in, dimensions, variable)) return false;
  variable.array = !dimensions.empty();
  if (!may_have_value || !in.Accept('=')) return true;
  const bool open = variable.array && dimensions[0] == 0;
  if (variable.vector > 1) dimensions.push_back(static_cast<std::uint64_t>(variable.vector));
  if (!ReadInitializer(in, dimensions, variable)) return false;
  if (!open) return true;
  if (variable.vector > 1) dimensions.pop_back();
  return CountElements(in, dimensions, variable);
}

}  // namespace

bool IsStateSpace(const Token& token) {
  return token.kind == TokenKind::kDot && SpaceOf(token.text) != StateSpace::kNone;
}

bool ReadVariables(Reader& in, Linkage linkage, std::vector<Variable>& variables) {
  Variable variable;
  variable.space = SpaceOf(in.token().text);
  variable.external = linkage.external;
  variable.visible = linkage.visible;
  in.Advance();
  if (!ReadSpecifiers(in, variable)) return false;
  const bool may_have_value =
      variable.space == StateSpace::kGlobal || variable.space == StateSpace::kConst;
  do {
    if (!ReadDeclarator(in, variables.emplace_back(variable), may_have_value)) return false;
  } while (in.Accept(','));
  return in.Expect(';');
}

bool ReadParameters(Reader& in, std::vector<Variable>& parameters) {
  if (!in.Expect('(')) return false;
  if (in.Accept(')')) return true;
  do {
    Variable parameter;
    if (!in.AtDot("param") && !in.AtDot("reg")) return in.Fail(".param or .reg");
    parameter.space = SpaceOf(in.token().text);
    in.Advance();
    if (!ReadSpecifiers(in, parameter) || !ReadDeclarator(in, parameter, false)) return false;
    parameters.push_back(std::move(parameter));
  } while (in.Accept(','));
  return in.Expect(')');
}

bool ReadRegisters(Reader& in, int scope, std::vector<RegisterDeclaration>& registers) {
  in.Advance();
  RegisterDeclaration declaration;
  declaration.scope = scope;
  if (!in.AtKind(TokenKind::kDot) || BytesOfType(in.token().text) < 0) {
    return in.Fail("the type of a register");
  }
  declaration.type = in.token().text;
  in.Advance();
  do {
    declaration.count = -1;
    if (!in.Charge() || !in.ReadName(declaration.name, "the name of a register")) return false;
    if (in.Accept('<')) {
      std::uint64_t count = 0;
      if (!in.ReadUnsigned(count, Limits::kRegisters, "a number of registers")) return false;
      declaration.count = static_cast<int>(count);
      if (!in.Expect('>')) return false;
    }
    registers.push_back(declaration);
  } while (in.Accept(','));
  return in.Expect(';');
}

}  // namespace caesar::sim::ptx
