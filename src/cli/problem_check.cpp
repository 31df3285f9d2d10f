#include "cli/problem_check.h"

#include "cli/run_folder.h"
#include "cli/settings.h"
#include "cli/values.h"
#include "gate/check.h"
#include "report/console.h"
#include "report/gate_text.h"

namespace caesar {
namespace {

constexpr std::uint64_t kSourceBytesMax = std::uint64_t{4} << 20;

}  // namespace

Result<int> CheckProblemCommand(const Invocation& invocation, CliContext& context) {
  const RunConfig config =
      TRY(ResolveSettings(invocation.arguments, context.environment, context.files)).run;
  const Problem problem =
      TRY(LoadProblem(invocation.arguments.Positional("PROBLEM"), context.files));
  const std::string file = invocation.arguments.Value("honest");
  const std::string kernel =
      file.empty()
          ? ""
          : TRY(ReadNamedFile(file, kSourceBytesMax, "--honest takes a kernel (.cu) that is right.",
                              context.files));
  context.catch_signals(StopLevel::kNow);
  Console console(context.err, context.clock,
                  {.live = context.err.terminal(),
                   .color = invocation.color_err,
                   .quiet = invocation.quiet,
                   .name = problem.name});
  console.OnState("Check", 0, 0);
  const auto compiler = TRY(context.make_compiler(config));
  const auto judge = context.make_judge(config);
  GateWorld world{*compiler, *judge, [&](const std::string& text) { console.OnDetail(text); },
                  context.stop};
  const GateReport report = TRY(CheckProblem(problem, kernel, config, world));
  console.Erase();
  TRY(context.out.Write(invocation.json ? JsonDocument(ToJson(report))
                                        : GateText(report, {.color = invocation.color_out,
                                                            .cut = context.out.terminal()})));
  return report.sound ? 0 : 1;
}

}  // namespace caesar
