// The modifiers of one instruction, and the error for what is not simulated.
#include <bit>

#include "base/format.h"
#include "sim/binder.h"

namespace caesar::sim {

namespace {
constexpr std::size_t kModifiersMax = 64;  // the parser allows fewer
}  // namespace

Modifiers::Modifiers(const ptx::Instruction& instruction)
    : instruction_(instruction),
      left_(instruction.modifiers.size() >= kModifiersMax
                ? ~std::uint64_t{0}
                : (std::uint64_t{1} << instruction.modifiers.size()) - 1) {}

template <class Wanted>
const std::string_view* Modifiers::TakeWhere(const Wanted& wanted) {
  for (std::uint64_t rest = left_; rest != 0; rest &= rest - 1) {
    const std::string_view& modifier =
        instruction_.modifiers[static_cast<std::size_t>(std::countr_zero(rest))];
    if (!wanted(modifier)) continue;
    left_ &= ~(rest & (~rest + 1));
    return &modifier;
  }
  return nullptr;
}

bool Modifiers::Take(std::string_view name) {
  return TakeWhere([&](std::string_view modifier) { return modifier == name; }) != nullptr;
}

std::string_view Modifiers::TakeAny(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (Take(name)) return name;
  }
  return {};
}

Type Modifiers::TakeType() {
  const std::string_view* type =
      TakeWhere([](std::string_view name) { return TypeOf(name).has_value(); });
  return type == nullptr ? Type::kNone : *TypeOf(*type);
}

Type Modifiers::TakeLastType() {
  for (std::uint64_t rest = left_; rest != 0;) {
    const int last = 63 - std::countl_zero(rest);
    rest &= ~(std::uint64_t{1} << last);
    const auto type = TypeOf(instruction_.modifiers[static_cast<std::size_t>(last)]);
    if (!type) continue;
    left_ &= ~(std::uint64_t{1} << last);
    return *type;
  }
  return Type::kNone;
}

std::optional<std::string_view> Modifiers::Next() {
  const std::string_view* first = TakeWhere([](std::string_view) { return true; });
  return first == nullptr ? std::nullopt : std::optional(*first);
}

bool Modifiers::Empty() const {
  return left_ == 0 && instruction_.modifiers.size() <= kModifiersMax;
}

Status Modifiers::Done() const {
  if (instruction_.modifiers.size() > kModifiersMax) {
    return NotSimulated(instruction_, "more modifiers than any instruction has");
  }
  if (left_ == 0) return {};
  const auto first = static_cast<std::size_t>(std::countr_zero(left_));
  return NotSimulated(instruction_, Format("modifier .{}", instruction_.modifiers[first]));
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
