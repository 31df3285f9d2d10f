#include "cli/values.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

Error Bad(std::string_view text, const std::string& expected) {
  return Error{ErrorCode::kUsage, Format("'{}' is not {}", ForTerminal(text), expected), ""};
}

template <class T>
std::optional<T> Parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<std::int64_t> IntegerValue(std::string_view text, std::int64_t low, std::int64_t high) {
  const auto value = Parse<std::int64_t>(text);
  if (!value || *value < low || *value > high)
    return Bad(text, Format("a whole number from {} to {}", low, high));
  return *value;
}

Result<double> NumberValue(std::string_view text, double low, double high) {
  const auto value = Parse<double>(text);
  if (!value || !(*value >= low) || !(*value <= high))
    return Bad(text, Format("a number from {} to {}", low, high));
  return *value;
}

Result<bool> SwitchValue(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return Bad(text, "true or false");
}

Result<std::int64_t> MillisecondsValue(std::string_view text) {
  constexpr double kDayMs = 86'400'000;
  std::string_view number = text;
  double unit = 1'000;
  for (const auto& [suffix, ms] : {std::pair<std::string_view, double>{"ms", 1},
                                   {"min", 60'000},
                                   {"h", 3'600'000},
                                   {"s", 1'000}}) {
    if (!EndsWith(text, suffix)) continue;
    number.remove_suffix(suffix.size());
    unit = ms;
    break;
  }
  const auto value = Parse<double>(number);
  if (!value || !(*value * unit >= 1) || !(*value * unit <= kDayMs)) {
    return Bad(text, "a time of at most a day, such as 500ms, 10s or 2min");
  }
  return static_cast<std::int64_t>(std::llround(*value * unit));
}

Result<FeedbackChoice> FeedbackValue(std::string_view text) {
  FeedbackChoice choice{false, false, false, false};
  if (text == "none") return choice;
  for (const std::string& part : Split(text, ',')) {
    const std::string name =
        TRY(ChoiceValue(Trim(part), {"compile", "correct", "timing", "human", "all", "none"}));
    if (name == "none") return Bad(text, "a choice: none stands alone");
    if (name == "compile" || name == "all") choice.compile = true;
    if (name == "correct" || name == "all") choice.correct = true;
    if (name == "timing" || name == "all") choice.timing = true;
    if (name == "human") choice.human = true;
  }
  return choice;
}

Result<std::string> ChoiceValue(std::string_view text, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (text == name) return name;
  }
  Error error = Bad(text, "one of " + Join(names, ", "));
  if (const auto nearest = Nearest(text, names))
    error.detail = Format("Did you mean {}?", *nearest);
  return error;
}

Result<std::string> DeviceValue(std::string_view text) {
  if (text == "auto" || text == "cuda" || text == "sim") return std::string(text);
  if (StartsWith(text, "cuda:") && IntegerValue(text.substr(5), 0, 1'023).ok())
    return std::string(text);
  return Bad(text,
             "a device: auto, cuda, cuda:N with the number N of a GPU, or sim, the simulated GPU");
}

Result<std::string> ReadNamedFile(const std::string& path, std::uint64_t bytes_max,
                                  const std::string& advice, Files& files) {
  Result<std::string> content = files.Read(path, bytes_max);
  if (content.ok()) return content;
  return Error{ErrorCode::kUsage, content.error().message, advice};
}

}  // namespace caesar
