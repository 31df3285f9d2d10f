#include "llm/prompts.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "base/embedded.h"
#include "base/format.h"
#include "base/strings.h"
#include "llm/describe_simulation.h"
#include "llm/describe_task.h"
#include "llm/describe_verdict.h"
#include "llm/template.h"
#include "problem/signature.h"

namespace caesar {

std::span<const EmbeddedFile> EmbeddedPrompts();  // made by caesar_embed

namespace {

// Longest texts that go into a prompt, in bytes. A cut is marked.
constexpr std::size_t kStatementMax = 16'000;
constexpr std::size_t kKernelMax = 24'000;
constexpr std::size_t kLogMax = 6'000;
constexpr std::size_t kChecksMax = 6'000;
constexpr std::size_t kHumanMax = 16'000;
constexpr std::size_t kDetailMax = 2'000;
constexpr std::size_t kSimulationMax = 8'000;
constexpr std::size_t kFeedbackMax = 12'000;
constexpr std::size_t kBriefKernelMax = 6'000;  // where the prompt was too long for the model
constexpr std::size_t kBriefFeedbackMax = 1'500;
constexpr std::size_t kHistoryMax = 120'000;
constexpr std::uint64_t kTemplateFileMax = 256 * 1024;

using Names = std::set<std::string>;

// Every template, and the placeholders that it must use.
const std::map<std::string, Names>& Table() {
  static const std::map<std::string, Names> table = {
      {"task.md",
       {"summary", "statement", "prototype", "arguments", "device", "rules", "example", "history",
        "ask"}},
      {"arguments.md", {"table", "dims", "work"}},
      {"device.md",
       {"name", "arch", "cuda", "compute_capability", "sm_count", "clock_mhz", "threads_per_sm",
        "registers_per_sm", "shared_kib_per_sm", "shared_kib_per_block", "l2_mib", "memory_gib",
        "bandwidth_gbs"}},
      {"device_simulated.md",
       {"name", "compute_capability", "sm_count", "clock_mhz", "threads_per_sm", "registers_per_sm",
        "shared_kib_per_sm", "shared_kib_per_block", "l2_mib", "memory_gib", "bandwidth_gbs"}},
      {"device_unknown.md", {}},
      {"rules.md", {"launcher", "libraries", "precision", "timing"}},
      {"timing.md", {}},
      {"timing_simulated.md", {}},
      {"example.md", {}},
      {"history.md", {"left_out", "attempts"}},
      {"attempt.md", {"round", "best", "kernel", "feedback"}},
      {"ask_first.md", {"rounds", "launcher"}},
      {"ask_again.md", {"round", "rounds", "launcher"}},
      {"ask_reflect.md", {"round", "rounds", "launcher"}},
      {"feedback_no_code.md", {"missing", "prototype"}},
      {"feedback_compile_failed.md", {"errors", "log", "prototype"}},
      {"feedback_compile_timed_out.md", {"seconds"}},
      {"feedback_wrong.md", {"reason", "checks", "flags"}},
      {"feedback_crashed.md", {"reason", "detail", "checks"}},
      {"feedback_timed_out.md", {"reason", "detail", "checks"}},
      {"feedback_cheated.md", {"reason", "flags", "detail"}},
      {"feedback_correct.md", {"checked", "flags"}},
      {"feedback_measured.md", {"checked", "timing", "kernels", "flags"}},
      {"feedback_simulated.md", {"checked", "simulation", "flags"}},
      {"feedback_not_simulated.md", {"reason", "detail"}},
      {"feedback_ambiguous.md", {"reason", "detail", "flags"}},
      {"feedback_human.md", {"text"}},
  };
  return table;
}

// A sentence of untrusted origin, or nothing.
std::string Detail(const std::string& text) {
  return Trim(text).empty() ? "" : Fenced(Shorten(ForTerminal(text), kDetailMax), "text");
}

}  // namespace

Result<PromptSet> PromptSet::Load(const std::string& folder, Files& files) {
  PromptSet set;
  for (const EmbeddedFile& file : EmbeddedPrompts())
    set.templates_[std::string(file.path)] = file.content;
  std::vector<std::string> names;
  if (!folder.empty()) {
    if (!TRY(files.Stat(folder))) {
      return Error{ErrorCode::kBadInput, Format("The prompts folder {} does not exist.", folder),
                   ""};
    }
    names = TRY(files.List(folder));
  }
  for (const std::string& name : names) {
    if (StartsWith(name, ".") || EndsWith(name, "~")) continue;  // of editors and version control
    if (name == "prices.json") continue;  // lies beside the templates, and is for --prices
    if (!Table().contains(name)) {
      std::vector<std::string> known;
      for (const auto& [file, placeholders] : Table()) known.push_back(file);
      const auto nearest = Nearest(name, known);
      return Error{
          ErrorCode::kBadInput, Format("{}/{} is no prompt template.", folder, name),
          nearest ? Format("Did you mean {}?", *nearest) : "Templates: " + Join(known, ", ") + "."};
    }
    const std::string path = folder + "/" + name;
    set.templates_[name] = TRY(files.Read(path, kTemplateFileMax));
    TRY(CheckTemplate(path, set.templates_[name], Table().at(name)));
  }
  return set;
}

Result<std::string> PromptSet::Fill(const std::string& file,
                                    const std::map<std::string, std::string>& values) const {
  const auto found = templates_.find(file);
  CHECK(found != templates_.end());
  return Render(file, found->second, values);
}

Result<RoundText> PromptSet::Round(const RoundPrompt& round) const {
  const Problem& problem = *round.problem;
  const std::string number = std::to_string(round.round);
  const std::string rounds = std::to_string(round.rounds);
  std::string ask;
  if (round.history.empty()) {
    ask = TRY(Fill("ask_first.md", {{"rounds", rounds}, {"launcher", problem.launcher}}));
  } else {
    const char* file = round.reflect ? "ask_reflect.md" : "ask_again.md";
    ask = TRY(Fill(file, {{"round", number}, {"rounds", rounds}, {"launcher", problem.launcher}}));
  }
  const std::string arguments =
      TRY(Fill("arguments.md", {{"table", ArgumentTable(problem)},
                                {"dims", BenchDims(problem)},
                                {"work", TRY(WorkSentence(problem, round.device))}}));
  const bool simulated = round.device != nullptr && round.device->simulated();
  const std::string device = TRY(Device(round.device));
  const std::string timing = TRY(Fill(simulated ? "timing_simulated.md" : "timing.md", {}));
  const std::string rules = TRY(Fill("rules.md", {{"launcher", problem.launcher},
                                                  {"libraries", LibrariesSentence(problem)},
                                                  {"precision", PrecisionSentence(problem)},
                                                  {"timing", std::string(Trim(timing))}}));
  const TemplateValues values = {
      {"summary", problem.summary},
      {"statement", std::string(Trim(Shorten(problem.statement, kStatementMax)))},
      {"prototype", LauncherPrototype(problem)},
      {"arguments", arguments},
      {"device", device},
      {"rules", rules},
      {"example", TRY(Fill("example.md", {}))},
      {"history", TRY(History(round.history, round.brief))},
      {"ask", ask}};
  RoundText text{ToValidUtf8(TRY(Fill("task.md", values))), 0};
  text.stable_bytes = TRY(StableBytes(text.text, values));
  return text;
}

// How far the text comes from the part of task.md before what differs between rounds.
Result<std::size_t> PromptSet::StableBytes(const std::string& text, TemplateValues values) const {
  const std::string& whole = templates_.at("task.md");
  const std::size_t end = std::min(whole.find("{{history}}"), whole.find("{{ask}}"));
  const std::string_view head = std::string_view(whole).substr(0, end);
  std::erase_if(values, [&](const auto& value) {
    return head.find("{{" + value.first + "}}") == std::string_view::npos;
  });
  const std::string stable = ToValidUtf8(TRY(Render("task.md", head, values)));
  return StartsWith(text, stable) ? stable.size() : 0;
}

// How the attempt ended, and what a person said of it.
Result<std::string> PromptSet::Feedback(const PastAttempt& attempt, std::size_t feedback_max,
                                        std::size_t human_max) const {
  const std::string feedback = Shorten(attempt.feedback, feedback_max);
  const std::string human(Trim(ForTerminal(attempt.human)));
  if (human.empty()) return feedback;
  const std::string said = TRY(Fill("feedback_human.md", {{"text", Shorten(human, human_max)}}));
  return feedback.empty() ? said : std::string(Trim(feedback)) + "\n\n" + said;
}

Result<std::string> PromptSet::Device(const DeviceInfo* device) const {
  if (device == nullptr) return Fill("device_unknown.md", {});
  return device->simulated() ? Fill("device_simulated.md", SimulatedDeviceValues(*device))
                             : Fill("device.md", DeviceValues(*device));
}

// The newest attempts that fit, and the best one whatever its age.
Result<std::string> PromptSet::History(const std::vector<PastAttempt>& history, bool brief) const {
  if (history.empty()) return std::string();
  std::vector<std::string> texts(history.size());
  std::size_t bytes = 0;
  const auto add = [&](std::size_t i) -> Status {
    const PastAttempt& attempt = history[i];
    const std::string kernel =
        attempt.kernel.empty()
            ? ""
            : Fenced(Shorten(attempt.kernel, brief ? kBriefKernelMax : kKernelMax), "cuda");
    std::string text = TRY(Fill(
        "attempt.md", {{"round", std::to_string(attempt.round)},
                       {"best", attempt.best ? " (the fastest correct one so far)" : ""},
                       {"kernel", kernel},
                       {"feedback", TRY(Feedback(attempt, brief ? kBriefFeedbackMax : kFeedbackMax,
                                                 brief ? kBriefFeedbackMax : kHumanMax))}}));
    const bool must = attempt.best || i + 1 == history.size();
    if (!must && bytes + text.size() > kHistoryMax) return {};
    bytes += text.size();
    texts[i] = std::move(text);
    return {};
  };
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history[i].best) TRY(add(i));
  }
  for (std::size_t i = history.size(); i-- > 0;) {
    if (!history[i].best) TRY(add(i));
  }
  const auto left_out = std::count(texts.begin(), texts.end(), "");
  std::erase(texts, "");
  return Fill(
      "history.md",
      {{"left_out", left_out == 0 ? "" : Format("({} earlier attempts are left out.)", left_out)},
       {"attempts", Join(texts, "\n")}});
}

Result<std::string> PromptSet::NoCode(const Problem& problem, const std::string& missing) const {
  return Fill("feedback_no_code.md",
              {{"missing", missing}, {"prototype", LauncherPrototype(problem)}});
}

Result<std::string> PromptSet::CompileFailed(const Problem& problem, const std::string& log,
                                             int errors) const {
  return Fill("feedback_compile_failed.md",
              {{"errors", errors == 1  ? "1 error"
                          : errors > 1 ? Format("{} errors", errors)
                                       : "nvcc failed"},
               {"log", Fenced(Shorten(ForTerminal(log), kLogMax), "text")},
               {"prototype", LauncherPrototype(problem)}});
}

Result<std::string> PromptSet::CompileTimedOut(double seconds) const {
  return Fill("feedback_compile_timed_out.md", {{"seconds", Format("{:g}", seconds)}});
}

Result<std::string> PromptSet::Judged(const Problem& problem, const Verdict& verdict,
                                      const RoundSummary* best, bool with_timing) const {
  const std::string checks = Shorten(FailedChecks(verdict), kChecksMax);
  const std::string detail = Detail(verdict.detail);
  const std::string flags = Shorten(ForTerminal(FlagList(verdict)), kDetailMax);
  const std::string reason = Shorten(ForTerminal(verdict.reason), kDetailMax);
  const std::string findings =
      verdict.simulation ? DescribeSimulation(*verdict.simulation, kSimulationMax) : "";
  const std::string evidence = findings.empty() ? detail : findings + "\n\n" + detail;
  switch (verdict.kind) {
    case VerdictKind::kCorrect:
      if (with_timing && verdict.simulation && !verdict.simulation->profile_shape.empty()) {
        return Fill("feedback_simulated.md",
                    {{"checked", CheckedShapes(verdict)},
                     {"simulation", DescribeSimulation(*verdict.simulation, kSimulationMax)},
                     {"flags", flags}});
      }
      if (!with_timing || !verdict.timing) {
        return Fill("feedback_correct.md", {{"checked", CheckedShapes(verdict)}, {"flags", flags}});
      }
      return Fill("feedback_measured.md", {{"checked", CheckedShapes(verdict)},
                                           {"timing", TimingText(verdict, best)},
                                           {"kernels", KernelTable(verdict)},
                                           {"flags", flags}});
    case VerdictKind::kWrong:
      return Fill("feedback_wrong.md",
                  {{"reason", reason},
                   {"checks", findings.empty() ? checks : findings + "\n\n" + checks},
                   {"flags", flags}});
    case VerdictKind::kCrashed:
      return Fill("feedback_crashed.md",
                  {{"reason", reason}, {"detail", evidence}, {"checks", checks}});
    case VerdictKind::kTimedOut:
      return Fill("feedback_timed_out.md",
                  {{"reason", reason}, {"detail", evidence}, {"checks", checks}});
    case VerdictKind::kCheated:
      return Fill("feedback_cheated.md",
                  {{"reason", reason}, {"flags", flags}, {"detail", detail}});
    case VerdictKind::kCompileFailed:
      return CompileFailed(problem, verdict.detail, 0);
    case VerdictKind::kNotSimulated:
      return Fill("feedback_not_simulated.md", {{"reason", reason}, {"detail", detail}});
    case VerdictKind::kAmbiguous:
    case VerdictKind::kInfra:
      return Fill("feedback_ambiguous.md",
                  {{"reason", reason}, {"detail", detail}, {"flags", flags}});
  }
  return Error{ErrorCode::kInternal, "A verdict of no kind.", ""};
}

}  // namespace caesar
