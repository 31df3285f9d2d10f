// Tokens that a model call cost, as the provider counted them.
#pragma once

#include <cstdint>

namespace caesar {

struct TokenUsage {
  std::int64_t input = 0;      // includes cached
  std::int64_t cached = 0;     // part of input
  std::int64_t output = 0;     // includes reasoning
  std::int64_t reasoning = 0;  // part of output
  bool reported = false;       // false: the provider sent no usage, and the counts say nothing

  std::int64_t total() const { return input + output; }
  TokenUsage& operator+=(const TokenUsage& other) {
    input += other.input;
    cached += other.cached;
    output += other.output;
    reasoning += other.reasoning;
    reported = reported || other.reported;
    return *this;
  }
};

}  // namespace caesar
