#include "cuda/probe.h"

#include <cstdint>
#include <utility>

#include "base/format.h"

namespace caesar {
namespace {

Result<int> Attribute(const Driver& driver, CUdevice device, CUdevice_attribute attribute) {
  int value = 0;
  TRY(driver.Check(driver.cuDeviceGetAttribute_(&value, attribute, device),
                   "reading a device attribute"));
  return value;
}

}  // namespace

Result<DeviceInfo> ProbeDevice(const Driver& driver, CUdevice device) {
  const auto attribute = [&](CUdevice_attribute which) { return Attribute(driver, device, which); };
  DeviceInfo info;
  char name[128] = {};
  TRY(driver.Check(driver.cuDeviceGetName_(name, sizeof name - 1, device),
                   "reading the GPU's name"));
  info.name = name;
  info.uuid = TRY(UuidOf(driver, device));
  int version = 0;
  TRY(driver.Check(driver.cuDriverGetVersion_(&version), "reading the driver's version"));
  info.driver = Format("{}.{}", version / 1000, version % 1000 / 10);
  std::size_t memory_bytes = 0;
  TRY(driver.Check(driver.cuDeviceTotalMem_(&memory_bytes, device),
                   "reading the GPU's memory size"));
  info.memory_bytes = static_cast<std::int64_t>(memory_bytes);
  info.compute_major = TRY(attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  info.compute_minor = TRY(attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
  info.sm_count = TRY(attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
  info.l2_bytes = TRY(attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  info.shared_bytes_per_block_max =
      TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  info.shared_bytes_per_sm =
      TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR));
  info.registers_per_sm = TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR));
  info.threads_per_sm_max = TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR));
  info.clock_mhz = TRY(attribute(CU_DEVICE_ATTRIBUTE_CLOCK_RATE)) / 1000.0;
  return info;
}

Result<double> MeasureCopyBandwidth(const Driver& driver, CUstream stream) {
  std::uint64_t bytes = std::uint64_t{1} << 30;  // 20 times an H100's L2
  CUdeviceptr from = 0;
  CUdeviceptr to = 0;
  while (driver.cuMemAlloc_(&from, 2 * bytes) != CUDA_SUCCESS) {
    bytes /= 2;
    if (bytes < (std::uint64_t{1} << 26)) return 0.0;  // too full to tell
  }
  to = from + bytes;
  CUevent begin = nullptr;
  CUevent end = nullptr;
  float best_ms = 0;
  Status status = driver.Check(driver.cuEventCreate_(&begin, CU_EVENT_DEFAULT), "making an event");
  if (status.ok())
    status = driver.Check(driver.cuEventCreate_(&end, CU_EVENT_DEFAULT), "making an event");
  if (status.ok())
    status = driver.Check(driver.cuMemsetD8Async_(from, 1, 2 * bytes, stream), "writing memory");
  for (int i = 0; i < 5 && status.ok(); ++i) {
    driver.cuEventRecord_(begin, stream);
    driver.cuMemcpyDtoDAsync_(to, from, bytes, stream);
    driver.cuEventRecord_(end, stream);
    status = driver.Check(driver.cuEventSynchronize_(end), "copying memory");
    float ms = 0;
    driver.cuEventElapsedTime_(&ms, begin, end);
    if (i > 0 && (best_ms == 0 || ms < best_ms)) best_ms = ms;
  }
  driver.cuMemFree_(from);
  TRY(std::move(status));
  return best_ms > 0 ? 2.0 * static_cast<double>(bytes) / (static_cast<double>(best_ms) * 1e6)
                     : 0.0;
}

}  // namespace caesar
