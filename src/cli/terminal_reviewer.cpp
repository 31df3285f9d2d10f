#include "cli/terminal_reviewer.h"

#include "base/format.h"
#include "base/strings.h"
#include "report/table.h"

namespace caesar {
namespace {

std::string Question(const RoundToReview& round) {
  std::string text = Format("\nRound {} of {}: {}", round.round, round.rounds, round.outcome);
  if (!round.headline.empty()) text += ", " + FitLine(round.headline, 300);
  text += Format("\nIts files are in {}\n", ForTerminal(round.folder));
  return text +
         Format("Your feedback on round {}, ended by an empty line or Ctrl-D (empty: none):\n",
                round.round);
}

}  // namespace

// Also with --quiet: whoever wants to be asked has to see the question.
Result<std::optional<std::string>> TerminalReviewer::Review(const RoundToReview& round,
                                                            StopToken stop) {
  if (keyboard_ == nullptr || !keyboard_->Attended()) return std::optional<std::string>();
  const Console::Hold hold(console_);
  keyboard_->Discard();
  TRY(err_.Write(Question(round)));
  Typed typed = TRY(keyboard_->ReadLines(kHumanBytesMax, stop));
  if (!typed.text.empty() && typed.text.back() != '\n') {  // ended by Ctrl-D, or by the limit
    typed.text += '\n';
    TRY(err_.Write("\n"));
  }
  if (typed.cut)
    TRY(err_.Write(Format("That is more than {} bytes: the rest is left out.\n",
                          FormatCount(static_cast<std::int64_t>(kHumanBytesMax)))));
  return std::optional(std::move(typed.text));
}

}  // namespace caesar
