// Keeps other contexts' work off the device for a moment: see JudgeDevice::Hold and caesar_hold.
#pragma once

#include <cuda.h>

#include <cstdint>

#include "base/result.h"
#include "cuda/driver.h"

namespace caesar {

class DeviceHold {
 public:
  explicit DeviceHold(const Driver& driver) : driver_(driver) {}
  DeviceHold(const DeviceHold&) = delete;

  // In the current context; once, before all others. The memory lives as long as the context.
  Status Open();

  // Queues `kernel` (caesar_hold) behind what is in the stream, and waits until it runs.
  Status Begin(CUfunction kernel, CUstream stream);
  void End();
  // In us, infinite if it ended by itself; only once it has been waited for.
  double LongestPauseUs() const;

 private:
  struct Words {  // in page-locked memory; each on a line of its own
    alignas(64) std::uint32_t begun;
    alignas(64) std::uint32_t released;
    alignas(64) std::uint64_t longest_ns;
  };

  const Driver& driver_;
  Words* words_ = nullptr;
  std::uint32_t ticket_ = 0;  // of the hold that was begun last
};

}  // namespace caesar
