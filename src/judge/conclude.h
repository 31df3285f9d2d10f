// What was measured, as a verdict: whether it is enough for a time, whether the claimed time stands
// against the judge's clock, and what it says of the candidate. Works on numbers alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "judge/evaluator.h"
#include "judge/trusted_clock.h"

namespace caesar {

// One side of the samples: what is claimed, and what the judge's clock says.
struct TimedSide {
  std::vector<double> cold_us;
  std::vector<double> hot_us;
  std::vector<double> wall_us;
  std::vector<double> interval_us;  // cold: from go to the end of the first compare
  std::vector<double> again_us;     // cold: of the best one, after both were restarted
  std::vector<double> without_us;   // cold: of others, once the candidate's process had ended
  int without_dropped = 0;          // of these, taken while the device was not fine
  std::vector<CallClaim> claims;    // some, for the kernels
};

struct Samples {
  TimedSide candidate;
  TimedSide baseline;
  TimedSide best;              // empty without one
  std::optional<Ratio> again;  // best over candidate, after both were restarted
  std::string best_dropped;    // why the best one is missing
  std::size_t fit = 0;         // so many were taken while the device was fine
  int delay_us = 0;
  std::optional<CallCost> cost;
  std::map<std::string, int> discarded;  // by the reason

  TimedSide& Of(RunnerRole role) {
    return role == RunnerRole::kCandidate ? candidate : role == RunnerRole::kBest ? best : baseline;
  }
  int DiscardedCount() const;
};

// `verdict` passed every check; its device is known.
void Conclude(const JudgeOrder& order, const Samples& samples, const TrustedClock& clock,
              const std::optional<ClockReadings>& clocks, Verdict& verdict);

// Sets the floor; a time below it that the judge's clock does not contradict is cheated.
void HoldAgainstFloor(const Problem& problem, Timing& timing, Verdict& verdict);

inline constexpr const char* kBaselineSlowed = "baseline_slowed";

// Where the baseline was slower beside the candidate's process than without it, the speed-up is
// less by that, and nothing is an improvement.
void HoldAgainstSlowdown(const Samples& samples, Verdict& verdict);

// Fewer calls without the candidate's process say nothing.
inline constexpr std::size_t kWithoutMin = 3;

// Whether it is better than the best one in both measurements.
bool SeemsBetter(const Samples& samples);

// Of two measurements, the first of which was doubtful, neither is for the candidate to choose: the
// speed-up is the less of both, and better than the best one is what was so in both. A first claim
// that was unverified, and less than the second one, leaves that unverified, too. What the
// candidate was seen to do in either stays a flag.
void HoldAgainstFirst(const Verdict& first, Verdict& verdict);

// What the samples say of the candidate beside the best one.
BestComparison CompareWithBest(const Samples& samples, bool verified);

}  // namespace caesar
