// Time as a seam: tests move it and never sleep.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "sys/stop.h"

namespace caesar {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime Now() = 0;
  virtual std::chrono::system_clock::time_point Utc() = 0;
  // Sleeps, or returns kInterrupted as soon as `stop` says kNow.
  virtual Status Sleep(Milliseconds duration, StopToken stop) = 0;
};

Clock& RealClock();

std::string UtcText(std::chrono::system_clock::time_point time);     // 2026-01-31T23:59:59.123Z
std::string UtcCompact(std::chrono::system_clock::time_point time);  // 20260131-235959

}  // namespace caesar
