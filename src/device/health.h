// What a device says of its own state: clocks, temperature, power, and why it is slower than it
// could be. Never set, only read.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace caesar {

// Bits of DeviceHealth::throttle, with the values of NVML's nvmlClocksEventReasons.
struct ThrottleReason {
  std::uint64_t bit;
  std::string_view name;
  bool disqualifies;  // a sample taken under it says nothing of the kernel
};

// What comes from heat, the board or its supply strikes at any moment and one runner alone, and so
// disqualifies. The software power cap is how a busy H100 lives: its clocks follow the load within
// milliseconds and meet all runners alike, since they are timed in turn; clocks that somebody chose
// (settings, sync boost) are the same for all. An idle device is merely between two kernels.
inline constexpr std::array kThrottleReasons = {
    ThrottleReason{0x1, "idle", false},
    ThrottleReason{0x2, "clocks_setting", false},
    ThrottleReason{0x4, "software_power_cap", false},
    ThrottleReason{0x8, "hardware_slowdown", true},
    ThrottleReason{0x10, "sync_boost", false},
    ThrottleReason{0x20, "software_thermal_slowdown", true},
    ThrottleReason{0x40, "hardware_thermal_slowdown", true},
    ThrottleReason{0x80, "power_brake", true},
    ThrottleReason{0x100, "display_clock", false},
};

// 0 where the device does not tell.
struct DeviceHealth {
  double sm_clock_mhz = 0;
  double memory_clock_mhz = 0;
  double temperature_c = 0;
  double power_w = 0;
  std::uint64_t throttle = 0;
};

}  // namespace caesar
