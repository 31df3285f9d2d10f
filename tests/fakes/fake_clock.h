// A clock that stands still until a test moves it. Sleep() moves it and records; nobody waits.
#pragma once

#include <mutex>
#include <vector>

#include "sys/clock.h"

namespace caesar {

class FakeClock : public Clock {
 public:
  SteadyTime Now() override {
    const std::lock_guard lock(mutex_);
    return SteadyTime(elapsed_);
  }

  // Begins at 2026-01-31T12:00:00.000Z.
  std::chrono::system_clock::time_point Utc() override {
    const std::lock_guard lock(mutex_);
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'769'860'800)) + elapsed_;
  }

  Status Sleep(Milliseconds duration, StopToken stop) override {
    if (stop.now()) return Error{ErrorCode::kInterrupted, "interrupted while waiting", ""};
    const std::lock_guard lock(mutex_);
    slept_.push_back(duration);
    elapsed_ += duration;
    return {};
  }

  void Advance(Milliseconds duration) {
    const std::lock_guard lock(mutex_);
    elapsed_ += duration;
  }

  std::vector<Milliseconds> slept() const {
    const std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  mutable std::mutex mutex_;
  Milliseconds elapsed_{0};
  std::vector<Milliseconds> slept_;
};

}  // namespace caesar
