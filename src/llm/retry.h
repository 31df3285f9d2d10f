// When to ask a provider again. Pure: time, randomness and what was tried are arguments.
#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "llm/api_error.h"
#include "sys/clock.h"

namespace caesar {

inline constexpr int kTriesMax = 6;
inline constexpr int kLoadingTriesMax = 100;
// All the waiting for one question together, and that for a server that loads its model.
inline constexpr Milliseconds kWaitedMax{300'000};
inline constexpr Milliseconds kLoadingWaitedMax{900'000};

// What one question has cost so far.
struct Tries {
  Tries() = default;
  Tries(int failed_tries) : failed(failed_tries) {}  // NOLINT: none of them loading, no waiting

  void Count(const CallFailure& failure);  // one more try has failed

  int failed = 0;          // without the following
  int loading = 0;         // tries that found the server loading its model
  Milliseconds waited{0};  // the sum of the delays between them
};

struct RetryIn {
  Milliseconds delay{0};
};

struct GiveUp {
  std::string reason;  // a clause: "after 6 tries", "the provider asks to wait 3600 s"; empty: it
                       // would not help
};

using RetryDecision = std::variant<RetryIn, GiveUp>;

// `tries` were made so far, the last of which ended in `failure`. `random` is in [0, 1); `utc` is
// the time now, for waits that are said as times.
//
// What the server asks for, if above 0, is what it gets: retry-after-ms, retry-after (seconds or a
// date), or Google's RetryInfo. A wish of more than 120 s is a reason to stop.
//
// Otherwise base * 2^n up to a limit, shortened by up to a quarter at random: 0.5 s to 8 s, and for
// rate limits, overload and loading longer (retry.cpp). A rate limit waits at least, and up to 60
// s, for what is only a hint: the latest reset of a bucket that the headers call empty, or "try
// again in 20s" in the message.
//
// After kTriesMax tries, or before all waiting would be more than kWaitedMax, it is given up; a
// server that loads its model has its own limits.
//
// Sources: openai-python 3.3 (_base_client.py) for the tries' delays and the 120 s; the longer
// delays and limits are ours.
RetryDecision DecideRetry(const Tries& tries, const CallFailure& failure, double random,
                          std::chrono::system_clock::time_point utc);

}  // namespace caesar
