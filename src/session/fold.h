// What is known of a sample: the fold of its journal. The loop applies a step after journalling it,
// resuming applies every line of the journal; there is no third way to change it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/journal.h"
#include "record/run_config.h"
#include "record/sample_result.h"
#include "session/outcome.h"
#include "session/table.h"

namespace caesar {

struct SessionState {
  State state = State::kStart;
  int round = 0;                     // the last one opened; 0: none yet
  std::int64_t seq = 0;              // of the last journal line
  std::vector<RoundSummary> rounds;  // rounds[i] is round i + 1
  std::vector<FileStamps> files;     // of each round: what its folder must hold
  TokenUsage tokens;
  std::int64_t stable_bytes = 0;  // of the last prompt's start
  int best_round = 0;             // 0: no correct kernel yet
  std::string device;             // the one that judged, or would have
  std::string problem_xxh;
  std::optional<Outcome> finished_by;

  // The best one if its time stands: what others are timed against.
  const RoundSummary* TimedBest() const {
    const RoundSummary* best = Best();
    return best != nullptr && best->verified && best->median_us > 0 ? best : nullptr;
  }
  const RoundSummary* Best() const {
    return best_round == 0 ? nullptr : &rounds[static_cast<std::size_t>(best_round - 1)];
  }
};

// The state after `step`, which must be a legal one (see CheckedStep).
SessionState Apply(SessionState before, const Step& step);

// Turns a journal line into the step that it records. Error kBadInput, naming the line, where it
// cannot follow on `before` in `table`, or belongs to a round that cannot be.
Result<Step> CheckedStep(const SessionState& before, const JournalLine& line, const Table& table,
                         int rounds);

JournalLine LineOf(const Step& step, std::int64_t seq, std::string utc);

// Whether `a` is a better kernel than `b`, the best before it: correct beats not, a verified time
// beats none, and among verified ones `a` must have improved on `b` when both were timed together.
bool Better(const RoundSummary& a, const RoundSummary& b);

// Whether the round's speed-up is proved to be at least `target`: correct, verified, and the
// interval's low end there.
bool ReachesTarget(const RoundSummary& round, double target);

// result.json of a sample that has finished.
SampleResult ResultOf(const SessionState& state, const RunConfig& config,
                      const std::string& problem, int sample);

}  // namespace caesar
