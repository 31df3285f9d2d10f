// `caesar eval`: compile, prove and time a kernel that somebody else wrote. No model, no run
// directory.
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/strings.h"
#include "build/diagnostics.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/run_folder.h"
#include "cli/settings.h"
#include "cli/values.h"
#include "record/paths.h"
#include "report/console.h"
#include "report/units.h"
#include "report/verdict_text.h"
#include "session/headline.h"
#include "session/judged.h"

namespace caesar {
namespace {

constexpr std::uint64_t kSourceBytesMax = std::uint64_t{4} << 20;
// The GPU that is likeliest, where there is one.
constexpr const char* kLikelyArch = "sm_90a";
constexpr const char* kDriver = "/proc/driver/nvidia/version";  // there while a driver is loaded

struct Task {
  Problem problem;
  std::string candidate;  // source
  std::string file;       // its name, for people; empty: standard input
  RunConfig config;
};

struct Outcomes {
  CompileOutcome reference;
  std::optional<CompileOutcome> baseline;
  CompileOutcome candidate;
};

// All compilations of a task, side by side.
class Compilations {
 public:
  Compilations(const Task& task, Compiler& compiler, std::string arch, StopToken stop)
      : task_(task), compiler_(compiler), arch_(std::move(arch)), stop_(stop) {
    candidate_ = Start(task.candidate, Role::kCandidate);
    reference_ = Start(task.problem.reference, Role::kReference);
    const bool skipped = arch_ == kSimArch && !WhyBaselineIsNotSimulated(task.problem).empty();
    if (task.problem.baseline && !skipped)
      baseline_ = Start(*task.problem.baseline, Role::kBaseline);
  }

  Result<Outcomes> Wait() {
    auto candidate = candidate_.get();
    auto reference = reference_.get();
    std::optional<Result<CompileOutcome>> baseline;
    if (baseline_.valid()) baseline = baseline_.get();
    Outcomes outcomes{TRY(std::move(reference)), std::nullopt, TRY(std::move(candidate))};
    if (baseline) outcomes.baseline = TRY(std::move(*baseline));
    return outcomes;
  }

 private:
  std::future<Result<CompileOutcome>> Start(const std::string& source, Role role) {
    CompileRequest request{&task_.problem, source, role, arch_,
                           Milliseconds(task_.config.compile_timeout_ms)};
    return std::async(std::launch::async, [this, request = std::move(request)] {
      return compiler_.Compile(request, stop_);
    });
  }

  const Task& task_;
  Compiler& compiler_;
  std::string arch_;
  StopToken stop_;
  std::future<Result<CompileOutcome>> reference_;
  std::future<Result<CompileOutcome>> baseline_;
  std::future<Result<CompileOutcome>> candidate_;
};

// Reference and baseline belong to the problem: where they do not compile, the problem is unusable.
Result<std::string> ProblemObject(const CompileOutcome& outcome, const Problem& problem,
                                  const char* file) {
  if (const auto* compiled = std::get_if<Compiled>(&outcome)) return compiled->object;
  Error error{ErrorCode::kBadInput, Format("problem {}: {} does not compile", problem.name, file),
              ""};
  if (const auto* failed = std::get_if<CompileFailed>(&outcome))
    error.detail = Shorten(failed->log, 4'000);
  if (const auto* slow = std::get_if<CompileTimedOut>(&outcome)) {
    error.message = Format("problem {}: compiling {} took longer than {}", problem.name, file,
                           FormatDuration(slow->timeout.count()));
    error.detail = "--compile-timeout gives it more time.";
  }
  return error;
}

// The verdict on a candidate that did not compile; nothing if it did.
std::optional<Verdict> CompileVerdict(const CompileOutcome& outcome) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCompileFailed;
  if (const auto* failed = std::get_if<CompileFailed>(&outcome)) {
    verdict.reason = failed->headline;
    verdict.detail = failed->log;
    return verdict;
  }
  if (const auto* slow = std::get_if<CompileTimedOut>(&outcome)) {
    verdict.reason = Format("compiling took longer than {}", FormatDuration(slow->timeout.count()));
    verdict.detail = slow->log;
    return verdict;
  }
  return std::nullopt;
}

Verdict VerdictWithFile(const std::string& file, Verdict verdict) {
  verdict.reason = WithFile(file, std::move(verdict.reason));
  verdict.detail = WithFile(file, std::move(verdict.detail));
  if (!verdict.simulation || file.empty()) return verdict;
  const auto rename = [&](std::string& name) {
    if (name == kCandidateFile) name = file;
  };
  for (SimFinding& finding : verdict.simulation->report.findings) {
    rename(finding.file);
    finding.text = WithFile(file, std::move(finding.text));
  }
  for (SimKernel& kernel : verdict.simulation->report.kernels) {
    for (SimLine& line : kernel.lines) rename(line.file);
  }
  return verdict;
}

// Tells the console of the steps, as a session would.
class Steps {
 public:
  Steps(Console& console, Clock& clock, const std::string& file)
      : console_(console), clock_(clock), file_(file) {}
  void Begin(const char* state) {
    state_ = state;
    since_ = clock_.Now();
    console_.OnState(state, 0, 0);
  }
  // In the words of a run.
  void End(const CompileOutcome& outcome) {
    if (const auto* compiled = std::get_if<Compiled>(&outcome))
      return End(Outcome::kCompiled, CompilePassed{.info = compiled->info});
    if (const auto* failed = std::get_if<CompileFailed>(&outcome)) {
      return End(Outcome::kCompileFailed, CompileRejected{.headline = failed->headline,
                                                          .errors = failed->errors,
                                                          .compile_ms = failed->ms,
                                                          .cached = failed->cached});
    }
    const Milliseconds timeout = std::get<CompileTimedOut>(outcome).timeout;
    End(Outcome::kCompileTimedOut, CompileCutOff{.timeout_ms = timeout.count()});
  }
  void End(State state, const Verdict& verdict) {
    const Result<Outcome> outcome = OutcomeOf(state, verdict);
    if (outcome.ok()) return End(outcome.value(), Summarize(verdict));
    Tell(std::string(Name(verdict.kind)), verdict.reason);  // nobody's to blame
  }

 private:
  void End(Outcome outcome, const Payload& payload) {
    Tell(std::string(Name(outcome)), HeadlineOf(outcome, payload));
  }
  void Tell(const std::string& outcome, const std::string& headline) {
    const auto ms = std::chrono::duration_cast<Milliseconds>(clock_.Now() - since_).count();
    console_.OnStep({0, 0, state_, outcome, "", ms, WithFile(file_, headline), {}});
  }

  Console& console_;
  Clock& clock_;
  std::string file_;
  std::string state_;
  SteadyTime since_{};
};

// The two words are easily swapped: a problem is a folder or a name, a kernel is a file.
Status CheckOrder(const std::string& problem, const std::string& file, Files& files) {
  const auto info = TRY(files.Stat(problem));
  if (!info || info->kind != FileInfo::Kind::kFile) return {};
  return Error{
      ErrorCode::kUsage, Format("{} is a file, not a problem", problem),
      Format("The problem comes first: caesar eval {} {}", ShellWord(file), ShellWord(problem))};
}

Result<Task> ReadTask(const Invocation& invocation, CliContext& context) {
  const Arguments& arguments = invocation.arguments;
  Task task;
  task.config = TRY(ResolveSettings(arguments, context.environment, context.files)).run;
  const std::string file = arguments.Positional("FILE");
  TRY(CheckOrder(arguments.Positional("PROBLEM"), file, context.files));
  task.problem = TRY(LoadProblem(arguments.Positional("PROBLEM"), context.files));
  if (file != "-") task.file = ForTerminal(std::filesystem::path(file).filename().string());
  task.candidate =
      file == "-" ? TRY(context.read_input(kSourceBytesMax))
                  : TRY(ReadNamedFile(file, kSourceBytesMax,
                                      "FILE is a kernel (.cu), or - for standard "
                                      "input. Save what a pipe holds to a file, or give it to -.",
                                      context.files));
  return task;
}

Result<Verdict> CheckAndMeasure(const JudgeRequest& request, Judge& judge, Console& console,
                                Steps& steps, StopToken stop) {
  const JudgeProgress progress = [&](const std::string& text) { console.OnDetail(text); };
  steps.Begin("Correct");
  Verdict verdict = TRY(judge.Check(request, progress, stop));
  steps.End(State::kCorrect, verdict);
  if (verdict.kind != VerdictKind::kCorrect) return verdict;
  steps.Begin("Profile");
  verdict = TRY(judge.Measure(request, verdict, progress, stop));
  steps.End(State::kProfile, verdict);
  return verdict;
}

// What to compile for before the device has answered, which takes a GPU most of a second. Where the
// guess was wrong, compiling is done again.
std::string GuessArch(const std::string& device, Files& files) {
  const bool simulated = device == "auto" ? !files.Read(kDriver, 64 << 10).ok() : device == "sim";
  return simulated ? std::string(kSimArch) : std::string(kLikelyArch);
}

Result<Verdict> Evaluate(const Task& task, CliContext& context, Console& console) {
  const auto compiler = TRY(context.make_compiler(task.config));
  const auto judge = context.make_judge(task.config);
  Steps steps(console, context.clock, task.file);

  steps.Begin("Compile");
  JudgeRequest request;
  request.problem = &task.problem;
  request.timing = task.config.timing;
  request.call_timeout = Milliseconds(task.config.call_timeout_ms);
  request.sim_threads = task.config.sim_threads;
  auto hello = std::async(std::launch::async, [&] {
    auto answer = judge->Hello(context.stop);
    if (answer.ok()) judge->Warm(request);  // while nvcc runs
    return answer;
  });
  const std::string guess = GuessArch(task.config.device, context.files);
  Compilations first(task, *compiler, guess, context.stop);
  const Result<DeviceInfo> device = hello.get();
  Result<Outcomes> compiled = first.Wait();
  if (device.ok() && device.value().Arch() != guess) {
    compiled = Compilations(task, *compiler, device.value().Arch(), context.stop).Wait();
  }
  const Outcomes outcomes = TRY(std::move(compiled));
  request.reference = TRY(ProblemObject(outcomes.reference, task.problem, "reference.cu"));
  if (outcomes.baseline)
    request.baseline = TRY(ProblemObject(*outcomes.baseline, task.problem, "baseline.cu"));
  if (device.ok() && device.value().simulated())
    request.baseline_skipped = WhyBaselineIsNotSimulated(task.problem);

  steps.End(outcomes.candidate);
  if (std::optional<Verdict> failed = CompileVerdict(outcomes.candidate)) {
    if (device.ok()) failed->device = device.value();
    failed->sandbox = SandboxLabel(task.config.sandbox, ProbeSandbox());  // of the compiler
    return *failed;
  }
  const Compiled& candidate = std::get<Compiled>(outcomes.candidate);
  if (!device.ok()) return device.error();  // said only now: a compile error needs no device

  request.candidate = candidate.object;
  judge->Warm(request);
  Verdict verdict = TRY(CheckAndMeasure(request, *judge, console, steps, context.stop));
  verdict.compile = candidate.info;
  return verdict;
}

}  // namespace

CommandSpec EvalSpec() {
  CommandSpec spec;
  spec.positionals = {
      {"PROBLEM", "a folder with problem.json, or the name of a bundled problem"},
      {"FILE", "the kernel (.cu) that defines the problem's launcher; - reads standard input"}};
  spec.flags = SettingFlags(Scope::kEval);
  spec.flags.push_back(
      {"--json", "", "the verdict as JSON on standard output, and nothing else there"});
  spec.examples =
      "  caesar eval softmax my_softmax.cu\n"
      "  caesar eval relu relu.cu --samples 100 --json\n"
      "\n"
      "Exit codes: 0 the kernel is correct, 1 it is not, or its time could not be\n"
      "decided. --json says whether a time was verified: docs/verdicts.md.\n";
  return spec;
}

Result<int> EvalCommand(const Invocation& invocation, CliContext& context) {
  const Task task = TRY(ReadTask(invocation, context));
  context.catch_signals(StopLevel::kNow);
  Console console(context.err, context.clock,
                  {.live = context.err.terminal(),
                   .color = invocation.color_err,
                   .quiet = invocation.quiet,
                   .name = task.problem.name});
  const Verdict verdict = TRY(Evaluate(task, context, console));
  console.Erase();
  TRY(context.out.Write(invocation.json
                            ? JsonDocument(ToJson(verdict))
                            : VerdictText(VerdictWithFile(task.file, verdict), invocation.style)));
  return ExitCode(verdict);
}

}  // namespace caesar
