#include "judge/schedule.h"

#include <algorithm>
#include <utility>

namespace caesar {
namespace {

using Inputs = PlannedCall::Inputs;

constexpr std::uint32_t kExtraCallsMax = 2;

bool HasPlainRandomFloats(const Problem& problem) {
  return std::any_of(problem.inputs.begin(), problem.inputs.end(), [](const TensorSpec& input) {
    return IsFloat(input.dtype) &&
           (input.fill.kind == Fill::Kind::kNormal || input.fill.kind == Fill::Kind::kUniform);
  });
}

// Tried whatever the problem declares, where it declares plain random floats: structure that random
// data of mean zero hides. Other declarations mean something (indices, permutations), and are left
// as they are.
std::vector<Fill> StructuredFills() {
  return {
      Fill{Fill::Kind::kUniform, 0.0, 1.0},    // a mean that is not zero
      Fill{Fill::Kind::kIntegers, -2.0, 2.0},  // ties, zeros, exact sums
      Fill{Fill::Kind::kOneHot, 1.0, 0.0},     // one element of a row decides
      Fill{Fill::Kind::kConstant, 0.5, 0.0},   // all equal
      Fill{Fill::Kind::kConstant, 0.0, 0.0},   // nothing at all
  };
}

void Shuffle(std::vector<Fill>& fills, const Dice& dice) {
  for (std::size_t left = fills.size(); left > 1; --left)
    std::swap(fills[left - 1], fills[dice(static_cast<std::uint32_t>(left))]);
}

}  // namespace

std::vector<PlannedCall> PlanCalls(const Problem& problem, const ShapeSpec& shape,
                                   const ScheduleOptions& options, const Dice& dice) {
  const bool bench = shape.bench && !options.simulated;
  std::vector<PlannedCall> calls;
  // A simulated call is slow, and no call count is worth a second one there.
  const int fresh = options.simulated ? 1
                                      : (bench ? std::max(1, options.bench_calls) : 1) +
                                            static_cast<int>(dice(kExtraCallsMax + 1));
  for (int i = 0; i < fresh; ++i) calls.push_back({});
  // In both schedules on the simulated GPU, so that a result that depends on the order shows.
  calls.push_back({std::nullopt, Inputs::kSame, true});
  calls.push_back({std::nullopt, Inputs::kNearDuplicate, false});
  if (bench || !HasPlainRandomFloats(problem)) return calls;
  std::vector<Fill> fills = StructuredFills();
  Shuffle(fills, dice);
  for (const Fill& fill : fills) calls.push_back({fill, Inputs::kFresh, false});
  return calls;
}

}  // namespace caesar
