// Feedback of a person (--feedback human): once for each round, when the next one opens, so never
// after the last. human.md of a round is that person's file: what they typed, or what they or a
// script wrote there before. It stands in no journal, so that they may change it; the prompt that
// quotes it does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "session/fold.h"
#include "sys/stop.h"

namespace caesar {

class Workbench;

inline constexpr std::size_t kHumanBytesMax = 64 * 1024;  // of what is typed

struct RoundToReview {
  int round = 0;
  int rounds = 0;
  std::string outcome;   // Measured
  std::string headline;  // untrusted: it quotes compilers and models
  std::string folder;
};

class Reviewer {
 public:
  virtual ~Reviewer() = default;
  // What the person says, at most kHumanBytesMax bytes; empty: nothing. No value: there is nobody
  // to ask. Errors: kInterrupted, kIo.
  virtual Result<std::optional<std::string>> Review(const RoundToReview& round, StopToken stop) = 0;
};

// Asks about the last round, if a person is to be asked, was not yet, and is there. An answer of
// nothing is kept too, so that nobody is asked again.
Status ReviewLastRound(const SessionState& state, const Workbench& bench);

// What a person said of that round; empty: nothing, or nobody is to be listened to.
Result<std::string> HumanFeedback(int round, const Workbench& bench);

}  // namespace caesar
