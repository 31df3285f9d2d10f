// The modifiers of one instruction, and the error for what is not simulated.
#include <algorithm>

#include "base/format.h"
#include "sim/binder.h"

namespace caesar::sim {

Modifiers::Modifiers(const ptx::Instruction& instruction)
    : instruction_(instruction), left_(instruction.modifiers) {}

bool Modifiers::Take(std::string_view name) {
  const auto found = std::find(left_.begin(), left_.end(), name);
  if (found == left_.end()) return false;
  left_.erase(found);
  return true;
}

std::string_view Modifiers::TakeAny(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (Take(name)) return name;
  }
  return {};
}

Type Modifiers::TakeType() {
  for (auto it = left_.begin(); it != left_.end(); ++it) {
    if (const auto type = TypeOf(*it)) {
      left_.erase(it);
      return *type;
    }
  }
  return Type::kNone;
}

Type Modifiers::TakeLastType() {
  for (auto it = left_.end(); it != left_.begin();) {
    if (const auto type = TypeOf(*--it)) {
      left_.erase(it);
      return *type;
    }
  }
  return Type::kNone;
}

std::optional<std::string_view> Modifiers::Next() {
  if (left_.empty()) return std::nullopt;
  const std::string_view first = left_.front();
  left_.erase(left_.begin());
  return first;
}

bool Modifiers::Empty() const { return left_.empty(); }

Status Modifiers::Done() const {
  if (left_.empty()) return {};
  return NotSimulated(instruction_, Format("modifier .{}", left_.front()));
}

Error NotSimulated(const ptx::Instruction& instruction, std::string_view why) {
  // The statement as it stands, on one line, and not longer than one line.
  constexpr std::size_t kTextMax = 160;
  std::string text;
  for (const char c : instruction.text.substr(0, 4 * kTextMax)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && (text.empty() || text.back() == ' ')) continue;
    text += blank ? ' ' : c;
  }
  if (text.empty()) {
    text = instruction.opcode;
    for (const std::string_view modifier : instruction.modifiers) text.append(".").append(modifier);
  }
  if (text.size() > kTextMax) text = text.substr(0, kTextMax) + "...";
  std::string message = Format("not simulated: {} at line {} of the PTX", text, instruction.line);
  if (!why.empty()) message.append(": ").append(why);
  return {ErrorCode::kBadInput, std::move(message), {}};
}

}  // namespace caesar::sim
