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

  // Starts `kernel` (caesar_hold) on a stream of its own, beside which other kernels of this
  // context run, and waits until it has begun.
  Status Begin(CUfunction kernel);
  void End();
  // Waits for the end; in us, infinite if it ended by itself or failed.
  double LongestPauseUs() const;

 private:
  struct Words {  // in page-locked memory; each on a line of its own
    alignas(64) std::uint32_t begun;
    alignas(64) std::uint32_t released;
    alignas(64) std::uint64_t longest_ns;
  };

  const Driver& driver_;
  CUstream stream_ = nullptr;
  Words* words_ = nullptr;
  std::uint32_t ticket_ = 0;  // of the hold that was begun last
};

}  // namespace caesar
