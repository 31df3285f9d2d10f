// A verdict in short, as the journal keeps it, and the outcome that it means in the state it was
// given in.
#pragma once

#include "base/result.h"
#include "record/verdict.h"
#include "session/outcome.h"

namespace caesar {

// Figures that are not finite are left out, and then nothing is verified.
Judged Summarize(const Verdict& verdict);

// `state` is Correct or Profile. Errors: kEnvironment if the judge could not decide (infra),
// kInternal for a verdict that is not the judge's to give in this state.
Result<Outcome> OutcomeOf(State state, const Verdict& verdict);

}  // namespace caesar
