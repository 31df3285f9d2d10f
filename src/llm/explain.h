// A failed call in words: what was wrong, where, and what to do about it. No key ever shows.
#pragma once

#include <string>

#include "base/result.h"
#include "llm/api_error.h"
#include "llm/endpoint.h"

namespace caesar {

// A clause for progress lines: "rate limit (429)", "no connection", "answer cut off".
std::string ShortReason(const CallFailure& failure);

// The Error that ends the call. `stopped_because` is of GiveUp; `model` is the name that was asked
// for.
Error Explain(const CallFailure& failure, const Endpoint& endpoint, const std::string& model,
              const std::string& stopped_because);

// Why a provider declined, for ModelRefused and PromptTooLong.
std::string ExplainRefusal(const CallFailure& failure, const Endpoint& endpoint);

}  // namespace caesar
