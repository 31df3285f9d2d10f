// Tokens that model calls cost, as the provider counted them, and their price.
#pragma once

#include <cstdint>

namespace caesar {

struct TokenUsage {
  std::int64_t input = 0;          // includes cached and cache_written
  std::int64_t cached = 0;         // part of input: read from the provider's prompt cache
  std::int64_t cache_written = 0;  // part of input: written to it
  std::int64_t output = 0;         // includes reasoning
  std::int64_t reasoning = 0;      // part of output
  bool reported = false;           // false: the provider sent no usage, and the counts say nothing
  bool estimated = false;  // some of it is a guess: calls that broke off, which nobody counted
  double usd = 0;          // of all calls whose price is known
  bool priced = true;      // false: the price of some call is not known

  std::int64_t total() const { return input + output; }
  TokenUsage& operator+=(const TokenUsage& other) {
    input += other.input;
    cached += other.cached;
    cache_written += other.cache_written;
    output += other.output;
    reasoning += other.reasoning;
    reported = reported || other.reported;
    estimated = estimated || other.estimated;
    usd += other.usd;
    priced = priced && other.priced;
    return *this;
  }
};

}  // namespace caesar
