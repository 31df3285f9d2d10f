// Compile: the candidate through the compiler, whose words are kept in compile.log.
#include "record/paths.h"
#include "session/feedback.h"
#include "session/perform.h"

namespace caesar {
namespace {

// What the compiler said, as files and as a payload.
struct Recorder {
  Workbench& bench;
  RoundFiles& files;

  Result<Answer> operator()(const Compiled& compiled) const {
    TRY(files.Write(kCompileLogFile, compiled.log));
    if (bench.spec().config.table == TableName::kCompile) {
      TRY(files.Write(kFeedbackFile, FeedbackOnCompiled(compiled)));
    }
    return Answer{Outcome::kCompiled, CompilePassed{.info = compiled.info}, files.stamps()};
  }

  Result<Answer> operator()(const CompileFailed& failed) const {
    TRY(files.Write(kCompileLogFile, failed.log));
    TRY(files.Write(kFeedbackFile, TRY(FeedbackOnCompileFailed(bench, failed))));
    CompileRejected rejected{.headline = OneLine(failed.headline),
                             .errors = failed.errors,
                             .compile_ms = failed.ms,
                             .cached = failed.cached};
    return Answer{Outcome::kCompileFailed, std::move(rejected), files.stamps()};
  }

  Result<Answer> operator()(const CompileTimedOut& timed_out) const {
    TRY(files.Write(kCompileLogFile, timed_out.log));
    TRY(files.Write(kFeedbackFile, TRY(FeedbackOnCompileTimedOut(bench, timed_out))));
    return Answer{Outcome::kCompileTimedOut, CompileCutOff{.timeout_ms = timed_out.timeout.count()},
                  files.stamps()};
  }
};

}  // namespace

Result<Answer> CompileCandidate(int round, Workbench& bench) {
  RoundFiles files = bench.Round(round);
  const CompileOutcome outcome = TRY(bench.Compile(round, TRY(files.Read(kKernelFile))));
  if (JudgedOnDevice(bench.spec().config, round)) {
    // A problem whose own code does not compile is found out here at the latest, with or without a
    // device: no candidate can be judged against it.
    TRY(bench.preparation().Wait(TRY(bench.Device())));
  }
  return std::visit(Recorder{bench, files}, outcome);
}

}  // namespace caesar
