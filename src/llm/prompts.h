// What the model is told: templates (embedded, or of --prompts DIR) and the values put into them.
// A template's placeholders are strict: an unknown or a missing one is an Error that names file and
// placeholder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "problem/problem.h"
#include "record/device_info.h"
#include "record/sample_result.h"
#include "record/verdict.h"
#include "sys/files.h"

namespace caesar {

// An earlier round as the model sees it again.
struct PastAttempt {
  int round = 0;
  std::string kernel;  // empty: the reply had no code
  std::string feedback;
  bool best = false;       // the fastest correct one so far
  std::string human = "";  // what a person says of it; empty: nothing
};

struct RoundPrompt {
  const Problem* problem = nullptr;
  const DeviceInfo* device =
      nullptr;  // null: unknown (table `compile` on a machine without a device)
  int round = 1;
  int rounds = 1;
  std::vector<PastAttempt> history;  // oldest first, already chosen by --history
  bool reflect = false;              // the model looks at its own code again; nothing was evaluated
  bool brief = false;                // the history as short as it can be: the prompt was too long
};

struct RoundText {
  std::string text;
  std::size_t stable_bytes = 0;  // of its start: the same in every round of the sample
};

class PromptSet {
 public:
  // `folder` empty: the embedded templates. A file missing in the folder falls back to the embedded
  // one; a file that is no template of ours is an Error, but for prices.json, which is not looked
  // at.
  static Result<PromptSet> Load(const std::string& folder, Files& files);

  Result<RoundText> Round(const RoundPrompt& round) const;

  // Feedback, as written to feedback.md and shown to the model.
  Result<std::string> NoCode(const Problem& problem, const std::string& missing) const;
  Result<std::string> CompileFailed(const Problem& problem, const std::string& log,
                                    int errors) const;
  Result<std::string> CompileTimedOut(double seconds) const;
  // Every verdict kind that Correct and Profile can end in; `best` is the fastest correct round
  // before this one, or null.
  Result<std::string> Judged(const Problem& problem, const Verdict& verdict,
                             const RoundSummary* best, bool with_timing) const;

 private:
  Result<std::string> Fill(const std::string& file,
                           const std::map<std::string, std::string>& values) const;
  Result<std::string> Feedback(const PastAttempt& attempt, std::size_t feedback_max,
                               std::size_t human_max) const;
  Result<std::string> Device(const DeviceInfo* device) const;
  Result<std::size_t> StableBytes(const std::string& text,
                                  std::map<std::string, std::string> values) const;
  Result<std::string> History(const std::vector<PastAttempt>& history, bool brief) const;

  std::map<std::string, std::string> templates_;  // file name -> text
};

}  // namespace caesar
