#include "llm/anthropic_thinking.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::int64_t kOutputTokens = 32'000;  // inspect_ai's default (_anthropic_max_tokens.py)
constexpr std::int64_t kBudgetMin = 1024;       // of thinking.budget_tokens; Anthropic's client

// In Dialect::chosen: a budget of tokens is the first choice.
constexpr const char* kBudgetFirst = "budget";

// What the models from a version on take. Sources: inspect_ai 0.3.285 (_providers/anthropic.py) and
// the types of Anthropic's Python client 2.12.
struct Family {
  int version;              // 100 * major + minor
  std::int64_t output_max;  // that a default may ask for
  bool thinks;              // at all
  bool adaptive;            // thinking.adaptive
  bool budget;              // thinking.enabled
  bool thinks_unasked;      // so that it must be told not to
};

constexpr int kNewest = 9900;  // a name without a number: claude-mythos-preview
constexpr int kNotClaude = 0;  // some other model, behind a compatible server

constexpr std::array<Family, 8> kFamilies = {{
    {407, 64'000, true, true, false, true},
    {406, 64'000, true, true, true, false},
    {405, 64'000, true, false, true, false},
    {400, 32'000, true, false, true, false},
    {307, 64'000, true, false, true, false},
    {305, 8'192, false, false, false, false},
    {1, 4'096, false, false, false, false},
    {kNotClaude, 64'000, true, true, true, true},
}};

std::optional<std::int64_t> NumberOf(std::string_view word) {
  std::int64_t number = 0;
  const char* end = word.data() + word.size();
  const auto parsed = std::from_chars(word.data(), end, number);
  if (word.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// Of claude-opus-4-5-20251101, anthropic/claude-opus-4.5, us.anthropic.claude-3-7-sonnet-...-v1:0:
// the first number of one or two digits, and the one that follows it at once.
int VersionOf(std::string_view model) {
  const std::string name = ToLower(model);
  std::size_t at = name.find("claude");
  if (at == std::string::npos) return kNotClaude;
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  std::optional<std::int64_t> major;
  while (at < name.size()) {
    const std::size_t begin = at;
    while (at < name.size() && is_word(name[at])) ++at;
    const std::string_view word = std::string_view(name).substr(begin, at - begin);
    ++at;
    const auto number = word.size() <= 2 ? NumberOf(word) : std::nullopt;
    if (major) return static_cast<int>(*major * 100 + number.value_or(0));
    major = number;
  }
  return major ? static_cast<int>(*major * 100) : kNewest;
}

const Family& FamilyOf(const ModelConfig& config) {
  const int version = VersionOf(config.model);
  const auto found = std::find_if(kFamilies.begin(), kFamilies.end(),
                                  [&](const Family& family) { return version >= family.version; });
  return found == kFamilies.end() ? kFamilies.back() : *found;
}

// What --reasoning-effort asks for: a word, or a number of tokens.
struct Wish {
  std::string word;  // in lower case
  std::optional<std::int64_t> number;
  std::optional<std::int64_t> tokens;  // of thinking: the number, or what the word stands for

  bool off() const { return word == "none" || number == 0; }
};

struct Level {
  std::string_view word;
  std::int64_t tokens;
};

// Source: inspect_ai 0.3.285 (_reasoning.py).
constexpr std::array<Level, 6> kLevels = {{{"minimal", 2048},
                                           {"low", 4096},
                                           {"medium", 10'000},
                                           {"high", 16'000},
                                           {"xhigh", 32'000},
                                           {"max", 32'000}}};

Wish WishOf(const ModelConfig& config) {
  Wish wish;
  wish.word = ToLower(Trim(config.reasoning_effort));
  wish.tokens = wish.number = NumberOf(wish.word);
  for (const Level& level : kLevels) {
    if (level.word == wish.word) wish.tokens = level.tokens;
  }
  return wish;
}

Error NoSuchEffort(const ModelConfig& config, std::string todo) {
  return Error{ErrorCode::kUsage,
               Format("Model '{}' cannot be asked for the reasoning effort '{}'.", config.model,
                      ForTerminal(Shorten(config.reasoning_effort, 100))),
               std::move(todo)};
}

// A number is what the user asked for, to the token; a word's budget leaves a quarter of the limit
// to the answer.
Result<std::int64_t> BudgetOf(const ModelConfig& config, const Dialect& dialect, const Wish& wish) {
  const std::int64_t limit = AnthropicLimit(config, dialect);
  if (!wish.tokens) {
    return NoSuchEffort(config,
                        "Use none, minimal, low, medium, high, xhigh, max, or the number of tokens "
                        "that it may think for.");
  }
  const std::int64_t least = std::max(kBudgetMin, wish.number.value_or(0));
  if (limit <= least || wish.number.value_or(kBudgetMin) < kBudgetMin) {
    return NoSuchEffort(config, Format("It must think for {} tokens at least, and for less than "
                                       "its whole output of {}: see --max-tokens.",
                                       FormatCount(kBudgetMin), FormatCount(limit)));
  }
  if (wish.number) return *wish.number;
  return std::min(*wish.tokens, std::max(kBudgetMin, limit / 4 * 3));
}

std::string EffortOf(const Wish& wish, const Dialect& dialect) {
  if (wish.number || dialect.dropped.contains(kEffort)) return "";
  const bool above_high = wish.word == "xhigh" || wish.word == "max";
  if (above_high && dialect.dropped.contains(kEffortAboveHigh)) return "high";
  return wish.word == "minimal" ? "low" : wish.word;  // a new word is the server's to judge
}

}  // namespace

std::int64_t AnthropicLimit(const ModelConfig& config, const Dialect& dialect) {
  if (dialect.max_tokens) return *dialect.max_tokens;
  if (config.max_tokens) return *config.max_tokens;
  const std::int64_t output_max = FamilyOf(config).output_max;
  const std::int64_t thinking = WishOf(config).tokens.value_or(0);
  return std::min(kOutputTokens + std::clamp<std::int64_t>(thinking, 0, output_max), output_max);
}

Result<AnthropicThinking> AnthropicThinkingOf(const ModelConfig& config, const Dialect& dialect) {
  const Wish wish = WishOf(config);
  const Family& family = FamilyOf(config);
  if (wish.word.empty() || (wish.off() && !family.thinks_unasked)) return AnthropicThinking{};
  if (wish.off()) {
    for (const char* form : {kDisabled, kBetweenTools}) {
      if (!dialect.dropped.contains(form)) return AnthropicThinking{form, 0, ""};
    }
    return AnthropicThinking{};
  }
  if (!family.thinks) return NoSuchEffort(config, "It does not think: leave the effort out.");
  if (wish.number && !family.budget) {
    return NoSuchEffort(config,
                        "It takes no number of tokens: use low, medium, high, xhigh or max.");
  }
  std::array<const char*, 2> forms = {kAdaptive, kEnabled};
  if (wish.number || dialect.chosen.contains(kBudgetFirst)) std::swap(forms[0], forms[1]);
  for (const char* form : forms) {
    if (dialect.dropped.contains(form)) continue;
    if (form == kAdaptive) return AnthropicThinking{form, 0, EffortOf(wish, dialect)};
    return AnthropicThinking{form, TRY(BudgetOf(config, dialect, wish)), ""};
  }
  return AnthropicThinking{};
}

Dialect AnthropicGuess(const ModelConfig& config, std::string_view) {
  Dialect dialect;
  const Family& family = FamilyOf(config);
  if (family.budget && !family.adaptive) dialect.chosen.insert(kBudgetFirst);
  return dialect;
}

}  // namespace caesar
