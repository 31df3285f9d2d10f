#include "judge/schedule.h"

#include <algorithm>
#include <utility>

namespace caesar {
namespace {

using Inputs = PlannedCall::Inputs;

constexpr std::uint32_t kExtraCallsMax = 2;

// Tried on every problem with inputs that take them: structure that random data of mean zero hides,
// in magnitudes that any tolerance allows. Larger and smaller ones only the problem can know to be
// sound: those are its check_fills.
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
  if (bench || std::none_of(problem.inputs.begin(), problem.inputs.end(), TakesOtherFills))
    return calls;
  for (std::vector<Fill> fills : {StructuredFills(), problem.check_fills}) {
    Shuffle(fills, dice);
    for (const Fill& fill : fills) calls.push_back({fill, Inputs::kFresh, false});
  }
  return calls;
}

}  // namespace caesar
