#include "session/resume.h"

#include "base/format.h"
#include "base/log.h"
#include "record/paths.h"
#include "session/perform.h"
#include "session/round_files.h"

namespace caesar {
namespace {

constexpr std::uint64_t kJournalBytesMax = std::uint64_t{64} << 20;

// The children of a caesar that was killed may have its lock a moment longer than it lived.
constexpr Milliseconds kLockWait{1'000};
constexpr Milliseconds kLockPoll{10};

Result<std::unique_ptr<FileLock>> TakeLock(const std::string& folder, World& world) {
  for (Milliseconds waited{0}; waited <= kLockWait; waited += kLockPoll) {
    auto lock = TRY(world.files.TryLock(LockFile(folder), LockMode::kExclusive));
    if (lock != nullptr) return lock;
    TRY(world.clock.Sleep(kLockPoll, world.stop));
  }
  return Error{ErrorCode::kIo, "another process is working on " + folder,
               "Wait for it to end, or choose another run directory with --out."};
}

Result<Journal> ReadJournal(const std::string& path, Files& files) {
  if (!TRY(files.Stat(path))) return Journal{};
  return ParseJournal(TRY(files.Read(path, kJournalBytesMax)), path);
}

Result<SessionState> Fold(const Journal& journal, const std::string& path,
                          const RunConfig& config) {
  SessionState state;
  const Table& table = TableOf(config.table);
  for (const JournalLine& line : journal.lines) {
    auto step = CheckedStep(state, line, table, config.rounds);
    if (!step.ok())
      return Error{step.error().code, path + ": " + step.error().message, step.error().detail};
    state = Apply(std::move(state), step.value());
  }
  return state;
}

Status CheckFile(const std::string& path, const FileStamp& stamp, Files& files) {
  const auto damaged = [&](const char* what) {
    return Error{ErrorCode::kBadInput, Format("{} {}", path, what),
                 "Restore it, or start a new run directory with --out."};
  };
  const auto info = TRY(files.Stat(path));
  if (!info) return damaged("is missing, although the journal says that it was written");
  if (info->bytes != stamp.bytes ||
      StampOf(TRY(files.Read(path, kTextBytesMax))).xxh != stamp.xxh) {
    return damaged("was changed since it was journalled");
  }
  return {};
}

// The next steps build on these files. verdict.json of a round in Profile may be newer than its
// stamp: see perform_judge.
Status CheckFiles(const std::string& folder, const SessionState& state, Files& files) {
  for (std::size_t i = 0; i < state.files.size(); ++i) {
    const int round = static_cast<int>(i) + 1;
    for (const auto& [name, stamp] : state.files[i]) {
      if (name == kVerdictFile && state.state == State::kProfile && round == state.round) continue;
      TRY(CheckFile(RoundFile(folder, round, name), stamp, files));
    }
  }
  return {};
}

Status CheckProblem(const SampleSpec& spec, const std::string& folder, const SessionState& state) {
  if (state.problem_xxh.empty() || state.problem_xxh == ProblemHash(*spec.problem)) return {};
  return Error{ErrorCode::kBadInput,
               Format("problem {} ({}) was changed since {} was begun", spec.problem->name,
                      spec.problem->origin, folder),
               "Results before and after the change do not compare. Restore it, or start a new run "
               "directory with --out."};
}

}  // namespace

Result<OpenedSample> OpenSample(const SampleSpec& spec, World& world) {
  Files& files = world.files;
  OpenedSample sample;
  sample.folder = SampleFolder(spec.run, spec.problem->name, spec.sample);
  TRY(files.MakeFolders(sample.folder));
  sample.lock = TRY(TakeLock(sample.folder, world));

  const std::string path = JournalFile(sample.folder);
  const Journal journal = TRY(ReadJournal(path, files));
  sample.state = TRY(Fold(journal, path, spec.config));
  if (sample.state.state == State::kFinish) return sample;

  TRY(CheckProblem(spec, sample.folder, sample.state));
  TRY(CheckFiles(sample.folder, sample.state, files));
  TRY(KeepBest(sample.folder, sample.state, files));
  if (journal.torn)
    LogWarning("{}: its last line was torn and is dropped; that step is repeated", path);
  sample.journal = TRY(files.Append(path, journal.good_bytes));
  return sample;
}

Status AppendStep(OpenedSample& sample, const Step& step, Clock& clock) {
  TRY(sample.journal->Append(ToJsonLine(LineOf(step, sample.state.seq + 1, UtcText(clock.Utc())))));
  return sample.journal->Sync();
}

Status KeepBest(const std::string& folder, const SessionState& state, Files& files) {
  if (state.best_round == 0) return {};
  const std::string kernel =
      TRY(files.Read(RoundFile(folder, state.best_round, kKernelFile), kTextBytesMax));
  const std::string path = BestFile(folder);
  if (TRY(files.Stat(path)) && TRY(files.Read(path, kTextBytesMax)) == kernel) return {};
  return files.Write(path, kernel);
}

}  // namespace caesar
