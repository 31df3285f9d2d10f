#include "session/state.h"

namespace caesar {

std::string_view Name(State state) {
  switch (state) {
    case State::kStart:
      return "Start";
    case State::kGenerate:
      return "Generate";
    case State::kCompile:
      return "Compile";
    case State::kCorrect:
      return "Correct";
    case State::kProfile:
      return "Profile";
    case State::kFinish:
      return "Finish";
  }
  return "";
}

std::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRoundOpened:
      return "RoundOpened";
    case Outcome::kRoundsUsedUp:
      return "RoundsUsedUp";
    case Outcome::kTargetReached:
      return "TargetReached";
    case Outcome::kPlateaued:
      return "Plateaued";
    case Outcome::kBudgetSpent:
      return "BudgetSpent";
    case Outcome::kReplied:
      return "Replied";
    case Outcome::kReplyKept:
      return "ReplyKept";
    case Outcome::kNoCode:
      return "NoCode";
    case Outcome::kRefused:
      return "Refused";
    case Outcome::kCompiled:
      return "Compiled";
    case Outcome::kCompileFailed:
      return "CompileFailed";
    case Outcome::kCompileTimedOut:
      return "CompileTimedOut";
    case Outcome::kCorrect:
      return "Correct";
    case Outcome::kWrong:
      return "Wrong";
    case Outcome::kCrashed:
      return "Crashed";
    case Outcome::kTimedOut:
      return "TimedOut";
    case Outcome::kCheated:
      return "Cheated";
    case Outcome::kMeasured:
      return "Measured";
    case Outcome::kAmbiguous:
      return "Ambiguous";
    case Outcome::kProfileFailed:
      return "ProfileFailed";
    case Outcome::kNotSimulated:
      return "NotSimulated";
  }
  return "";
}

std::optional<State> StateOf(std::string_view name) {
  for (int i = 0; i < kStateCount; ++i) {
    if (Name(static_cast<State>(i)) == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

std::optional<Outcome> OutcomeOf(std::string_view name) {
  for (int i = 0; i < kOutcomeCount; ++i) {
    if (Name(static_cast<Outcome>(i)) == name) return static_cast<Outcome>(i);
  }
  return std::nullopt;
}

}  // namespace caesar
