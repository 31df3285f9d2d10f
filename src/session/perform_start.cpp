// Start: opens a round and builds its prompt.
#include "base/hash.h"
#include "record/paths.h"
#include "session/perform.h"
#include "session/reviewer.h"
#include "session/round_prompt.h"

namespace caesar {
namespace {

// The journal opens a round before anything but the prompt is written, so a reply in there is one
// that it lost.
Status CheckUnused(const RoundFiles& files) {
  if (!TRY(files.Exists(kReplyFile))) return {};
  return Error{ErrorCode::kBadInput,
               files.Path(kReplyFile) + " exists, but the journal knows nothing of its round",
               "Restore the sample's journal.jsonl, or start a new run directory with --out."};
}

}  // namespace

Result<Answer> OpenRound(int round, const SessionState& state, Workbench& bench) {
  // The first round is opened in any case, and ended by its call, so that the sample has one.
  const bool first = round == 1;
  if (std::string why = first ? "" : TRY(bench.budget().Exhausted()); !why.empty())
    return Answer{Outcome::kBudgetSpent, Finished{std::move(why), {}}, {}};
  const DeviceInfo* device = TRY(bench.Device());
  TRY(ReviewLastRound(state, bench));
  const RoundText prompt = TRY(PromptOf(round, state, bench, PromptLength::kWhole));
  RoundFiles files = bench.Round(round);
  TRY(CheckUnused(files));
  TRY(bench.world().files.MakeFolders(RoundFolder(bench.folder(), round)));
  TRY(files.Write(kPromptFile, prompt.text));
  RoundOpened opened{.device = device == nullptr ? "" : device->name,
                     .problem_xxh = ProblemHash(*bench.spec().problem),
                     .stable_bytes = static_cast<std::int64_t>(prompt.stable_bytes)};
  return Answer{Outcome::kRoundOpened, std::move(opened), files.stamps()};
}

std::string ProblemHash(const Problem& problem) {
  Hasher hasher;
  hasher.Add(problem.json).Add(problem.statement).Add(problem.reference);
  if (problem.baseline) hasher.Add(*problem.baseline);
  return hasher.Hex();
}

}  // namespace caesar
