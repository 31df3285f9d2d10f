// A person who says what the test wrote for each round. Thread-compatible.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "session/reviewer.h"

namespace caesar {

class FakeReviewer : public Reviewer {
 public:
  std::map<int, std::string> says;  // by round; nothing for the others
  bool absent = false;
  std::function<void()> on_review;
  std::vector<RoundToReview> asked;

  Result<std::optional<std::string>> Review(const RoundToReview& round, StopToken stop) override {
    asked.push_back(round);
    if (on_review) on_review();
    if (stop.level() != StopLevel::kNone)
      return Error{ErrorCode::kInterrupted, "interrupted while waiting for an answer", ""};
    if (absent) return std::optional<std::string>();
    return std::optional(says[round.round]);
  }
};

}  // namespace caesar
