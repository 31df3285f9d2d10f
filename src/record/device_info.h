// What the judge says of its device in its hello: recorded in the run, cached per UUID, shown to
// the model.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace caesar {

// The architecture of the simulated GPU, where others have sm_90a.
inline constexpr const char* kSimArch = "sim";

struct DeviceInfo {
  std::string kind = "cuda";  // cuda | sim
  std::string name;           // NVIDIA H100 80GB HBM3
  std::string uuid;           // GPU-xxxxxxxx-xxxx-...
  std::string driver;         // 13.0 (the CUDA version that the driver supports)
  int compute_major = 0;
  int compute_minor = 0;
  int sm_count = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t l2_bytes = 0;
  std::int64_t shared_bytes_per_block_max = 0;  // with opt-in
  std::int64_t shared_bytes_per_sm = 0;
  int registers_per_sm = 0;
  int threads_per_sm_max = 0;
  double clock_mhz = 0;
  // What the device reaches, measured once; 0: unknown. Bytes are 1e9 a second.
  double bandwidth_gbs = 0;  // device-to-device copy, bytes read plus written
  double read_gbs = 0;       // reading alone
  double fp32_tflops = 0;    // fused multiply-adds, two operations each, without tensor cores

  bool simulated() const { return kind == "sim"; }
  // What the compiler builds for: sm_90a on Hopper, sm_100a and newer likewise, else sm_XY; `sim`
  // for the simulated GPU (see build/nvcc_command.h).
  std::string Arch() const;
  // The same without the feature letter (sm_90): enough for code that needs none of its
  // instructions.
  std::string BaseArch() const;
};

std::string ToJson(const DeviceInfo& device);
Result<DeviceInfo> ParseDeviceInfo(const std::string& json);

}  // namespace caesar
