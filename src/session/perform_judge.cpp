// Correct and Profile: the judge checks the candidate, then times it. verdict.json holds what it
// said last.
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
  TRY(files.Write(kVerdictFile, ToJson(verdict)));
  return Answer{outcome, Summarize(verdict), files.stamps()};
}

// verdict.json, and whether it is still the one of Correct. If not, Profile was interrupted between
// saving what it had measured and the journal line.
struct SavedVerdict {
  Verdict verdict;
  bool measured = false;
};

Result<SavedVerdict> LoadVerdict(const RoundFiles& files, const SessionState& state) {
  const std::string json = TRY(files.Read(kVerdictFile));
  auto verdict = ParseVerdict(json);
  if (!verdict.ok()) {
    return Error{ErrorCode::kBadInput, files.Path(kVerdictFile) + ": " + verdict.error().message,
                 verdict.error().detail};
  }
  const FileStamps& stamps = state.files.back();
  const auto stamp = stamps.find(std::string(kVerdictFile));
  const bool measured = stamp == stamps.end() || stamp->second.xxh != StampOf(json).xxh;
  return SavedVerdict{std::move(verdict).value(), measured};
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
  const SavedVerdict saved = TRY(LoadVerdict(files, state));
  if (saved.measured) return Record(State::kProfile, saved.verdict, state, files, bench);
  const JudgeRequest request = TRY(RequestOf(round, bench));
  World& world = bench.world();
  Verdict verdict =
      TRY(world.judge.Measure(request, saved.verdict, Telling(world.progress), world.stop));
  verdict.compile = saved.verdict.compile;
  return Record(State::kProfile, verdict, state, files, bench);
}

}  // namespace caesar
