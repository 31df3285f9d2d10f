#include "session/feedback.h"

#include "base/format.h"
#include "base/strings.h"
#include "session/workbench.h"

namespace caesar {
namespace {

constexpr std::size_t kCompilerLogBytesMax = 4096;

const FeedbackChoice& ChoiceOf(const Workbench& bench) { return bench.spec().config.feedback; }

}  // namespace

Result<std::string> FeedbackOnNoCode(const Workbench& bench, const std::string& missing) {
  return bench.world().prompts.NoCode(*bench.spec().problem, missing);
}

std::string FeedbackOnCompiled(const Compiled& compiled) {
  std::string text = "The code compiled. It was not run.\n";
  const std::string log = Shorten(Trim(compiled.log), kCompilerLogBytesMax);
  if (!log.empty()) text += Format("\nThe compiler said:\n\n```\n{}\n```\n", log);
  return text;
}

Result<std::string> FeedbackOnCompileFailed(const Workbench& bench, const CompileFailed& failed) {
  if (!ChoiceOf(bench).compile) return std::string("The code did not compile.\n");
  return bench.world().prompts.CompileFailed(*bench.spec().problem, failed.log, failed.errors);
}

Result<std::string> FeedbackOnCompileTimedOut(const Workbench& bench,
                                              const CompileTimedOut& timed_out) {
  if (!ChoiceOf(bench).compile) return std::string("The code did not compile.\n");
  return bench.world().prompts.CompileTimedOut(static_cast<double>(timed_out.timeout.count()) /
                                               1000);
}

Result<std::string> FeedbackOnVerdict(const Workbench& bench, const SessionState& before,
                                      const Verdict& verdict) {
  const bool correct =
      verdict.kind == VerdictKind::kCorrect || verdict.kind == VerdictKind::kAmbiguous;
  if (!correct && !ChoiceOf(bench).correct) {
    return std::string("The code compiled, but its result was not accepted.\n");
  }
  return bench.world().prompts.Judged(*bench.spec().problem, verdict, before.Best(),
                                      ChoiceOf(bench).timing);
}

}  // namespace caesar
