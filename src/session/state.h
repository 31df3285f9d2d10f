// The states of a sample and what the world can answer in each of them. The names are those of the
// journal.
#pragma once

#include <optional>
#include <string_view>

namespace caesar {

enum class State { kStart, kGenerate, kCompile, kCorrect, kProfile, kFinish };

enum class Outcome {
  // Start
  kRoundOpened,
  kRoundsUsedUp,
  kTargetReached,
  kPlateaued,
  kBudgetSpent,  // also in Generate: other samples of the run, or failed attempts, have spent it
  // Generate
  kReplied,
  kReplyKept,  // table `reflect`: the code is shown to the model again, nothing is evaluated
  kNoCode,
  kRefused,
  // Compile
  kCompiled,
  kCompileFailed,
  kCompileTimedOut,
  // Correct and Profile
  kCorrect,
  kWrong,
  kCrashed,
  kTimedOut,
  kCheated,
  kMeasured,
  kAmbiguous,
  kProfileFailed,
  kNotSimulated,  // on the simulated GPU: it lacks what the kernel needs
};

inline constexpr int kStateCount = static_cast<int>(State::kFinish) + 1;
inline constexpr int kOutcomeCount = static_cast<int>(Outcome::kNotSimulated) + 1;

std::string_view Name(State state);      // "Start", "Generate", ...
std::string_view Name(Outcome outcome);  // "RoundOpened", "Replied", ...
std::optional<State> StateOf(std::string_view name);
std::optional<Outcome> OutcomeOf(std::string_view name);

// Whether the world can answer `outcome` in `state`: what the steps return, whatever the table.
constexpr bool CanEndIn(State state, Outcome outcome) {
  switch (outcome) {
    case Outcome::kRoundOpened:
    case Outcome::kRoundsUsedUp:
    case Outcome::kTargetReached:
    case Outcome::kPlateaued:
      return state == State::kStart;
    case Outcome::kBudgetSpent:
      return state == State::kStart || state == State::kGenerate;
    case Outcome::kReplied:
    case Outcome::kReplyKept:
    case Outcome::kNoCode:
    case Outcome::kRefused:
      return state == State::kGenerate;
    case Outcome::kCompiled:
    case Outcome::kCompileFailed:
    case Outcome::kCompileTimedOut:
      return state == State::kCompile;
    case Outcome::kCorrect:
      return state == State::kCorrect;
    case Outcome::kWrong:
    case Outcome::kCrashed:
    case Outcome::kTimedOut:
    case Outcome::kCheated:
    case Outcome::kNotSimulated:
      return state == State::kCorrect || state == State::kProfile;
    case Outcome::kMeasured:
    case Outcome::kAmbiguous:
    case Outcome::kProfileFailed:
      return state == State::kProfile;
  }
  return false;
}

}  // namespace caesar
