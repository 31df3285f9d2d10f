#include "session/decide.h"

#include <algorithm>

#include "base/check.h"

namespace caesar {
namespace {

std::optional<Outcome> ReasonToFinish(const SessionState& state, const RunConfig& config) {
  const auto reaches = [&](const RoundSummary& round) {
    return ReachesTarget(round, config.target_speedup);
  };
  if (config.target_speedup > 0 && std::any_of(state.rounds.begin(), state.rounds.end(), reaches)) {
    return Outcome::kTargetReached;
  }
  if (state.round >= config.rounds) return Outcome::kRoundsUsedUp;
  if (config.patience > 0 && state.best_round > 0 &&
      state.round - state.best_round >= config.patience) {
    return Outcome::kPlateaued;
  }
  return std::nullopt;
}

}  // namespace

Action Decide(const SessionState& state, const RunConfig& config) {
  using enum Action::Kind;
  switch (state.state) {
    case State::kStart:
      if (const auto reason = ReasonToFinish(state, config)) return {kFinish, state.round, *reason};
      return {.kind = kOpenRound, .round = state.round + 1};
    case State::kGenerate:
      return {.kind = kAsk, .round = state.round};
    case State::kCompile:
      return {.kind = kCompile, .round = state.round};
    case State::kCorrect:
      return {.kind = kCheck, .round = state.round};
    case State::kProfile:
      return {.kind = kMeasure, .round = state.round};
    case State::kFinish:
      break;
  }
  CHECK(false && "nothing is left to decide after Finish");
  return {};
}

bool Evaluated(const RunConfig& config, int round) {
  return config.table != TableName::kReflect || round == config.rounds;
}

bool JudgedOnDevice(const RunConfig& config, int round) {
  return config.table != TableName::kCompile && Evaluated(config, round);
}

}  // namespace caesar
