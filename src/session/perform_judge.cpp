// Correct and Profile: the judge checks the candidate, then times it. verdict.json holds what it
// said last, checked.json what Profile starts from: a kill may leave a verdict.json of a Profile
// that was not journalled, and is made again.
#include "base/format.h"
#include "record/paths.h"
#include "session/feedback.h"
#include "session/judged.h"
#include "session/perform.h"

namespace caesar {
namespace {

JudgeProgress Telling(Progress& progress) {
  return [&progress](const std::string& text) { progress.OnDetail(text); };
}

Result<JudgeRequest> RequestOf(int round, Workbench& bench) {
  const DeviceInfo* device = TRY(bench.RequireDevice(round));
  const Compiled candidate = TRY(bench.Candidate(round));
  const Prepared prepared = TRY(bench.preparation().Wait(device));
  return RequestFor(bench.spec(), prepared, candidate.object);
}

Result<Answer> Record(State step, const Verdict& verdict, const SessionState& state,
                      RoundFiles& files, Workbench& bench) {
  const Outcome outcome = TRY(OutcomeOf(step, verdict));
  // Feedback first: a complete verdict.json of Profile stands for the whole step after a resume.
  if (outcome != Outcome::kCorrect) {
    TRY(files.Write(kFeedbackFile, TRY(FeedbackOnVerdict(bench, state, verdict))));
  }
  if (outcome == Outcome::kCorrect) TRY(files.Write(kCheckedFile, ToJson(verdict)));
  TRY(files.Write(kVerdictFile, ToJson(verdict)));
  return Answer{outcome, Summarize(verdict), files.stamps()};
}

// What Correct decided.
Result<Verdict> LoadChecked(const RoundFiles& files) {
  auto verdict = ParseVerdict(TRY(files.Read(kCheckedFile)));
  if (verdict.ok()) return verdict;
  return Error{ErrorCode::kBadInput, files.Path(kCheckedFile) + ": " + verdict.error().message,
               verdict.error().detail};
}

}  // namespace

Result<Answer> CheckCandidate(int round, const SessionState& state, Workbench& bench) {
  const JudgeRequest request = TRY(RequestOf(round, bench));
  World& world = bench.world();
  Verdict verdict = TRY(world.judge.Check(request, Telling(world.progress), world.stop));
  verdict.compile = TRY(bench.Candidate(round)).info;
  RoundFiles files = bench.Round(round);
  return Record(State::kCorrect, verdict, state, files, bench);
}

Result<Answer> MeasureCandidate(int round, const SessionState& state, Workbench& bench) {
  RoundFiles files = bench.Round(round);
  const Verdict checked = TRY(LoadChecked(files));
  JudgeRequest request = TRY(RequestOf(round, bench));
  if (const RoundSummary* best = state.TimedBest())
    request.best = TRY(bench.Best(best->round)).object;
  World& world = bench.world();
  Verdict verdict = TRY(world.judge.Measure(request, checked, Telling(world.progress), world.stop));
  verdict.compile = checked.compile;
  return Record(State::kProfile, verdict, state, files, bench);
}

}  // namespace caesar
