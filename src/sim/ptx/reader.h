// What the parts of the parser share: the token at hand, the first error, and the limits.
//
// The functions that read return false once an error is noted; callers give up at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sim/ptx/ast.h"
#include "sim/ptx/lexer.h"

namespace caesar::sim::ptx {

struct Limits {
  static constexpr std::size_t kTextBytes = std::size_t{256} << 20;
  static constexpr std::size_t kNameBytes = 65536;  // mangled names of templates grow long
  // Instructions, operands, modifiers, declarations, ... of a module: bounds the tree's memory to
  // some 512 MiB whatever the text says.
  static constexpr std::uint64_t kItems = std::uint64_t{1} << 22;
  static constexpr std::size_t kOperands = 64;
  static constexpr std::size_t kParts = 1024;  // of a vector or an argument list
  static constexpr std::size_t kModifiers = 32;
  static constexpr int kOperandDepth = 4;
  static constexpr int kScopeDepth = 256;
  static constexpr int kInitializerDepth = 16;
  static constexpr int kInlineDepth = 256;
  static constexpr int kExpressionDepth = 32;
  static constexpr std::uint64_t kRegisters = std::uint64_t{1} << 20;  // of one declaration
  static constexpr std::uint64_t kVariableBytes = std::uint64_t{1} << 40;
  static constexpr std::uint64_t kInitialBytes = std::uint64_t{1} << 28;  // over the module
  static constexpr std::uint64_t kFiles = 65536;
};

class Reader {
 public:
  Reader(std::string_view text, Module& module_to_fill) : module(module_to_fill), lexer_(text) {
    Advance();
  }

  const Token& token() const { return token_; }
  void Advance() {
    previous_end_ = token_.text.data() + token_.text.size();
    token_ = lexer_.Next();
  }
  // Where the token before the one at hand ends.
  const char* previous_end() const { return previous_end_; }

  bool At(char symbol) const { return token_.symbol == symbol; }
  bool AtKind(TokenKind kind) const { return token_.kind == kind; }
  bool AtDot(std::string_view word) const {
    return token_.kind == TokenKind::kDot && token_.text == word;
  }
  bool Accept(char symbol) {
    if (!At(symbol)) return false;
    Advance();
    return true;
  }
  bool AcceptDot(std::string_view word) {
    if (!AtDot(word)) return false;
    Advance();
    return true;
  }
  bool Expect(char symbol) { return Accept(symbol) || FailSymbol(symbol); }

  // A name, of at most Limits::kNameBytes.
  bool ReadName(std::string_view& name, std::string_view expected);
  // An integer constant without sign, at most `max`.
  bool ReadUnsigned(std::uint64_t& value, std::uint64_t max, std::string_view expected);
  // At a number in a list: hands at most `count` decimal integers that a comma follows to `take`,
  // up to the first that is written otherwise or is the last. False: an error is noted.
  template <class Take>
  bool ReadListed(std::uint64_t count, const Take& take) {
    lexer_.Return(token_);
    std::uint64_t value = 0;
    for (; count != 0 && lexer_.TakeListed(value); --count) {
      if (!Charge() || !take(value)) return false;
    }
    Advance();
    return true;
  }
  // Skips { ... } or ( ... ), whatever is in it; at the opening one.
  bool SkipBalanced(char open, char close);

  // Notes "PTX line N: expected X, found Y" of the token at hand. Always false.
  bool Fail(std::string_view expected);
  // Notes "PTX line N: ...". Always false.
  bool FailWith(int line, std::string message);
  bool Charge(std::uint64_t items = 1) {
    return (items_ += items) <= Limits::kItems || FailItems();
  }
  bool ChargeInitial(std::uint64_t bytes) {
    return (initial_bytes_ += bytes) <= Limits::kInitialBytes || FailInitial();
  }

  bool failed() const { return failed_; }
  Error error() && { return std::move(error_); }

  Module& module;

 private:
  bool FailSymbol(char symbol);
  bool FailItems();
  bool FailInitial();

  Lexer lexer_;
  Token token_;
  const char* previous_end_ = nullptr;
  std::uint64_t items_ = 0, initial_bytes_ = 0;
  bool failed_ = false;
  Error error_;
};

// operand.cpp
bool ReadOperand(Reader& in, Operand& operand, int depth = 0);
// expression.cpp: an integer constant expression, modulo 2^64; at its first token.
bool ReadExpression(Reader& in, std::int64_t& value);
// The rest of an expression whose first number was `value`.
bool ReadExpressionRest(Reader& in, std::int64_t& value);

// declaration.cpp. At the state space: `.shared .align 4 .b8 a[4], b[8];`
struct Linkage {
  bool external = false, visible = false;
};
bool IsStateSpace(const Token& token);
bool ReadVariables(Reader& in, Linkage linkage, std::vector<Variable>& variables);
// ( .param .b32 a, ... ), at the parenthesis.
bool ReadParameters(Reader& in, std::vector<Variable>& parameters);
// At `.reg`.
bool ReadRegisters(Reader& in, int scope, std::vector<RegisterDeclaration>& registers);
// initializer.cpp. Behind `=`. `dimensions`: of the array, outermost first, with the vector's
// length last; an outermost 0 is set by the initialiser's length.
bool ReadInitializer(Reader& in, std::vector<std::uint64_t>& dimensions, Variable& variable);
// Bytes of a fundamental type; 0: a type without a size in memory (.pred, .texref); -1: unknown.
int BytesOfType(std::string_view type);

// function.cpp. At `.entry` or `.func`.
bool ReadFunction(Reader& in, Linkage linkage);
// At `.pragma`: what it says concerns speed alone.
bool ReadPragma(Reader& in);
// statement.cpp. At { of a body.
bool ReadBody(Reader& in, Function& function);

}  // namespace caesar::sim::ptx
