// How far the user has asked us to stop, and how a blocking wait learns of it.
//
// First SIGINT: finish the step and save (kAfterStep). Second, or SIGTERM: stop at once (kNow).
#pragma once

#include <atomic>

namespace caesar {

enum class StopLevel : int { kNone, kAfterStep, kNow };

// Owns the state. One per process, or one per test. Request() is async-signal-safe and only ever
// raises the level.
class StopSource {
 public:
  StopSource();
  ~StopSource();
  StopSource(const StopSource&) = delete;
  StopSource& operator=(const StopSource&) = delete;

  void Request(StopLevel level);
  StopLevel level() const { return level_.load(std::memory_order_relaxed); }
  int wake_fd() const {
    return wake_fd_;
  }  // becomes readable, and stays so, when the level is kNow

 private:
  std::atomic<StopLevel> level_{StopLevel::kNone};
  int wake_fd_ = -1;
};

// A view that every blocking call takes. The default one never stops.
class StopToken {
 public:
  StopToken() = default;
  explicit StopToken(const StopSource& source) : source_(&source) {}

  StopLevel level() const { return source_ == nullptr ? StopLevel::kNone : source_->level(); }
  bool now() const { return level() == StopLevel::kNow; }
  int wake_fd() const {
    return source_ == nullptr ? -1 : source_->wake_fd();
  }  // -1: never; poll() ignores it

 private:
  const StopSource* source_ = nullptr;
};

}  // namespace caesar
