// When to ask a provider again. Pure: time, randomness and the attempt's number are arguments.
#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "llm/api_error.h"
#include "sys/clock.h"

namespace caesar {

inline constexpr int kTriesMax = 6;

struct RetryIn {
  Milliseconds delay{0};
};

struct GiveUp {
  std::string reason;  // a clause: "after 6 tries", "the provider asks to wait 3600 s"; empty: it
                       // would not help
};

using RetryDecision = std::variant<RetryIn, GiveUp>;

// `tries` were made so far, the last of which ended in `failure`. `random` is in [0, 1); `utc` is
// the time now, for a retry-after that is a date.
//
// Delay: what retry-after-ms or retry-after asks for, if that is above 0 and at most 120 s; a
// longer wish is a reason to stop. Otherwise min(0.5 s * 2^n, 8 s), shortened by up to a quarter at
// random; for a 429 min(2 s * 2^n, 32 s), because rate limits count by the minute. Source:
// openai-python 3.3 (_base_client.py); the longer delay for 429 is ours.
RetryDecision DecideRetry(int tries, const CallFailure& failure, double random,
                          std::chrono::system_clock::time_point utc, int tries_max = kTriesMax);

}  // namespace caesar
