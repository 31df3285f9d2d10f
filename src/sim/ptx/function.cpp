// Heads of functions: name, parameters, directives. Bodies: statement.cpp.
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

using Triple = unsigned (Function::*)[3];
constexpr std::array<std::pair<std::string_view, Triple>, 3> kTriples = {
    {{"maxntid", &Function::max_threads},
     {"reqntid", &Function::required_threads},
     {"reqnctapercluster", &Function::cluster}}};

using Single = unsigned Function::*;
// Those that only steer register allocation have nowhere to go.
constexpr std::array<std::pair<std::string_view, Single>, 6> kSingles = {
    {{"minnctapersm", &Function::min_blocks},
     {"maxnreg", &Function::max_registers},
     {"maxclusterrank", &Function::max_cluster},
     {"maxnctapersm", nullptr},
     {"abi_preserve", nullptr},
     {"abi_preserve_control", nullptr}}};

constexpr std::array<std::pair<std::string_view, bool Function::*>, 3> kFlags = {
    {{"explicitcluster", &Function::explicit_cluster},
     {"blocksareclusters", &Function::explicit_cluster},
     {"noreturn", &Function::no_return}}};

bool ReadCount(Reader& in, unsigned& count) {
  std::uint64_t value = 0;
  if (!in.ReadUnsigned(value, std::numeric_limits<std::int32_t>::max(), "a number")) return false;
  count = static_cast<unsigned>(value);
  return true;
}

// x[, y[, z]]; those not given are 1.
bool ReadTriple(Reader& in, unsigned (&triple)[3]) {
  triple[1] = triple[2] = 1;
  std::size_t i = 0;
  do {
    if (i == 3) return in.Fail("at most three numbers");
    if (!ReadCount(in, triple[i++])) return false;
  } while (in.Accept(','));
  return true;
}

// One directive, behind its dot word `name`.
bool ReadDirective(Reader& in, Function& function, std::string_view name, bool& known) {
  known = true;
  for (const auto& [word, member] : kTriples) {
    if (word == name) return ReadTriple(in, function.*member);
  }
  unsigned ignored = 0;
  for (const auto& [word, member] : kSingles) {
    if (word == name) return ReadCount(in, member != nullptr ? function.*member : ignored);
  }
  for (const auto& [word, member] : kFlags) {
    if (word != name) continue;
    function.*member = true;
    return true;
  }
  known = false;
  return true;
}

bool ReadDirectives(Reader& in, Function& function) {
  while (in.AtKind(TokenKind::kDot)) {
    if (in.AtDot("pragma")) {
      if (!ReadPragma(in)) return false;
      continue;
    }
    const Token at = in.token();
    in.Advance();
    bool known = false;
    if (!ReadDirective(in, function, at.text, known)) return false;
    if (!known) {
      return in.FailWith(at.line, "expected a function's directive or body, found ." +
                                      std::string(at.text.substr(0, 60)));
    }
  }
  return true;
}

}  // namespace

bool ReadPragma(Reader& in) {
  in.Advance();
  do {
    if (!in.AtKind(TokenKind::kString)) return in.Fail("a string");
    in.Advance();
  } while (in.Accept(','));
  return in.Expect(';');
}

bool ReadFunction(Reader& in, Linkage linkage) {
  Function function;
  function.kernel = in.AtDot("entry");
  function.external = linkage.external;
  function.line = in.token().line;
  in.Advance();
  if (!in.Charge()) return false;
  while (in.AcceptDot("attribute")) {
    if (!in.SkipBalanced('(', ')')) return false;
  }
  if (!function.kernel && in.At('(') && !ReadParameters(in, function.results)) return false;
  if (!in.ReadName(function.name, "the name of a function")) return false;
  if (in.At('(') && !ReadParameters(in, function.parameters)) return false;
  if (!ReadDirectives(in, function)) return false;
  if (in.At('{')) {
    function.defined = true;
    if (!ReadBody(in, function)) return false;
  } else if (!in.Accept(';')) {
    return in.Fail("a body or ;");
  }
  in.module.functions.push_back(std::move(function));
  return true;
}

}  // namespace caesar::sim::ptx
