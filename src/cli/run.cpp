// `caesar run`: one problem, rounds with a model, a summary.
#include <algorithm>
#include <memory>
#include <optional>
#include <random>

#include "base/format.h"
#include "base/strings.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/run_folder.h"
#include "cli/settings.h"
#include "cli/terminal_reviewer.h"
#include "cli/values.h"
#include "llm/prompts.h"
#include "record/paths.h"
#include "report/console.h"
#include "report/summary.h"
#include "report/units.h"
#include "session/budget.h"
#include "session/session.h"

namespace caesar {
namespace {

constexpr int kSamplesMax = 1'000'000;
constexpr int kRoundsMax = 999;  // of --rounds

// Everything that `caesar run` was asked for.
struct Task {
  Problem problem;
  RunConfig config;
  std::string run;  // run directory
  int sample = 0;
  bool rounds_given = false;
  std::string resume;  // the command that goes on with it
};

Result<Task> ReadTask(const Invocation& invocation, CliContext& context) {
  const Arguments& arguments = invocation.arguments;
  Task task;
  const std::string name = arguments.Positional("PROBLEM");
  task.sample =
      static_cast<int>(TRY(IntegerValue(arguments.Value("sample", "0"), 0, kSamplesMax - 1)));
  const Settings settings = TRY(RunSettings(arguments, context));
  task.problem = TRY(LoadProblem(name, context.files));
  task.config = settings.run;
  task.rounds_given = settings.rounds_given;
  task.config.caesar_version = Version();
  task.run = settings.out.empty() ? NewRunFolder(context.clock) : settings.out;
  task.resume = Format("caesar run {} --out {}", ShellWord(name), ShellWord(task.run));
  if (task.sample != 0) task.resume += Format(" --sample {}", task.sample);
  return task;
}

std::string SampleFolderOf(const Task& task) {
  return SampleFolder(task.run, task.problem.name, task.sample);
}

// A finished sample needs neither a model nor a compiler to be shown again. A run directory of
// another configuration is refused before it is asked what this one lacks.
Result<std::optional<SampleResult>> FinishedResult(const Task& task, CliContext& context) {
  if (!TRY(context.files.Stat(RunFile(task.run)))) return std::optional<SampleResult>();
  TRY(OpenRun(task.run, task.config, context.files));
  const std::string path = ResultFile(SampleFolderOf(task));
  if (!TRY(context.files.Stat(path))) return std::optional<SampleResult>();
  return std::optional<SampleResult>(TRY(ReadResult(path, context.files)));
}

bool IsReplay(const Task& task) { return task.config.model.provider == "replay"; }

std::string RepliesText(int replies) {
  return replies == 1 ? "1 reply is" : Format("{} replies are", replies);
}

// A recorded model has only so many replies. A new run has as many rounds, unless it was told how
// many: more must not come out in the middle of a run, whose number of rounds is fixed by then.
Status FitRounds(const Model& model, bool new_run, Task& task) {
  const int replies = model.rounds_max();
  if (!IsReplay(task) || !new_run) return {};
  if (!task.rounds_given) {
    task.config.rounds = std::min(replies, kRoundsMax);
  } else if (task.config.rounds > replies) {
    return Error{ErrorCode::kUsage,
                 Format("{} are asked for, but only {} recorded",
                        Plural(task.config.rounds, "round"), RepliesText(replies)),
                 Format("Pass --rounds {}, or record more replies.", replies)};
  }
  return {};
}

// The samples of a run share its rounds; one with fewer recorded replies ends after its last.
RunConfig ConfigOfSample(const Model& model, const Task& task, Console& console) {
  RunConfig config = task.config;
  const int replies = model.rounds_max();
  if (IsReplay(task) && replies != config.rounds) {
    console.Line(Format("{} recorded, and the run has {}", RepliesText(replies),
                        Plural(config.rounds, "round")));
  }
  config.rounds = std::min(config.rounds, replies);
  return config;
}

// A budget that nobody can keep is refused before anything is paid.
Status CheckBudget(const Model& model, const RunConfig& config) {
  const std::string unpriced = model.unpriced();
  if (config.budget_usd <= 0 || unpriced.empty()) return {};
  if (config.model.provider == "command") {
    return Error{ErrorCode::kUsage, "--budget-usd: nobody knows what a command costs",
                 "Use --budget-tokens, which counts four bytes of prompt and reply as a token."};
  }
  return Error{ErrorCode::kUsage,
               Format("--budget-usd: the price of {} is not known", ForTerminal(unpriced)),
               "Say it in a price list (--prices FILE; prompts/prices.json shows the form), or use "
               "--budget-tokens."};
}

Status CheckTarget(const RunConfig& config, bool simulated) {
  if (!simulated || config.target_speedup <= 0) return {};
  return Error{ErrorCode::kUsage,
               "a target speed-up needs a GPU: the simulated one estimates, and measures nothing",
               "Leave --target-speedup away, or use a machine with an NVIDIA GPU (--device cuda "
               "says what is missing)."};
}

void SayIfSimulated(const std::string& device, bool simulated, Console& console) {
  if (!simulated) return;
  console.Line(
      std::string("simulated GPU: ") +
      (device == "auto" ? "no NVIDIA GPU can be used here (--device cuda says why); " : "") +
      "results are checked as on one, times are estimates of a model");
}

Result<SampleResult> RunOn(Task& task, CliContext& context, Console& console) {
  // What can be missing is found out before anything is paid for or written.
  const auto compiler = TRY(context.make_compiler(task.config));
  const PromptSet prompts = TRY(PromptSet::Load(task.config.prompts, context.files));
  const auto model = TRY(MakeModel(
      task.config.model, task.problem, task.sample,
      {context.environment, context.http, context.processes, context.files, context.clock}));
  TRY(FitRounds(*model, !TRY(context.files.Stat(RunFile(task.run))), task));
  TRY(CheckBudget(*model, task.config));
  const auto judge = context.make_judge(task.config);
  // The judge keeps its answer, so that the session's own question costs nothing.
  const auto info = judge->Hello(context.stop);
  const bool simulated = info.ok() && info.value().simulated();
  TRY(CheckTarget(task.config, simulated));
  TRY(OpenRun(task.run, task.config, context.files));
  console.Line(
      Format("run directory: {} (to resume: {})", ForTerminal(task.run), ForTerminal(task.resume)));
  SayIfSimulated(task.config.device, simulated, console);
  TerminalReviewer reviewer(context.keyboard, context.err, console);
  World world{context.files, context.clock, *model,       *compiler, *judge,
              prompts,       console,       context.stop, &reviewer};
  return RunSample({&task.problem, ConfigOfSample(*model, task, console), task.run, task.sample},
                   world);
}

Status PrintResult(const Task& task, const SampleResult& result, const Invocation& invocation,
                   CliContext& context) {
  if (invocation.json) return context.out.Write(JsonDocument(ToJson(result)));
  const std::string folder = SampleFolderOf(task);
  return context.out.Write(SummaryText(result, result.best_round > 0 ? BestFile(folder) : "",
                                       invocation.style,
                                       WhyNoBaseline(folder, result, context.files)));
}

// How each line of progress starts: "softmax", or "softmax#3" for sample 3.
std::string LineName(const Task& task) {
  return task.problem.name + (task.sample > 0 ? Format("#{}", task.sample) : "");
}

// Names the problem, and says how to go on where that can help: neither without a run nor where
// what was recorded or given does not fit.
Error RunError(Error error, const Task& task, CliContext& context) {
  if (error.message.find(task.problem.name) == std::string::npos)
    error.message = Format("{}: {}", task.problem.name, error.message);
  const auto started = context.files.Stat(RunFile(task.run));
  const bool helps = error.code != ErrorCode::kUsage && error.code != ErrorCode::kBadInput;
  if (!helps || !started.ok() || !started.value()) return error;
  error.detail += (error.detail.empty() ? "" : "\n") +
                  Format("Nothing recorded is lost. To resume: {}", task.resume);
  return error;
}

}  // namespace

CommandSpec RunSpec() {
  CommandSpec spec;
  spec.positionals = {
      {"PROBLEM",
       "a folder with problem.json, or the name of a bundled problem (see `caesar problem list`)"}};
  spec.flags = SettingFlags(Scope::kRun);
  spec.flags.push_back(
      {"--sample", "N",
       "which sample: further numbers are further tries in the same run directory [0]"});
  spec.flags.push_back(
      {"--json", "", "the result as JSON on standard output, and nothing else there"});
  spec.examples =
      "  caesar run softmax --provider replay\n"
      "  caesar run softmax --model NAME --rounds 8 --target-speedup 1.5\n"
      "  caesar run ./mine --base-url http://localhost:8000/v1 --model qwen3\n"
      "  caesar run softmax --out runs/20260131-235959-1a2b     to go on with that run\n"
      "\n"
      "Every setting can also be given in the environment (CAESAR_BASE_URL for\n"
      "--base-url) or in the configuration file ({\"base_url\": \"...\"}); flags beat the\n"
      "environment, which beats the file. A run directory that exists brings its own\n"
      "settings (run.json): then only flags are looked at, and they must agree. What\n"
      "each provider needs, above all its key: docs/providers.md.\n";
  return spec;
}

Result<int> RunCommand(const Invocation& invocation, CliContext& context) {
  Task task = TRY(ReadTask(invocation, context));
  if (const std::optional<SampleResult> finished = TRY(FinishedResult(task, context))) {
    TRY(PrintResult(task, *finished, invocation, context));
    return ExitCode(*finished, task.config.target_speedup);
  }
  context.catch_signals(StopLevel::kAfterStep);
  Console console(context.err, context.clock,
                  {.live = context.err.terminal(),
                   .color = invocation.color_err,
                   .quiet = invocation.quiet,
                   .name = LineName(task)});
  Result<SampleResult> result = RunOn(task, context, console);
  console.Erase();
  if (!result.ok()) return RunError(std::move(result).error(), task, context);
  TRY(PrintResult(task, result.value(), invocation, context));
  if (const auto spent = SpentText(task.config, task.run, context.files);
      spent.ok() && !spent.value().empty())
    console.Line("budget: " + spent.value());
  console.Line(Format("run directory: {} (to print this again: {})", ForTerminal(task.run),
                      ForTerminal(task.resume)));
  return ExitCode(result.value(), task.config.target_speedup);
}

}  // namespace caesar
