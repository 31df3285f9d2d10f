#include "session/perform.h"

#include "base/check.h"

namespace caesar {

Result<Answer> Perform(const Action& action, const SessionState& state, Workbench& bench) {
  switch (action.kind) {
    case Action::Kind::kOpenRound:
      return OpenRound(action.round, state, bench);
    case Action::Kind::kAsk:
      return AskModel(action.round, state, bench);
    case Action::Kind::kCompile:
      return CompileCandidate(action.round, bench);
    case Action::Kind::kCheck:
      return CheckCandidate(action.round, state, bench);
    case Action::Kind::kMeasure:
      return MeasureCandidate(action.round, state, bench);
    case Action::Kind::kFinish:
      return Answer{action.reason, Finished{}, {}};
  }
  CHECK(false && "an action of no kind");
  return Answer{};
}

}  // namespace caesar
