// Any text as PTX: no crash, an error has its line, and what is accepted keeps the tree's promises.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sim/ptx/parser.h"

namespace {

using namespace caesar::sim::ptx;

void CheckInside(const std::string& text, std::string_view part) {
  if (part.empty()) return;
  CHECK(std::less_equal<>()(text.data(), part.data()));
  CHECK(std::less_equal<>()(part.data() + part.size(), text.data() + text.size()));
}

// A statement's text alone is the same statement.
void CheckStatement(const Instruction& instruction) {
  const auto text = std::make_shared<const std::string>(".version 9.0\n.func f { " +
                                                        std::string(instruction.text) + "; }");
  const auto module = Parse(text);
  CHECK(module.ok());
  const Function& function = module.value().functions.at(0);
  CHECK(function.body.size() == 1);
  const Instruction& again = function.body[0];
  CHECK(again.text == instruction.text && again.opcode == instruction.opcode);
  CHECK(again.guard == instruction.guard && again.modifiers == instruction.modifiers);
  CHECK(again.operands.size() == instruction.operands.size());
}

void CheckFunction(const Module& module, const Function& function) {
  const auto& text = *module.text;
  const auto is_scope = [&function](int scope) {
    return scope >= 0 && static_cast<std::size_t>(scope) < function.scopes.size();
  };
  CHECK(function.instruction_scopes.size() == function.body.size());
  CHECK(function.variable_scopes.size() == function.variables.size());
  CHECK(std::all_of(function.instruction_scopes.begin(), function.instruction_scopes.end(),
                    is_scope));
  CHECK(std::all_of(function.variable_scopes.begin(), function.variable_scopes.end(), is_scope));
  for (std::size_t i = 0; i < function.scopes.size(); ++i) {
    CHECK(function.scopes[i].parent < static_cast<int>(i) &&
          (i == 0 || is_scope(function.scopes[i].parent)));
  }
  for (const Label& label : function.labels) {
    CheckInside(text, label.name);
    CHECK(label.instruction <= function.body.size() && is_scope(label.scope));
  }
  std::size_t checked = 0;
  for (const Instruction& instruction : function.body) {
    CheckInside(text, instruction.text);
    CHECK(instruction.location < static_cast<int>(module.locations.size()));
    if (checked++ < 16) CheckStatement(instruction);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  const auto parsed = Parse(text);
  if (!parsed.ok()) {
    CHECK(parsed.error().message.rfind("PTX line ", 0) == 0);
    return 0;
  }
  const Module& module = parsed.value();
  for (std::size_t i = 0; i < module.locations.size(); ++i) {
    CHECK(module.locations[i].inlined_at < static_cast<int>(i));
  }
  for (const Variable& variable : module.variables) {
    CheckInside(*module.text, variable.name);
    for (const auto& reference : variable.references) {
      CHECK(reference.offset + reference.bytes <= variable.initial.size());
    }
  }
  for (const Function& function : module.functions) CheckFunction(module, function);
  return 0;
}
