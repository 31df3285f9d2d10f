// The judge's side of a device whose tensors lie in host memory: memfds, with guards on their low
// side, slack behind them, and addresses that fault on both sides. The simulated GPU uses it, and
// so do the tests of judge and runner.
//
// What is queued on a GPU is done late and in reverse here, so that a missing wait shows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "device/device.h"

namespace caesar {

inline constexpr std::uint64_t kHostGranule = 65536;  // of a mapping; on an H100 2 MiB

// The memory of one descriptor in this process, between two granules of addresses that fault.
class HostMapping {
 public:
  static Result<HostMapping> Make(int fd, std::uint64_t bytes, bool writable);
  HostMapping(HostMapping&& other) noexcept;
  HostMapping& operator=(HostMapping&&) = delete;
  ~HostMapping();
  unsigned char* begin() const { return reserved_ + kHostGranule; }

 private:
  HostMapping(unsigned char* reserved, std::uint64_t bytes) : reserved_(reserved), bytes_(bytes) {}
  unsigned char* reserved_;
  std::uint64_t bytes_;
};

// What a test makes of the device; empty ones do nothing.
struct HostHooks {
  std::function<void()> turn;    // takes the time until a hold begins
  std::function<double()> hold;  // when it ends: the longest pause, in us
  std::function<std::optional<DeviceHealth>()> health;
  std::function<std::int64_t()> held;  // by others, in bytes
};

// At most info.memory_bytes of tensors fit it at a time. `image`: what runners are given (see
// JudgeDevice::RunnerImage). Bandwidth is not measured: info.bandwidth_gbs counts.
std::unique_ptr<JudgeDevice> MakeHostJudge(DeviceInfo info, std::string image,
                                           HostHooks hooks = {});

}  // namespace caesar
