// Syntax trees of PTX as one line of text, with every field that is not at its default: what tests
// compare.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "sim/ptx/parser.h"

namespace caesar::sim::ptx {

inline std::string Show(const Operand& operand);

inline std::string ShowAll(const std::vector<Operand>& operands,
                           std::string_view separator = ", ") {
  std::string text;
  for (const Operand& operand : operands) {
    if (&operand != operands.data()) text += separator;
    text += Show(operand);
  }
  return text;
}

// name:x, int:4, f32:3f800000, addr:x+-8, vec{}, pair(), sink, list().
inline std::string Show(const Operand& operand) {
  std::string text = operand.negated ? "!" : operand.minus ? "-" : "";
  const std::string addend = operand.integer != 0 ? Format("+{}", operand.integer) : "";
  switch (operand.kind) {
    case Operand::Kind::kName:
      return text + Format("name:{}{}", operand.name, addend);
    case Operand::Kind::kInteger:
      return text + Format("int:{}", operand.integer);
    case Operand::Kind::kFloat:
      return Format("f{}:{:x}", operand.float_bytes * 8, operand.bits);
    case Operand::Kind::kAddress:
      text += Format("addr:{}{}", operand.name, addend);
      return operand.parts.empty() ? text : text + " with " + ShowAll(operand.parts);
    case Operand::Kind::kVector:
      return text + "vec{" + ShowAll(operand.parts) + "}";
    case Operand::Kind::kPair:
      return text + "pair(" + ShowAll(operand.parts, "|") + ")";
    case Operand::Kind::kSink:
      return text + "sink";
    case Operand::Kind::kList:
      return text + "list(" + ShowAll(operand.parts) + ")";
  }
  return "?";
}

inline std::string Show(const Instruction& instruction) {
  std::string text;
  if (!instruction.guard.empty()) {
    text = Format("@{}{} ", instruction.guard_negated ? "!" : "", instruction.guard);
  }
  text += instruction.opcode;
  for (const auto modifier : instruction.modifiers) text += Format(".{}", modifier);
  return instruction.operands.empty() ? text : text + " " + ShowAll(instruction.operands);
}

inline std::string Show(const Variable& variable) {
  constexpr const char* kSpaces[] = {"none", "reg", "param", "local", "shared", "global", "const"};
  std::string text =
      Format("{} {}", kSpaces[static_cast<std::size_t>(variable.space)], variable.type);
  if (variable.vector != 1) text += Format(" v{}", variable.vector);
  if (variable.alignment != 0) text += Format(" align {}", variable.alignment);
  text += Format(" {}", variable.name);
  if (variable.array || variable.count != 1) text += Format("[{}]", variable.count);
  if (variable.external) text += " external";
  if (variable.visible) text += " visible";
  if (variable.managed) text += " managed";
  if (variable.pointer) text += " pointer";
  if (!variable.initial.empty()) text += " =";
  for (const auto byte : variable.initial) text += Format(" {:02x}", byte);
  for (const auto& reference : variable.references) {
    text += Format(" @{}: {}{}+{}", reference.offset, reference.generic ? "generic " : "",
                   reference.name, reference.addend);
    if (reference.bytes != 8) text += Format(" in {}", reference.bytes);
    if (reference.mask != ~std::uint64_t{0}) text += Format(" mask {:x}", reference.mask);
  }
  return text;
}

inline Result<Module> ParseText(std::string text) {
  return Parse(std::make_shared<const std::string>(std::move(text)));
}
// "" or the error.
inline std::string ErrorOf(std::string text) {
  const auto module = ParseText(std::move(text));
  return module.ok() ? "" : module.error().message;
}

}  // namespace caesar::sim::ptx
