#include "cli/run_folder.h"

#include <algorithm>
#include <random>

#include "base/format.h"
#include "base/strings.h"
#include "record/paths.h"

namespace caesar {
namespace {

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
}

}  // namespace

Result<Settings> RunSettings(const Arguments& arguments, CliContext& context) {
  Settings settings = TRY(ResolveSettings(arguments, context.environment, context.files));
  if (settings.out.empty()) return settings;
  const auto there = TRY(context.files.Stat(settings.out));
  if (there && there->kind != FileInfo::Kind::kFolder) {
    return Error{ErrorCode::kUsage, Format("--out: {} is not a folder", settings.out),
                 "Name a new folder, or one of an earlier run."};
  }
  const std::string path = RunFile(settings.out);
  if (!TRY(context.files.Stat(path))) {
    if (TRY(context.files.Stat(settings.out + "/problem.json"))) {
      return Error{ErrorCode::kUsage, Format("--out: {} is a problem's folder", settings.out),
                   "Name a new folder, or one of an earlier run."};
    }
    return settings;
  }
  Result<RunConfig> recorded = ParseRunConfig(TRY(context.files.Read(path, kRecordBytesMax)));
  if (!recorded.ok()) {
    return Error{ErrorCode::kBadInput, Format("{}: {}", path, recorded.error().message),
                 recorded.error().detail};
  }
  return ApplyFlags(Settings{std::move(recorded).value(), settings.out, /*rounds_given=*/true},
                    arguments);
}

std::string NewRunFolder(Clock& clock) {
  std::random_device random;
  return Format("runs/{}-{:04x}", UtcCompact(clock.Utc()), random() & 0xFFFFU);
}

Result<SampleResult> ReadResult(const std::string& path, Files& files) {
  Result<SampleResult> result = ParseSampleResult(TRY(files.Read(path, kRecordBytesMax)));
  if (result.ok()) return result;
  return Error{ErrorCode::kBadInput, Format("{}: {}", path, result.error().message),
               result.error().detail};
}

std::string WhyNoBaseline(const std::string& sample_folder, const SampleResult& result,
                          Files& files) {
  const auto round = std::find_if(result.rounds.rbegin(), result.rounds.rend(),
                                  [](const RoundSummary& each) { return each.estimated_us > 0; });
  if (round == result.rounds.rend()) return "";
  const std::string path =
      RoundFolder(sample_folder, round->round) + "/" + std::string(kVerdictFile);
  const Result<std::string> json = files.Read(path, kRecordBytesMax);
  if (!json.ok()) return "";
  const Result<Verdict> verdict = ParseVerdict(json.value());
  return verdict.ok() && verdict.value().simulation ? verdict.value().simulation->baseline_skipped
                                                    : "";
}

std::string JsonDocument(std::string_view json) { return std::string(Trim(json)) + "\n"; }

std::string ShellWord(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlain)) return word;
  return "'" + ReplaceAll(word, "'", R"('\'')") + "'";
}

}  // namespace caesar
