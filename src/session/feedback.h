// feedback.md: what the model is told about a round, as far as the run's feedback choice lets it
// see. A kind that is switched off is replaced by a neutral sentence, so that the model still knows
// how the round ended.
#pragma once

#include <string>

#include "base/result.h"
#include "build/compile.h"
#include "record/verdict.h"
#include "session/fold.h"

namespace caesar {

class Workbench;

Result<std::string> FeedbackOnNoCode(const Workbench& bench, const std::string& missing);
// Table `compile`, where code that compiles is the best that can happen.
std::string FeedbackOnCompiled(const Compiled& compiled);
Result<std::string> FeedbackOnCompileFailed(const Workbench& bench, const CompileFailed& failed);
Result<std::string> FeedbackOnCompileTimedOut(const Workbench& bench,
                                              const CompileTimedOut& timed_out);
// `before` is the sample's state before the step that gave the verdict.
Result<std::string> FeedbackOnVerdict(const Workbench& bench, const SessionState& before,
                                      const Verdict& verdict);

}  // namespace caesar
