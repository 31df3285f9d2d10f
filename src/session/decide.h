// Decide: which action is next. Pure; the fold of the journal and the configuration are all it
// sees.
#pragma once

#include "record/run_config.h"
#include "session/fold.h"

namespace caesar {

struct Action {
  enum class Kind { kOpenRound, kAsk, kCompile, kCheck, kMeasure, kFinish } kind = Kind::kOpenRound;
  int round = 1;
  Outcome reason = Outcome::kRoundsUsedUp;  // kFinish: why
};

// `state` must not be Finish.
//
// A sample finishes where, before a round opens, in this order: a round reached the target; all
// rounds are used; as many rounds as `patience` have passed since the best (a sample without a
// correct kernel is on no plateau). The budget, which samples share, is looked at when a round
// opens.
Action Decide(const SessionState& state, const RunConfig& config);

// Whether the round's code is compiled, checked and timed, or only shown to the model again (table
// `reflect`).
bool Evaluated(const RunConfig& config, int round);
// Whether the round's code goes to the judge.
bool JudgedOnDevice(const RunConfig& config, int round);

}  // namespace caesar
