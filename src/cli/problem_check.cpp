#include "cli/problem_check.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "cli/run_folder.h"
#include "cli/settings.h"
#include "cli/values.h"
#include "gate/check.h"
#include "report/console.h"
#include "report/gate_text.h"

namespace caesar {
namespace {

constexpr std::uint64_t kSourceBytesMax = std::uint64_t{4} << 20;
constexpr std::size_t kHonestMax = 16;  // kernels, each of which is judged for seconds

// Named after their files; after the paths where two files have the same name, or one that could be
// a trial's.
Result<std::vector<HonestKernel>> HonestKernels(const Arguments& arguments, Files& files) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& given : arguments.Values("honest")) {
    const auto path = std::filesystem::path(given).lexically_normal();
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  if (paths.size() > kHonestMax)
    return Error{
        ErrorCode::kUsage,
        Format("--honest names {} kernels, and takes {} at most", paths.size(), kHonestMax),
        "Check the problem several times, with some of them each."};
  std::vector<HonestKernel> kernels;
  for (const auto& path : paths) {
    const bool unique = std::count_if(paths.begin(), paths.end(), [&](const auto& other) {
                          return other.filename() == path.filename();
                        }) == 1;
    std::string name = unique ? path.filename().string() : path.string();
    if ((!unique && !path.has_parent_path()) || !path.has_extension()) name = "./" + name;
    kernels.push_back({ForTerminal(name),
                       TRY(ReadNamedFile(path.string(), kSourceBytesMax,
                                         "--honest takes a kernel (.cu) that is right.", files))});
  }
  return kernels;
}

}  // namespace

CommandSpec CheckSpec() {
  CommandSpec spec;
  spec.name = "problem check";
  spec.help =
      "say whether a problem is sound: whether honest kernels pass, and cheats fail\n"
      "\n"
      "It takes no model, and seconds, on a GPU with large shapes a minute or more.\n"
      "Trials are judged like candidates: the reference, the baseline and your own\n"
      "kernels must pass; zeros, copies of inputs, replays, half a result and the\n"
      "exact one in the next lower precision must fail.\n"
      "\"sound\" says that they did, and no more: with these shapes, fills and\n"
      "tolerances, on this device. The simulated GPU leaves out the bench shape; check\n"
      "on a GPU too. It cannot say whether the reference computes what you mean.\n";
  spec.positionals = {{"PROBLEM", "a folder with problem.json, or the name of a bundled problem"}};
  spec.flags = {{"--honest", "FILE",
                 "one more kernel (.cu) that must pass, to see its margin; up to 16 times"},
                {"--json", "", "the report as JSON: include/caesar/gate_report.schema.json"}};
  for (const FlagSpec& flag : SettingFlags(Scope::kCheck)) {
    if (EndsWith(flag.name, "device") || EndsWith(flag.name, "timeout")) spec.flags.push_back(flag);
  }
  spec.examples =
      "  caesar problem check my_problem --device sim\n"
      "  caesar problem check my_problem --honest plain.cu --honest fast.cu\n"
      "\n"
      "Exit codes: 0 sound, 1 refused, 2 the problem, its reference or its baseline\n"
      "cannot be used. `caesar problem --help` lists the other flags, docs/problems.md\n"
      "says what each trial shows and how to calibrate tolerances.\n";
  return spec;
}

Result<int> CheckProblemCommand(const Invocation& invocation, CliContext& context) {
  const RunConfig config =
      TRY(ResolveSettings(invocation.arguments, context.environment, context.files)).run;
  const Problem problem =
      TRY(LoadProblem(invocation.arguments.Positional("PROBLEM"), context.files));
  const std::vector<HonestKernel> kernels = TRY(HonestKernels(invocation.arguments, context.files));
  context.catch_signals(StopLevel::kNow);
  Console console(context.err, context.clock,
                  {.live = context.err.terminal(),
                   .color = invocation.color_err,
                   .quiet = invocation.quiet,
                   .name = problem.name});
  console.OnState("Check", 0, 0);
  const auto compiler = TRY(context.make_compiler(config));
  const auto judge = context.make_judge(config);
  GateWorld world{*compiler, *judge, context.clock,
                  [&](const std::string& text) { console.OnDetail(text); }, context.stop};
  const GateReport report = TRY(CheckProblem(problem, kernels, config, world));
  console.Erase();
  TRY(context.out.Write(invocation.json ? JsonDocument(ToJson(report))
                                        : GateText(report, invocation.style)));
  return report.sound ? 0 : 1;
}

}  // namespace caesar
