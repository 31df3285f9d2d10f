// How Anthropic's models are asked to think, and for how long: their families differ in it more
// than in anything else, and their servers say so when a guess was wrong.
#pragma once

#include "llm/codec.h"

namespace caesar {

// In Dialect::dropped, by the names that the API's own errors give them.
inline constexpr const char* kAdaptive = "thinking.adaptive";  // as much as it takes, by an effort
inline constexpr const char* kEnabled = "thinking.enabled";    // at most a budget of tokens
inline constexpr const char* kDisabled = "thinking.disabled";
inline constexpr const char* kBetweenTools = "thinking.between_tools";  // not before the answer
inline constexpr const char* kDisplay = "thinking.display";
inline constexpr const char* kEffort = "output_config.effort";
inline constexpr const char* kEffortAboveHigh = "output_config.effort above high";

// What a request says about thinking.
struct AnthropicThinking {
  std::string_view form;    // one of the first four above; empty: nothing
  std::int64_t budget = 0;  // of kEnabled
  std::string effort;       // of kAdaptive; empty: not sent
};

// Errors: kUsage for a reasoning effort that the model has no way to take.
Result<AnthropicThinking> AnthropicThinkingOf(const ModelConfig& config, const Dialect& dialect);

// The limit of output tokens: the dialect's, else the configured one, else inspect_ai's default of
// 32,000 and what thinking may take on top, as far as the family allows it.
std::int64_t AnthropicLimit(const ModelConfig& config, const Dialect& dialect);

// As Codec's.
Dialect AnthropicGuess(const ModelConfig& config, std::string_view base_url);

}  // namespace caesar
