// The little of NVML that we read: clocks, temperature, power, and why a GPU is slower than it
// could be. Nothing is ever set. Declared here, since nvml.h is in no CUDA package that building
// needs; the names and values are those of NVIDIA's "NVML API Reference", whose ABI is stable.
#pragma once

#include <optional>
#include <string>

#include "device/health.h"

namespace caesar {

class Nvml {
 public:
  // Empty where libnvidia-ml.so.1 is missing, or does not know the GPU of that UUID (a MIG slice).
  static std::optional<Nvml> Open(const std::string& uuid);

  // Empty if the GPU does not even tell its clock.
  std::optional<DeviceHealth> Read() const;

 private:
  using Device = struct nvmlDevice_st*;

  struct Library;
  static const Library* Load();

  Nvml(const Library& library, Device device) : library_(&library), device_(device) {}

  const Library* library_;
  Device device_;
};

}  // namespace caesar
