// Which correctness calls are made at one shape, and in which order. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "problem/problem.h"

namespace caesar {

struct PlannedCall {
  enum class Inputs {
    kFresh,
    kNearDuplicate,  // those of the call before, but for a few elements
    kSame,           // those of the call before: whether the result's bits are the same
  };
  std::optional<Fill> fill;  // for inputs that take others; empty: all as declared
  Inputs inputs = Inputs::kFresh;
  bool reversed = false;  // simulated GPU: the last warp of a block runs first
};

// How a Check names inputs that no other fill stands in for; ", ..." behind it says what else they
// are.
inline constexpr std::string_view kAsDeclared = "as declared";

struct ScheduleOptions {
  bool simulated = false;
  int bench_calls = 2;  // at least so many with fresh inputs at the bench shape
};

// A number below its argument, which is positive.
using Dice = std::function<std::uint32_t(std::uint32_t)>;

// The declared fill comes first, since a failure there says most; how many calls there are and the
// order of the others is the dice's.
std::vector<PlannedCall> PlanCalls(const Problem& problem, const ShapeSpec& shape,
                                   const ScheduleOptions& options, const Dice& dice);

}  // namespace caesar
