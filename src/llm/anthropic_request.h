// Questions in Anthropic's format, and what servers refuse of them. Answers are read in
// anthropic.cpp.
#pragma once

#include "llm/codec.h"

namespace caesar {

// The functions of the same names in Codec.

// Errors, beside those of extra_json: kUsage for a reasoning effort that the model has no way to
// take. The format has no place for config.seed: an error.
Result<std::string> AnthropicBody(const ModelConfig& config, const ModelRequest& request,
                                  const Dialect& dialect);

// The format demands a limit, so there is one even if none is configured. Empty only where
// extra_json says it: that has the last word, and nothing that is learnt can change it.
std::optional<std::int64_t> AnthropicOutputLimit(const ModelConfig& config, const Dialect& dialect);

std::optional<Repair> AnthropicRepair(const Dialect& dialect, const ModelConfig& config,
                                      const CallFailure& failure);

}  // namespace caesar
