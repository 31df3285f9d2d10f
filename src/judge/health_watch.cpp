#include "judge/health_watch.h"

#include <algorithm>
#include <cmath>

#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr int kShare = 20;  // readings take at most one part of so many of the time
// How far the clock may be from the median of the last readings. An H100 steps in 15 MHz of 1980
// and moves by a few steps under load; what makes it leave by a tenth is no property of a kernel.
constexpr double kDriftMax = 0.1;
constexpr std::size_t kRecentMin = 5;
// A clock that stays elsewhere is the rule after half as many readings.
constexpr std::size_t kRecentMax = 31;
constexpr std::size_t kFineMax = 10'000;

template <class Get>
Spread SpreadOf(const std::vector<DeviceHealth>& readings, Get get) {
  std::vector<double> values;
  for (const DeviceHealth& health : readings) values.push_back(get(health));
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, Median(values), *most};
}

}  // namespace

HealthWatch::Finding HealthWatch::Judge(const DeviceHealth& health) {
  for (const ThrottleReason& reason : kThrottleReasons) {
    if (reason.disqualifies && (health.throttle & reason.bit) != 0) return Finding::kThrottled;
  }
  if (!(health.sm_clock_mhz > 0)) return Finding::kFine;
  const bool known = recent_mhz_.size() >= kRecentMin;
  const double usual = Median(recent_mhz_);
  if (recent_mhz_.size() == kRecentMax) recent_mhz_.erase(recent_mhz_.begin());
  recent_mhz_.push_back(health.sm_clock_mhz);
  const bool drifted = known && std::abs(health.sm_clock_mhz - usual) > kDriftMax * usual;
  return drifted ? Finding::kClockDrift : Finding::kFine;
}

std::optional<HealthWatch::Finding> HealthWatch::Look() {
  if (unreadable_) return std::nullopt;
  const SteadyTime begin = now_();
  const auto health = read_();
  last_end_ = now_();
  last_cost_ = last_end_ - begin;
  unreadable_ = !health.has_value();
  if (unreadable_) return std::nullopt;
  const Finding finding = Judge(*health);
  if (finding == Finding::kFine && fine_.size() < kFineMax) fine_.push_back(*health);
  return finding;
}

std::optional<HealthWatch::Finding> HealthWatch::LookIfDue() {
  if (now_() - last_end_ < kShare * last_cost_) return std::nullopt;
  return Look();
}

std::optional<ClockReadings> HealthWatch::Readings() const {
  if (fine_.empty()) return std::nullopt;
  ClockReadings readings;
  readings.readings = static_cast<int>(fine_.size());
  readings.sm_clock_mhz = SpreadOf(fine_, [](const DeviceHealth& h) { return h.sm_clock_mhz; });
  readings.memory_clock_mhz =
      SpreadOf(fine_, [](const DeviceHealth& h) { return h.memory_clock_mhz; });
  readings.temperature_c_max =
      SpreadOf(fine_, [](const DeviceHealth& h) { return h.temperature_c; }).max;
  readings.power_w_max = SpreadOf(fine_, [](const DeviceHealth& h) { return h.power_w; }).max;
  std::uint64_t seen = 0;
  for (const DeviceHealth& health : fine_) seen |= health.throttle;
  for (const ThrottleReason& reason : kThrottleReasons) {
    if ((seen & reason.bit) != 0) readings.throttling.emplace_back(reason.name);
  }
  return readings;
}

}  // namespace caesar
