// result.json: how a sample ended. Written last, by rename: its presence means that the sample is
// finished.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/tokens.h"
#include "record/verdict.h"

namespace caesar {

// One round as the final table shows it. Where a step was not reached, strings are empty, times in
// us 0, and durations empty; in JSON, all of them are null.
struct RoundSummary {
  int round = 0;
  std::string outcome;  // the round's last outcome: Measured, Wrong, CompileFailed, NoCode, ...
  std::string
      headline;  // one short line for people: "2 errors: expected a ';'", "max error 3.2e+04", ...
  double median_us = 0;  // candidate, cold; 0: not timed
  double baseline_us = 0;
  std::optional<Ratio> speedup;
  bool verified = false;         // the time may count as a win
  std::optional<Change> change;  // against the best one before it; empty: not compared
  double estimated_us = 0;       // on the simulated GPU, which measures nothing; 0: none
  double estimated_speedup = 0;  // of estimates; 0: unknown
  std::string estimated_shape;   // which both are for
  bool correct = false;
  std::vector<Flag> flags;
  TokenUsage tokens;
  std::optional<std::int64_t> model_ms;
  std::optional<std::int64_t> compile_ms;
  std::optional<std::int64_t> judge_ms;
};

// What has no value is null in JSON, so that a reader can take no 0 us for a very fast kernel.
struct SampleResult {
  int version = 1;
  std::string problem;
  int sample = 0;
  // RoundsUsedUp, TargetReached, Plateaued, BudgetSpent, Refused; empty: it has not finished
  std::string finished_by;
  bool correct = false;     // at least one correct kernel
  bool target_met = false;  // a target was set and reached
  int best_round = 0;       // 0: none
  std::optional<Ratio> best_speedup;
  double best_us = 0;  // 0: none
  double best_estimated_us = 0;
  TokenUsage tokens;
  std::string device;  // name; empty: never needed
  std::vector<RoundSummary> rounds;
};

std::string ToJson(const SampleResult& result);
Result<SampleResult> ParseSampleResult(const std::string& json);

}  // namespace caesar
