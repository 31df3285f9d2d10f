// A person whose answers the test knows. Thread-compatible.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "sys/keyboard.h"

namespace caesar {

class FakeKeyboard : public Keyboard {
 public:
  bool attended = true;
  std::deque<Typed> answers;      // an Error (kIo) after the last one
  std::function<void()> on_read;  // called when an answer is waited for
  int reads = 0;
  int discards = 0;

  bool Attended() override { return attended; }
  void Discard() override { ++discards; }
  Result<Typed> ReadLines(std::size_t, StopToken stop) override {
    ++reads;
    if (on_read) on_read();
    if (stop.level() != StopLevel::kNone)
      return Error{ErrorCode::kInterrupted, "interrupted while waiting for an answer", ""};
    if (answers.empty()) return Error{ErrorCode::kIo, "nobody types any more", ""};
    Typed typed = std::move(answers.front());
    answers.pop_front();
    return typed;
  }
};

}  // namespace caesar
