// `caesar show`: a run directory in the terminal. Nothing in there is trusted: it may be damaged,
// huge or hostile.
#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/recorded_run.h"
#include "cli/run_folder.h"
#include "cli/values.h"
#include "record/paths.h"
#include "report/sink.h"
#include "report/summary.h"
#include "report/table.h"
#include "report/units.h"
#include "report/verdict_text.h"

namespace caesar {
namespace {

using Align = TextTable::Align;

constexpr std::size_t kSectionBytesMax = std::size_t{1} << 20;  // of one file shown

std::string Heading(std::string_view title, bool color) {
  return "\n" + Paint(Format("=== {} ===", title), Tone::kBold, color) + "\n";
}

// One file of a round folder as a section; nothing if it is not there. A file that cannot be read
// is said, and the rest goes on.
std::string FileSection(const std::string& folder, std::string_view file, bool color,
                        CliContext& context) {
  const std::string path = folder + "/" + std::string(file);
  const auto there = context.files.Stat(path);
  if (there.ok() && !there.value()) return "";
  const Result<std::string> content = context.files.Read(path, kRecordBytesMax);
  const std::string text = content.ok() ? ForTerminal(Shorten(content.value(), kSectionBytesMax))
                                        : ForTerminal(content.error().message);
  return Heading(file, color) + text + (EndsWith(text, "\n") ? "" : "\n");
}

std::string VerdictSection(const std::string& folder, const TextStyle& style, CliContext& context) {
  const bool color = style.color;
  const std::string path = folder + "/" + std::string(kVerdictFile);
  const auto there = context.files.Stat(path);
  if (there.ok() && !there.value()) return "";
  const Result<std::string> json = context.files.Read(path, kRecordBytesMax);
  if (!json.ok()) return Heading(kVerdictFile, color) + ForTerminal(json.error().message) + "\n";
  const Result<Verdict> verdict = ParseVerdict(json.value());
  return Heading("verdict", color) +
         (verdict.ok() ? VerdictText(verdict.value(), style)
                       : ForTerminal(Format("{}: {}\n", path, verdict.error().message)));
}

Result<int> ShowRound(const RecordedSample& sample, int round, const Invocation& invocation,
                      CliContext& context) {
  const std::string folder = RoundFolder(sample.folder, round);
  if (!TRY(context.files.Stat(folder))) {
    return Error{ErrorCode::kUsage, Format("{} has no round {}", sample.folder, round),
                 Format("It has {}.",
                        Plural(static_cast<std::int64_t>(sample.result.rounds.size()), "round"))};
  }
  const bool color = invocation.color_out;
  std::string text = Format("{}, round {}\n", ForTerminal(sample.folder), round);
  for (const RoundSummary& summary : sample.result.rounds) {
    if (summary.round == round && summary.tokens.reported)
      text += "tokens: " + TokenText(summary.tokens) + "\n";
  }
  for (const std::string_view file : {kPromptFile, kShortPromptFile, kReasoningFile, kReplyFile,
                                      kReplyPartFile, kKernelFile, kCompileLogFile}) {
    text += FileSection(folder, file, color, context);
  }
  text += VerdictSection(folder, invocation.style, context);
  for (const std::string_view file : {kFeedbackFile, kHumanFile})
    text += FileSection(folder, file, color, context);
  TRY(context.out.Write(text));
  return 0;
}

// --sample decides within one problem alone.
Error WhichOne(const std::string& run, const std::vector<RecordedSample>& samples,
               std::int64_t round) {
  constexpr std::size_t kNamed = 8;
  const bool one_problem = std::all_of(samples.begin(), samples.end(), [&](const auto& sample) {
    return sample.result.problem == samples[0].result.problem;
  });
  std::string detail =
      one_problem ? "Pass --sample N, or the folder of one:" : "Pass the folder of one:";
  for (std::size_t i = 0; i < std::min(samples.size(), kNamed); ++i)
    detail += Format("\n  caesar show {} --round {}", ShellWord(samples[i].folder), round);
  if (samples.size() > kNamed) detail += Format("\n  and {} more", samples.size() - kNamed);
  return Error{ErrorCode::kUsage,
               Format("{} holds {} samples: which one's round?", run, samples.size()), detail};
}

Result<int> ShowSample(const RecordedSample& sample, const Invocation& invocation,
                       CliContext& context) {
  if (invocation.json) {
    TRY(context.out.Write(JsonDocument(ToJson(sample.result))));
    return 0;
  }
  const std::string best = sample.result.best_round > 0 ? BestFile(sample.folder) : "";
  std::string text = SummaryText(sample.result, best, invocation.style,
                                 WhyNoBaseline(sample.folder, sample.result, context.files));
  if (!sample.state.empty())
    text += Format("state:  unfinished, next is {}; `caesar run` with the same directory goes on\n",
                   FitLine(sample.state, 20));
  if (!sample.damage.empty())
    text += Paint("damage: ", Tone::kBad, invocation.color_out) + ForTerminal(sample.damage) + "\n";
  TRY(context.out.Write(text));
  return 0;
}

// What all samples cost together. A price that is not known is left out of the sum, and said.
std::string TotalLine(const std::vector<RecordedSample>& samples) {
  TokenUsage total;
  std::int64_t unpriced = 0;
  for (const RecordedSample& sample : samples) {
    total += sample.result.tokens;
    if (!sample.result.tokens.priced) ++unpriced;
  }
  if (unpriced == 0 || total.usd == 0) return "\ntokens: " + TokenText(total) + "\n";
  total.priced = true;
  return Format("\ntokens: {} without {} whose price is not known\n", TokenText(total),
                Plural(unpriced, "sample"));
}

// Of a run on the simulated GPU its estimates, which are called so.
std::string BestCell(const SampleResult& result) {
  if (result.best_us > 0) return FormatMicros(result.best_us);
  if (result.best_estimated_us > 0) return "estimated " + FormatMicros(result.best_estimated_us);
  return result.correct ? "correct" : "-";
}

std::string SpeedupCell(const SampleResult& result) {
  if (result.best_speedup) return FormatRatio(*result.best_speedup);
  for (const RoundSummary& round : result.rounds) {
    if (round.round == result.best_round && round.estimated_speedup > 0)
      return Format("estimated {:.2f}x", round.estimated_speedup);
  }
  return "";
}

Result<int> ShowSamples(const std::vector<RecordedSample>& samples, const Invocation& invocation,
                        CliContext& context) {
  if (invocation.json) {
    std::vector<std::string> parts;
    for (const RecordedSample& sample : samples) parts.emplace_back(Trim(ToJson(sample.result)));
    TRY(context.out.Write("[" + Join(parts, ",\n") + "]\n"));
    return 0;
  }
  TextTable table({{"problem", Align::kLeft},
                   {"sample", Align::kRight},
                   {"rounds", Align::kRight},
                   {"best", Align::kRight},
                   {"speed-up", Align::kLeft},
                   {"state", Align::kLeft, 100}},
                  invocation.style.cut);
  for (const RecordedSample& sample : samples) {
    const SampleResult& result = sample.result;
    const std::string state = !sample.damage.empty() ? "damaged: " + sample.damage
                              : sample.state.empty() ? FinishText(result.finished_by)
                                                     : "unfinished, next is " + sample.state;
    table.AddRow({result.problem, Format("{}", result.sample), Format("{}", result.rounds.size()),
                  BestCell(result), SpeedupCell(result), state});
  }
  TRY(context.out.Write(table.Text() + TotalLine(samples)));
  return 0;
}

}  // namespace

CommandSpec ShowSpec() {
  CommandSpec spec;
  spec.positionals = {{"RUN", "a run directory, or the folder of one of its problems or samples"}};
  spec.flags = {{"--round", "N", "one round: prompt, reply, code, compile log, verdict, feedback"},
                {"--sample", "N", "which sample, where there are several"},
                {"--json", "", "the samples' results as JSON"}};
  spec.examples =
      "  caesar show runs/20260131-235959-1a2b\n  caesar show runs/20260131-235959-1a2b --round "
      "2\n";
  return spec;
}

Result<int> ShowCommand(const Invocation& invocation, CliContext& context) {
  const Arguments& arguments = invocation.arguments;
  std::optional<int> number;
  if (arguments.Has("sample"))
    number = static_cast<int>(TRY(IntegerValue(arguments.Value("sample"), 0, 999'999)));
  const std::string run = arguments.Positional("RUN");
  const std::vector<RecordedSample> samples = TRY(ReadRecordedRun(run, number, context.files));
  if (arguments.Has("round")) {
    if (invocation.json) {
      return Error{
          ErrorCode::kUsage, "--json shows samples, not rounds",
          "A round's files are JSON and text already: <run>/<problem>/sample_0000/round_001/."};
    }
    const auto round = TRY(IntegerValue(arguments.Value("round"), 1, 999));
    if (samples.size() == 1)
      return ShowRound(samples[0], static_cast<int>(round), invocation, context);
    return WhichOne(run, samples, round);
  }
  if (samples.size() == 1) return ShowSample(samples[0], invocation, context);
  return ShowSamples(samples, invocation, context);
}

}  // namespace caesar
