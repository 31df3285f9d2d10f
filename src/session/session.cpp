#include "session/session.h"

#include <chrono>

#include "base/check.h"
#include "record/paths.h"
#include "session/decide.h"
#include "session/headline.h"
#include "session/perform.h"
#include "session/resume.h"

namespace caesar {
namespace {

Status CheckSpec(const SampleSpec& spec) {
  CHECK(spec.problem != nullptr);
  if (spec.config.rounds >= 1 && spec.sample >= 0) return {};
  return Error{ErrorCode::kUsage,
               "a sample needs at least one round and a number that is not negative",
               "Give --rounds 1 or more."};
}

// Finishing costs nothing, so only a step that works on is given up.
Status CheckStop(const Action& action, const std::string& folder, StopToken stop) {
  if (stop.level() == StopLevel::kNone || action.kind == Action::Kind::kFinish) return {};
  return Error{ErrorCode::kInterrupted, "interrupted; all finished steps are saved in " + folder,
               ""};
}

// Performs the action and makes it a legal step of the run's table.
Result<Step> Take(const Action& action, const SessionState& state, Workbench& bench) {
  World& world = bench.world();
  const RunConfig& config = bench.spec().config;
  world.progress.OnState(Name(state.state), action.round, config.rounds);
  const SteadyTime began = world.clock.Now();
  Answer answer = TRY(Perform(action, state, bench));
  const auto took = std::chrono::duration_cast<Milliseconds>(world.clock.Now() - began);
  const auto to = TableOf(config.table).Next(state.state, answer.outcome);
  CHECK(to.has_value());
  // A round that the budget does not pay is never opened: the last one ends the sample.
  const bool opens = action.kind == Action::Kind::kOpenRound;
  const int round = opens && *to == State::kFinish ? state.round : action.round;
  return Step{round,
              state.state,
              answer.outcome,
              *to,
              took.count(),
              std::move(answer.payload),
              std::move(answer.files)};
}

void Report(const Step& step, const SessionState& after, World& world, int rounds) {
  world.progress.OnStep({.round = step.round,
                         .rounds = rounds,
                         .from = std::string(Name(step.from)),
                         .outcome = std::string(Name(step.outcome)),
                         .to = std::string(Name(step.to)),
                         .ms = step.ms,
                         .headline = HeadlineOf(step.outcome, step.payload),
                         .tokens = after.tokens});
}

// result.json can always be made again from the journal; it is written last, so its presence means
// finished.
Result<SampleResult> Conclude(const OpenedSample& sample, const SampleSpec& spec, Files& files) {
  SampleResult result = ResultOf(sample.state, spec.config, spec.problem->name, spec.sample);
  const std::string path = ResultFile(sample.folder);
  if (!TRY(files.Stat(path))) TRY(files.Write(path, ToJson(result)));
  return result;
}

}  // namespace

Result<SampleResult> RunSample(const SampleSpec& spec, World& world) {
  TRY(CheckSpec(spec));
  OpenedSample sample = TRY(OpenSample(spec, world));
  Workbench bench(spec, world, sample.folder, sample.state.device);
  while (sample.state.state != State::kFinish) {
    const Action action = Decide(sample.state, spec.config);
    TRY(CheckStop(action, sample.folder, world.stop));
    const Step step = TRY(Take(action, sample.state, bench));
    TRY(AppendStep(sample, step, world.clock));
    TRY(bench.FlushCalls());
    sample.state = Apply(std::move(sample.state), step);
    TRY(KeepBest(sample.folder, sample.state, world.files));
    Report(step, sample.state, world, spec.config.rounds);
  }
  return Conclude(sample, spec, world.files);
}

}  // namespace caesar
