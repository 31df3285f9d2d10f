// Start: opens a round and builds its prompt.
#include "base/hash.h"
#include "base/strings.h"
#include "record/paths.h"
#include "session/history.h"
#include "session/perform.h"

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
  const RunConfig& config = bench.spec().config;
  const DeviceInfo* device = TRY(bench.Device());
  RoundPrompt prompt;
  prompt.problem = bench.spec().problem;
  prompt.device = device;
  prompt.round = round;
  prompt.rounds = config.rounds;
  prompt.history = TRY(PastAttempts(state, bench));
  prompt.reflect = config.table == TableName::kReflect;
  const std::string text = ToValidUtf8(TRY(bench.world().prompts.Round(prompt)));

  RoundFiles files = bench.Round(round);
  TRY(CheckUnused(files));
  TRY(bench.world().files.MakeFolders(RoundFolder(bench.folder(), round)));
  TRY(files.Write(kPromptFile, text));
  RoundOpened opened{.device = device == nullptr ? "" : device->name,
                     .problem_xxh = ProblemHash(*bench.spec().problem)};
  return Answer{Outcome::kRoundOpened, std::move(opened), files.stamps()};
}

std::string ProblemHash(const Problem& problem) {
  Hasher hasher;
  hasher.Add(problem.json).Add(problem.statement).Add(problem.reference);
  if (problem.baseline) hasher.Add(*problem.baseline);
  return hasher.Hex();
}

}  // namespace caesar
