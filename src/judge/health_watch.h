// The device's own state around the samples: a sample counts if the reading before it and the one
// behind it are fine.
//
// A reading takes from some microseconds to milliseconds, so that there is none for each sample,
// but one whenever readings have taken less than a twentieth of the time; the samples since the
// last one stand or fall together.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "device/health.h"
#include "record/verdict.h"
#include "sys/clock.h"

namespace caesar {

class HealthWatch {
 public:
  using Read = std::function<std::optional<DeviceHealth>()>;
  using Now = std::function<SteadyTime()>;
  enum class Finding { kFine, kThrottled, kClockDrift };

  HealthWatch(Read read, Now now) : read_(std::move(read)), now_(std::move(now)) {}

  // Empty: no reading was due, or the device cannot be asked.
  std::optional<Finding> LookIfDue();
  std::optional<Finding> Look();

  // Of the readings that were fine; empty without any.
  std::optional<ClockReadings> Readings() const;

 private:
  Finding Judge(const DeviceHealth& health);

  Read read_;
  Now now_;
  SteadyTime last_end_{};
  std::chrono::steady_clock::duration last_cost_{0};
  bool unreadable_ = false;
  std::vector<double> recent_mhz_;  // of the last readings, whatever was found
  std::vector<DeviceHealth> fine_;
};

}  // namespace caesar
