#include "session/round_prompt.h"

#include "session/history.h"
#include "session/workbench.h"

namespace caesar {

Result<RoundText> PromptOf(int round, const SessionState& state, Workbench& bench,
                           PromptLength length) {
  const bool brief = length == PromptLength::kBrief;
  const RunConfig& config = bench.spec().config;
  SessionState before = state;
  before.round = round - 1;
  RoundPrompt prompt;
  prompt.problem = bench.spec().problem;
  prompt.device = TRY(bench.Device());
  prompt.round = round;
  prompt.rounds = config.rounds;
  if (length != PromptLength::kTaskAlone) prompt.history = TRY(PastAttempts(before, bench));
  prompt.reflect = config.table == TableName::kReflect;
  prompt.brief = brief;
  if (brief && prompt.history.size() > 1)
    prompt.history.erase(prompt.history.begin(), prompt.history.end() - 1);
  return bench.world().prompts.Round(prompt);
}

}  // namespace caesar
