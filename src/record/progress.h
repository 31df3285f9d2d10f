// What a running sample tells of itself while it runs. The session calls it, the console implements
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "record/tokens.h"

namespace caesar {

struct StepDone {
  int round = 0;
  int rounds = 0;
  std::string from;     // Generate
  std::string outcome;  // Replied
  std::string to;       // Compile
  std::int64_t ms = 0;
  std::string headline;  // for people: "1,204 tokens", "3 errors: expected a ';'", "12.1 us, 1.32x
                         // (1.31-1.33)"
  TokenUsage tokens;     // of the sample so far
};

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void OnState(std::string_view state, int round, int rounds) = 0;  // a step begins
  virtual void OnReply(std::int64_t text_bytes,
                       std::int64_t reasoning_bytes) = 0;  // received so far in this attempt
  virtual void OnDetail(std::string_view text) = 0;  // what a step is doing: "checking shape odd"
  virtual void OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) = 0;
  virtual void OnStep(const StepDone& step) = 0;  // a step is in the journal
};

}  // namespace caesar
