#include "session/history.h"

#include "base/strings.h"
#include "record/paths.h"
#include "session/reviewer.h"
#include "session/workbench.h"

namespace caesar {

std::vector<int> RoundsToShow(const SessionState& state, HistoryKind history) {
  if (state.round == 0) return {};
  switch (history) {
    case HistoryKind::kLast:
      return {state.round};
    case HistoryKind::kBest:
      return {state.best_round > 0 ? state.best_round : state.round};
    case HistoryKind::kAll:
      break;
  }
  std::vector<int> all;
  for (int round = 1; round <= state.round; ++round) all.push_back(round);
  return all;
}

Result<std::vector<PastAttempt>> PastAttempts(const SessionState& state, const Workbench& bench) {
  std::vector<PastAttempt> attempts;
  for (const int round : RoundsToShow(state, bench.spec().config.history)) {
    const RoundFiles files = bench.Round(round);
    PastAttempt attempt;
    attempt.round = round;
    attempt.kernel = TRY(files.ReadIfThere(kKernelFile));
    attempt.feedback = TRY(files.ReadIfThere(kFeedbackFile));
    attempt.human = TRY(HumanFeedback(round, bench));
    attempt.best = round == state.best_round;
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

}  // namespace caesar
