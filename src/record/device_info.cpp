#include "record/device_info.h"

#include "base/format.h"
#include "record/describe.h"

namespace caesar {

std::string DeviceInfo::Arch() const {
  if (simulated()) return kSimArch;
  // From Hopper on, the architecture-specific target alone has the tensor-core and TMA
  // instructions.
  return BaseArch() + (compute_major >= 9 ? "a" : "");
}

std::string DeviceInfo::BaseArch() const { return Format("sm_{}{}", compute_major, compute_minor); }

void Describe(JsonIo& io, DeviceInfo& device) {
  io.Field("kind", device.kind);
  io.Field("name", device.name);
  io.Field("uuid", device.uuid);
  io.Field("driver", device.driver);
  io.Field("compute_major", device.compute_major);
  io.Field("compute_minor", device.compute_minor);
  io.Field("sm_count", device.sm_count);
  io.Field("memory_bytes", device.memory_bytes);
  io.Field("l2_bytes", device.l2_bytes);
  io.Field("shared_bytes_per_block_max", device.shared_bytes_per_block_max);
  io.Field("shared_bytes_per_sm", device.shared_bytes_per_sm);
  io.Field("registers_per_sm", device.registers_per_sm);
  io.Field("threads_per_sm_max", device.threads_per_sm_max);
  io.Field("clock_mhz", device.clock_mhz);
  io.Field("bandwidth_gbs", device.bandwidth_gbs);
  io.FieldOrNull("read_gbs", device.read_gbs);
  io.FieldOrNull("fp32_tflops", device.fp32_tflops);
}

std::string ToJson(const DeviceInfo& device) { return WriteJson(device, 2); }

Result<DeviceInfo> ParseDeviceInfo(const std::string& json) {
  return ReadJson<DeviceInfo>(json, "device information");
}

}  // namespace caesar
