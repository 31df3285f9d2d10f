// Bodies of functions: scopes, labels, declarations, instructions.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "sim/ptx/location.h"
#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

class Body {
 public:
  Body(Reader& in, Function& function)
      : in_(in), function_(function), locations_(in.module.locations) {}

  bool Read() {
    if (!Open()) return false;
    while (!open_.empty()) {
      if (!Statement()) return false;
    }
    return true;
  }

 private:
  int scope() const { return open_.back(); }

  bool Open() {
    if (!in_.Charge() || !in_.Expect('{')) return false;
    if (open_.size() == static_cast<std::size_t>(Limits::kScopeDepth)) {
      return in_.Fail("braces nested less deeply");
    }
    function_.scopes.push_back({open_.empty() ? -1 : scope()});
    open_.push_back(static_cast<int>(function_.scopes.size()) - 1);
    return true;
  }

  bool Statement() {
    switch (in_.token().kind) {
      case TokenKind::kIdentifier:
        return LabelOrInstruction();
      case TokenKind::kDot:
        return Directive();
      case TokenKind::kSymbol:
        if (in_.At('{')) return Open();
        if (in_.At('@')) return Guarded();
        if (in_.Accept('}')) {
          open_.pop_back();
          return true;
        }
        if (in_.Accept(';'))
          return true;  // an empty statement: inline assembly with one ; too many
        break;
      case TokenKind::kNumber:
      case TokenKind::kString:
      case TokenKind::kEnd:
      case TokenKind::kBad:
        break;
    }
    return in_.Fail("a statement or }");
  }

  bool Directive() {
    if (in_.AtDot("loc")) return Loc();
    if (in_.AtDot("reg")) return ReadRegisters(in_, scope(), function_.registers);
    if (in_.AtDot("pragma")) return ReadPragma(in_);
    if (IsStateSpace(in_.token()) || in_.AtDot("extern")) {
      Linkage linkage;
      linkage.external = in_.AcceptDot("extern");
      if (!IsStateSpace(in_.token())) return in_.Fail("a state space");
      if (!ReadVariables(in_, linkage, function_.variables)) return false;
      function_.variable_scopes.resize(function_.variables.size(), scope());
      return true;
    }
    return in_.Fail("a declaration or an instruction");
  }

  bool ReadInt(int& value, std::string_view expected) {
    std::uint64_t number = 0;
    if (!in_.ReadUnsigned(number, std::numeric_limits<int>::max(), expected)) return false;
    value = static_cast<int>(number);
    return true;
  }
  bool Position(Location& location) {
    return ReadInt(location.file, "the number of a file") &&
           ReadInt(location.line, "the number of a line") &&
           ReadInt(location.column, "the number of a column");
  }

  // .loc 2 1089 9, function_name $L__info_string0+4, inlined_at 1 2 30
  bool Loc() {
    const int line = in_.token().line;
    in_.Advance();
    LocDirective loc;
    // What is kept to link chains weighs more than the location.
    if (!in_.Charge(4) || !Position(loc.at)) return false;
    while (in_.Accept(',')) {
      std::string_view word;
      if (!in_.ReadName(word, "function_name or inlined_at")) return false;
      if (word == "function_name") {
        std::int64_t offset = 0;
        if (!in_.ReadName(loc.function, "a label")) return false;
        if (in_.At('+') && !ReadExpressionRest(in_, offset)) return false;
      } else if (word == "inlined_at") {
        loc.inlined = true;
        if (!Position(loc.call_site)) return false;
      } else {
        return in_.FailWith(
            line, "expected function_name or inlined_at, found " + std::string(word.substr(0, 60)));
      }
    }
    location_ = locations_.Add(loc);
    if (locations_.Depth(location_) <= Limits::kInlineDepth) return true;
    return in_.FailWith(line, Format("functions inlined more than {} deep", Limits::kInlineDepth));
  }

  bool LabelOrInstruction() {
    Instruction& instruction = Begin();
    const char* begin = in_.token().text.data();
    std::string_view word;
    if (!in_.ReadName(word, "an instruction")) return false;
    if (!in_.Accept(':')) return Rest(instruction, begin, word);
    End();
    return Labelled(word);
  }

  bool Guarded() {
    Instruction& instruction = Begin();
    const char* begin = in_.token().text.data();
    in_.Advance();
    instruction.guard_negated = in_.Accept('!');
    if (!in_.ReadName(instruction.guard, "a predicate")) return false;
    std::string_view opcode;
    return in_.ReadName(opcode, "an instruction") && Rest(instruction, begin, opcode);
  }

  Instruction& Begin() {
    Instruction& instruction = function_.body.emplace_back();
    instruction.line = in_.token().line;
    instruction.location = location_;
    return instruction;
  }
  void End() { function_.body.pop_back(); }

  // Behind `label:`.
  bool Labelled(std::string_view name) {
    if (!in_.Charge()) return false;
    if (in_.AtDot("branchtargets") || in_.AtDot("calltargets")) return Targets(name);
    if (in_.AtDot("callprototype")) return Prototype(name);
    function_.labels.push_back({name, function_.body.size(), scope()});
    return true;
  }

  bool Targets(std::string_view name) {
    in_.Advance();
    BranchTargets targets{name, {}, scope()};
    do {
      if (!in_.Charge() || !in_.ReadName(targets.labels.emplace_back(), "a label")) return false;
    } while (in_.Accept(','));
    function_.branch_targets.push_back(std::move(targets));
    return in_.Expect(';');
  }

  // name : .callprototype (.param .b32 _) _ (.param .b32 _) .noreturn;
  bool Prototype(std::string_view name) {
    in_.Advance();
    CallPrototype prototype;
    prototype.name = name;
    prototype.scope = scope();
    std::string_view sink;
    if (in_.At('(') && !ReadParameters(in_, prototype.results)) return false;
    if (!in_.ReadName(sink, "_")) return false;
    if (in_.At('(') && !ReadParameters(in_, prototype.parameters)) return false;
    prototype.no_return = in_.AcceptDot("noreturn");
    function_.prototypes.push_back(std::move(prototype));
    return in_.Expect(';');
  }

  // Modifiers and operands, up to the semicolon.
  bool Rest(Instruction& instruction, const char* begin, std::string_view opcode) {
    instruction.opcode = opcode;
    modifiers_.clear();
    for (; in_.AtKind(TokenKind::kDot); in_.Advance()) {
      if (modifiers_.size() == Limits::kModifiers) return in_.Fail("fewer modifiers");
      modifiers_.push_back(in_.token().text);
    }
    instruction.modifiers.assign(modifiers_.begin(), modifiers_.end());
    if (!in_.At(';')) {
      instruction.operands.reserve(3);  // as most have; they are large to move
      do {
        if (instruction.operands.size() == Limits::kOperands) return in_.Fail("fewer operands");
        if (!ReadOperand(in_, instruction.operands.emplace_back())) return false;
      } while (in_.Accept(','));
    }
    instruction.text =
        std::string_view(begin, static_cast<std::size_t>(in_.previous_end() - begin));
    function_.instruction_scopes.push_back(scope());
    // A modifier costs a quarter of an item, as it does in memory.
    return in_.Charge(2 + modifiers_.size() / 4) && in_.Expect(';');
  }

  Reader& in_;
  Function& function_;
  Locations locations_;
  int location_ = -1;
  std::vector<int> open_;                    // scopes, outermost first
  std::vector<std::string_view> modifiers_;  // scratch: an instruction keeps exactly its own
};

}  // namespace

bool ReadBody(Reader& in, Function& function) { return Body(in, function).Read(); }

}  // namespace caesar::sim::ptx
