// Keeps what a session told of itself, one line per event.
#pragma once

#include <string>
#include <vector>

#include "base/format.h"
#include "record/progress.h"

namespace caesar {

class RecordingProgress : public Progress {
 public:
  const std::vector<std::string>& events() const { return events_; }
  const std::vector<StepDone>& steps() const { return steps_; }

  void OnState(std::string_view state, int round, int rounds) override {
    events_.push_back(Format("state {} {}/{}", state, round, rounds));
  }
  void OnReply(std::int64_t text_bytes, std::int64_t reasoning_bytes) override {
    events_.push_back(Format("reply {} {}", text_bytes, reasoning_bytes));
  }
  void OnDetail(std::string_view text) override { events_.push_back(Format("detail {}", text)); }
  void OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) override {
    events_.push_back(Format("retry {} {} {}", reason, delay_ms, attempt));
  }
  void OnStep(const StepDone& step) override {
    events_.push_back(Format("step {} --{}--> {}", step.from, step.outcome, step.to));
    steps_.push_back(step);
  }

 private:
  std::vector<std::string> events_;
  std::vector<StepDone> steps_;
};

}  // namespace caesar
