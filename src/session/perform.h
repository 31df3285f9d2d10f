// Perform: carries an action out in the world and returns what the world answered. Every step can
// be repeated: it either finds what an interrupted attempt completed (a reply that was paid for, a
// verdict that was measured), or writes over it. An Error means that the world could not be asked;
// then nothing is journalled.
#pragma once

#include "base/result.h"
#include "session/decide.h"
#include "session/fold.h"
#include "session/outcome.h"
#include "session/workbench.h"

namespace caesar {

Result<Answer> Perform(const Action& action, const SessionState& state, Workbench& bench);

// The single steps.
Result<Answer> OpenRound(int round, const SessionState& state,
                         Workbench& bench);  // perform_start.cpp
Result<Answer> AskModel(int round, const SessionState& state,
                        Workbench& bench);                     // perform_generate.cpp
Result<Answer> CompileCandidate(int round, Workbench& bench);  // perform_compile.cpp
Result<Answer> CheckCandidate(int round, const SessionState& state,
                              Workbench& bench);  // perform_judge.cpp
Result<Answer> MeasureCandidate(int round, const SessionState& state,
                                Workbench& bench);  // perform_judge.cpp

// A hash of all that decides how a candidate of this problem is judged.
std::string ProblemHash(const Problem& problem);  // perform_start.cpp

}  // namespace caesar
