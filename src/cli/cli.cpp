#include "cli/cli.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/settings.h"

namespace caesar {
namespace {

constexpr std::array kCommands = std::to_array<Subcommand>({
    {"run", "get kernels for one problem from a model, prove and time them", RunSpec, RunCommand},
    {"eval", "prove and time a kernel of your own; no model", EvalSpec, EvalCommand},
    {"show", "print a run, or one of its rounds", ShowSpec, ShowCommand},
    {"problem", "list problems, show or check one", ProblemSpec, ProblemCommand},
    {"doctor", "say what works here, and what to do about the rest", DoctorSpec, DoctorCommand},
    {"cache", "size of the compile cache, or empty it", CacheSpec, CacheCommand},
});

constexpr const char* kExamples =
    "  caesar run softmax --provider replay          a recorded model: no key needed\n"
    "  caesar run ./my_problem --model NAME --rounds 8\n";

std::string ShortHelp() {
  return Format(
      "caesar gets a language model to write fast CUDA kernels, and proves that they are right and "
      "how fast they are.\n\n"
      "Examples:\n{}\n`caesar --help` lists the commands; `caesar doctor` says what works on this "
      "machine.\n",
      kExamples);
}

std::string FullHelp() {
  std::string text = "Usage: caesar COMMAND ...\n\nCommands:\n";
  for (const Subcommand& command : kCommands)
    text += Format("  {:<10}{}\n", command.name, command.help);
  return text + Format("\nExamples:\n{}\n", kExamples) +
         "`caesar COMMAND --help` explains a command. `caesar --version` prints the version.\n"
         "Exit codes: 0 a correct kernel was found (and the target met), 1 not, 2 wrong usage or "
         "unusable problem,\n"
         "3 the environment cannot do it, 4 internal error, 130 interrupted.\n";
}

const Subcommand* FindCommand(std::string_view name) {
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(),
                                   [&](const Subcommand& c) { return name == c.name; });
  return found == kCommands.end() ? nullptr : found;
}

Error UnknownCommand(const std::string& word) {
  std::vector<std::string> names = {"help", "--help", "--version"};
  for (const Subcommand& command : kCommands) names.emplace_back(command.name);
  const std::optional<std::string> nearest = Nearest(word, names);
  return Error{ErrorCode::kUsage,
               Format("unknown {} '{}'", StartsWith(word, "-") ? "flag" : "command", word),
               nearest ? Format("Did you mean `caesar {}`?", *nearest)
                       : "`caesar --help` lists the commands."};
}

// The command's own description with the flags that all share.
CommandSpec FullSpec(const Subcommand& command) {
  CommandSpec spec = command.spec();
  spec.name = command.name;
  spec.help = command.help;
  spec.flags.push_back({"-v,--verbose", "", "say more"});
  spec.flags.push_back({"-q,--quiet", "", "say nothing but results and errors"});
  spec.flags.push_back({"--no-color", "", "no colours (also: NO_COLOR)"});
  return spec;
}

Result<int> Dispatch(const std::vector<std::string>& words, CliContext& context) {
  const auto print = [&](const std::string& text) -> Result<int> {
    TRY(context.out.Write(text));
    return 0;
  };
  if (words.empty()) return print(ShortHelp());
  const std::string& first = words[0];
  if (first == "--version") return print(Format("caesar {}\n", Version()));
  if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1))
    return print(FullHelp());
  const bool help = first == "help";
  const Subcommand* command = FindCommand(help ? words[1] : first);
  if (command == nullptr) return UnknownCommand(help ? words[1] : first);
  const CommandSpec spec = FullSpec(*command);
  if (help) return print(HelpText(spec, {words.begin() + 2, words.end()}));

  Invocation invocation;
  invocation.arguments = TRY(ParseArguments(spec, {words.begin() + 1, words.end()}));
  const Arguments& arguments = invocation.arguments;
  if (arguments.help) return print(HelpText(spec, {words.begin() + 1, words.end()}));
  invocation.json = arguments.Has("json");
  invocation.quiet = arguments.Has("quiet");
  const bool no_color = arguments.Has("no-color");
  invocation.color_out = ColorWanted(context.out, no_color, context.environment);
  invocation.color_err = ColorWanted(context.err, no_color, context.environment);
  invocation.style = {invocation.color_out, context.out.terminal(), arguments.Has("verbose")};
  SetLogLevel(invocation.quiet           ? LogLevel::kError
              : arguments.Has("verbose") ? LogLevel::kDebug
                                         : LogLevel::kInfo);
  for (const std::string& suspect : SuspectVariables(context.variables)) LogWarning("{}", suspect);
  return command->run(invocation, context);
}

}  // namespace

std::span<const Subcommand> Subcommands() { return kCommands; }

const char* Version() { return CAESAR_VERSION; }

int ExitCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
    case ErrorCode::kBadInput:
      return 2;
    case ErrorCode::kEnvironment:
    case ErrorCode::kIo:
      return 3;
    case ErrorCode::kInterrupted:
      return 130;
    case ErrorCode::kInternal:
      return 4;
  }
  return 4;
}

int ExitCode(const SampleResult& result, double target_speedup) {
  return result.correct && (target_speedup <= 0 || result.target_met) ? 0 : 1;
}

int ExitCode(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::kCorrect:
      return 0;
    case VerdictKind::kWrong:
    case VerdictKind::kCrashed:
    case VerdictKind::kTimedOut:
    case VerdictKind::kCheated:
    case VerdictKind::kCompileFailed:
    case VerdictKind::kAmbiguous:
    case VerdictKind::kNotSimulated:
      return 1;
    case VerdictKind::kInfra:
      return 3;
  }
  return 4;
}

const char* Name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return "usage";
    case ErrorCode::kBadInput:
      return "bad_input";
    case ErrorCode::kEnvironment:
      return "environment";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kInterrupted:
      return "interrupted";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

std::string ErrorJson(const Error& error) {
  const nlohmann::ordered_json json = {{"error",
                                        {{"code", Name(error.code)},
                                         {"message", ToValidUtf8(error.message)},
                                         {"detail", ToValidUtf8(error.detail)},
                                         {"exit_code", ExitCode(error.code)}}}};
  return json.dump(2) + "\n";
}

std::string ErrorText(const Error& error) {
  std::string text = "caesar: " + ForTerminal(error.message) + "\n";
  const std::string detail = ForTerminal(error.detail);
  for (const std::string_view line : Lines(detail)) text.append("  ").append(line).append("\n");
  return text;
}

int RunCli(const std::vector<std::string>& words, CliContext& context) {
  const Result<int> code = Dispatch(words, context);
  if (code.ok()) return code.value();
  const auto end = std::find(words.begin(), words.end(), "--");
  if (std::find(words.begin(), end, "--json") != end)  // also where the words could not be parsed
    static_cast<void>(context.out.Write(ErrorJson(code.error())));
  static_cast<void>(
      context.err.Write(ErrorText(code.error())));  // where standard error is gone, nobody listens
  return ExitCode(code.error().code);
}

}  // namespace caesar
