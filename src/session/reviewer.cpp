#include "session/reviewer.h"

#include "record/paths.h"
#include "session/workbench.h"

namespace caesar {

Status ReviewLastRound(const SessionState& state, const Workbench& bench) {
  const World& world = bench.world();
  if (!bench.spec().config.feedback.human || state.round == 0 || world.reviewer == nullptr)
    return {};
  const RoundFiles files = bench.Round(state.round);
  if (TRY(files.Exists(kHumanFile))) return {};
  const RoundSummary& ended = state.rounds.back();
  const auto said = TRY(world.reviewer->Review({.round = state.round,
                                                .rounds = bench.spec().config.rounds,
                                                .outcome = ended.outcome,
                                                .headline = ended.headline,
                                                .folder = RoundFolder(bench.folder(), state.round)},
                                               world.stop));
  if (!said) return {};
  return world.files.Write(files.Path(kHumanFile), *said);
}

Result<std::string> HumanFeedback(int round, const Workbench& bench) {
  if (!bench.spec().config.feedback.human) return std::string();
  return bench.Round(round).ReadIfThere(kHumanFile);
}

}  // namespace caesar
