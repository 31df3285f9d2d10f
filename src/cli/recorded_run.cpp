#include "cli/recorded_run.h"

#include <charconv>
#include <filesystem>

#include "base/format.h"
#include "base/strings.h"
#include "cli/run_folder.h"
#include "record/journal.h"
#include "record/paths.h"
#include "record/run_config.h"
#include "session/fold.h"
#include "session/table.h"

namespace caesar {
namespace {

constexpr std::string_view kSamplePrefix = "sample_";

// The number of "sample_0012"; empty for any other name.
std::optional<int> SampleNumber(std::string_view name) {
  if (!StartsWith(name, kSamplePrefix)) return std::nullopt;
  name.remove_prefix(kSamplePrefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size() || number < 0) return std::nullopt;
  return number;
}

// The folder `levels` above `folder`, also where `folder` is "." or ends in '/'.
std::filesystem::path Above(const std::string& folder, int levels) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(folder, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  for (int level = 0; level < levels; ++level) path = path.parent_path();
  return path;
}

bool IsThere(const std::string& path, Files& files) {
  const auto info = files.Stat(path);
  return info.ok() && info.value().has_value();
}

bool IsSample(const std::string& folder, Files& files) {
  return IsThere(JournalFile(folder), files) || IsThere(ResultFile(folder), files);
}

// The folders of the samples in a problem's folder.
Result<std::vector<std::string>> SamplesIn(const std::string& problem_folder,
                                           std::optional<int> sample, Files& files) {
  std::vector<std::string> folders;
  for (const std::string& name : TRY(files.List(problem_folder))) {
    const std::optional<int> number = SampleNumber(name);
    if (number && (!sample || *number == *sample)) folders.push_back(problem_folder + "/" + name);
  }
  return folders;
}

Result<std::vector<std::string>> FindSamples(const std::string& root, std::optional<int> sample,
                                             Files& files) {
  if (IsSample(root, files)) return std::vector<std::string>{root};
  std::vector<std::string> folders = TRY(SamplesIn(root, sample, files));
  if (!folders.empty()) return folders;
  for (const std::string& name : TRY(files.List(root))) {
    const std::string problem = root + "/" + name;
    const auto info = TRY(files.Stat(problem));
    if (!info || info->kind != FileInfo::Kind::kFolder) continue;
    for (std::string& folder : TRY(SamplesIn(problem, sample, files)))
      folders.push_back(std::move(folder));
    if (folders.size() > kSamplesShownMax) break;
  }
  return folders;
}

// Folds the journal into `state`, as far as it can be followed.
Status FoldJournal(const std::string& path, const RunConfig& config, SessionState& state,
                   Files& files) {
  const Journal journal = TRY(ParseJournal(TRY(files.Read(path, kRecordBytesMax)), path));
  for (const JournalLine& line : journal.lines) {
    Result<Step> step = CheckedStep(state, line, TableOf(config.table), config.rounds);
    if (!step.ok()) {
      return Error{ErrorCode::kBadInput, Format("{}: {}", path, step.error().message), ""};
    }
    state = Apply(std::move(state), step.value());
  }
  return {};
}

// What is known of a sample without a usable result.json.
Status ReadUnfinished(RecordedSample& sample, Files& files) {
  const std::string run_file = RunFile(Above(sample.folder, 2).string());
  const RunConfig config = TRY(ParseRunConfig(TRY(files.Read(run_file, kRecordBytesMax))));
  SessionState state;
  Status folded = FoldJournal(JournalFile(sample.folder), config, state, files);
  sample.state = std::string(Name(state.state));
  // The fold has a result for finished samples only; of one that goes on, the reason is what is
  // missing.
  const bool finished = state.finished_by.has_value();
  if (!finished) state.finished_by = Outcome::kRoundsUsedUp;
  sample.result = ResultOf(state, config, sample.result.problem, sample.result.sample);
  if (!finished) sample.result.finished_by.clear();
  return folded;
}

// A finished sample's result is made of its journal, which must tell the same to its end.
std::string JournalDamage(const std::string& folder, Files& files) {
  const std::string run_file = RunFile(Above(folder, 2).string());
  if (!IsThere(run_file, files)) return "";  // a sample by itself
  SessionState state;
  const auto fold = [&]() -> Status {
    const RunConfig config = TRY(ParseRunConfig(TRY(files.Read(run_file, kRecordBytesMax))));
    return FoldJournal(JournalFile(folder), config, state, files);
  };
  if (const Status folded = fold(); !folded.ok())
    return folded.error().message + "; shown is result.json";
  return state.finished_by ? "" : "the journal ends before the sample does; shown is result.json";
}

RecordedSample ReadSample(const std::string& folder, Files& files) {
  RecordedSample sample;
  sample.folder = folder;
  if (IsThere(ResultFile(folder), files)) {
    Result<SampleResult> result = ReadResult(ResultFile(folder), files);
    if (result.ok()) {
      sample.result = std::move(result).value();
      sample.damage = JournalDamage(folder, files);
      return sample;
    }
    sample.damage = result.error().message;
  }
  sample.result.problem = Above(folder, 1).filename().string();
  sample.result.sample = SampleNumber(Above(folder, 0).filename().string()).value_or(0);
  sample.state = "Start";
  if (const Status folded = ReadUnfinished(sample, files); !folded.ok())
    sample.damage = folded.error().message;
  return sample;
}

// One that is there must be readable: without it, what an unfinished sample did says nothing.
Status CheckRunFile(const std::string& sample_folder, Files& files) {
  const std::string path = RunFile(Above(sample_folder, 2).string());
  if (!IsThere(path, files)) return {};
  const Result<RunConfig> config = ParseRunConfig(TRY(files.Read(path, kRecordBytesMax)));
  if (config.ok()) return {};
  return Error{ErrorCode::kBadInput, Format("{}: {}", path, config.error().message),
               "Restore it. The samples' own files (result.json, round_001/, ...) are text."};
}

}  // namespace

Result<std::vector<RecordedSample>> ReadRecordedRun(const std::string& path,
                                                    std::optional<int> sample, Files& files) {
  if (path.empty() || !TRY(files.Stat(path))) {
    return Error{ErrorCode::kUsage, Format("there is no run directory {}", path),
                 "`caesar run` prints where it puts a run."};
  }
  std::string root = path;
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  std::vector<std::string> folders = TRY(FindSamples(root, sample, files));
  if (folders.empty()) {
    return Error{ErrorCode::kBadInput,
                 sample ? Format("{} holds no sample {}", path, *sample)
                        : Format("{} holds no samples of a run", path),
                 "A run directory holds <problem>/sample_0000/journal.jsonl."};
  }
  TRY(CheckRunFile(folders[0], files));
  if (folders.size() > kSamplesShownMax) folders.resize(kSamplesShownMax);
  std::vector<RecordedSample> samples;
  for (const std::string& folder : folders) samples.push_back(ReadSample(folder, files));
  return samples;
}

}  // namespace caesar
