// The device itself: there is one, number 0.
#include <cstdio>

#include "sim/device_limits.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/properties.h"

using namespace caesar::sim;

namespace {

int OnDevice(int number, abi::Error (*body)()) {
  return Call([&](Device&) { return number == 0 ? body() : abi::kInvalidDevice; });
}

template <class T>
int Put(T* to, T value) {
  return Call([&](Device&) {
    if (to == nullptr) return abi::kInvalidValue;
    *to = value;
    return abi::kSuccess;
  });
}

int Properties(void* to, int number, void (*fill)(void*, std::uint64_t)) {
  return Call([&](Device& device) {
    if (to == nullptr) return abi::kInvalidValue;
    if (number != 0) return abi::kInvalidDevice;
    fill(to, device.memory.bytes_max());
    return abi::kSuccess;
  });
}

abi::Error Nothing() { return abi::kSuccess; }

}  // namespace

CAESAR_CUDA_API int cudaGetDeviceCount(int* count) { return Put(count, 1); }
CAESAR_CUDA_API int cudaGetDevice(int* device) { return Put(device, 0); }
CAESAR_CUDA_API int cudaSetDevice(int device) { return OnDevice(device, Nothing); }
CAESAR_CUDA_API int cudaInitDevice(int device, unsigned, unsigned) {
  return OnDevice(device, Nothing);
}
CAESAR_CUDA_API int cudaSetDeviceFlags(unsigned) {
  return Call([](Device&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaGetDeviceFlags(unsigned* flags) { return Put(flags, 0U); }
CAESAR_CUDA_API int cudaSetValidDevices(int*, int) {
  return Call([](Device&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaChooseDevice(int* device, const void*) { return Put(device, 0); }

CAESAR_CUDA_API int cudaDeviceGetAttribute(int* value, int attribute, int number) {
  return Call([&](Device&) {
    if (value == nullptr) return abi::kInvalidValue;
    if (number != 0) return abi::kInvalidDevice;
    const std::optional<int> found = DeviceAttribute(attribute);
    if (!found.has_value()) return abi::kInvalidValue;
    *value = *found;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGetDeviceProperties(void* properties, int device) {
  return Properties(properties, device, FillProperties13);
}
CAESAR_CUDA_API int cudaGetDeviceProperties_v2(void* properties, int device) {
  return Properties(properties, device, FillProperties12);
}

CAESAR_CUDA_API int cudaDeviceSynchronize() {
  return Unsafe([](Device& device) { return device.Synchronize(); });
}
// What is allocated stays: the runner's tensors are among it.
CAESAR_CUDA_API int cudaDeviceReset() {
  return Unsafe([](Device& device) { return device.Synchronize(); });
}

CAESAR_CUDA_API int cudaDeviceGetLimit(std::size_t* value, int limit) {
  return Call([&](Device& device) {
    if (value == nullptr) return abi::kInvalidValue;
    const auto found = device.limits.find(limit);
    if (found == device.limits.end()) return abi::kUnsupportedLimit;
    *value = found->second;
    return abi::kSuccess;
  });
}
// The sizes of the heap and of printf's buffer take effect; that of the stack is kept and read
// back: calls may nest as deep as the simulator's own limit allows.
CAESAR_CUDA_API int cudaDeviceSetLimit(int limit, std::size_t value) {
  return Unsafe([&](Device& device) {
    const auto found = device.limits.find(limit);
    if (found == device.limits.end()) return abi::kUnsupportedLimit;
    constexpr std::size_t kMax = std::size_t{1} << 32;
    if (limit == abi::kLimitStack && value > DeviceLimits::kLocalBytesPerThread) {
      return abi::kInvalidValue;
    }
    if (value > kMax) return abi::kMemoryAllocation;
    found->second = value;
    if (limit == abi::kLimitHeap) device.memory.heap().bytes_max = value;
    if (limit == abi::kLimitPrintf) device.memory.heap().printf_bytes_max = value;
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  if (least != nullptr) *least = abi::kPriorityLeast;
  if (greatest != nullptr) *greatest = abi::kPriorityGreatest;
  return abi::kSuccess;
}
CAESAR_CUDA_API int cudaDeviceGetCacheConfig(int* config) { return Put(config, 0); }
CAESAR_CUDA_API int cudaDeviceSetCacheConfig(int) {
  return Call([](Device&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaDeviceGetSharedMemConfig(int* config) { return Put(config, 1); }
CAESAR_CUDA_API int cudaDeviceSetSharedMemConfig(int) {
  return Call([](Device&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaDeviceCanAccessPeer(int* can, int, int) { return Put(can, 0); }
CAESAR_CUDA_API int cudaDeviceGetPCIBusId(char* text, int bytes, int number) {
  return Call([&](Device&) {
    if (text == nullptr || bytes <= 0) return abi::kInvalidValue;
    if (number != 0) return abi::kInvalidDevice;
    std::snprintf(text, static_cast<std::size_t>(bytes), "0000:00:00.0");
    return abi::kSuccess;
  });
}

// There is no driver below whose functions could be handed out.
namespace {
int NoEntryPoint(void** function, int* status) {
  if (function != nullptr) *function = nullptr;
  if (status != nullptr) *status = 1;  // cudaDriverEntryPointSymbolNotFound
  return Call([](Device& device) {
    return device.NotSimulated("cudaGetDriverEntryPoint (the CUDA driver's functions)");
  });
}
}  // namespace
CAESAR_CUDA_API int cudaGetDriverEntryPoint(const char*, void** function, unsigned long long,
                                            int* status) {
  return NoEntryPoint(function, status);
}
CAESAR_CUDA_API int cudaGetDriverEntryPoint_ptsz(const char*, void** function, unsigned long long,
                                                 int* status) {
  return NoEntryPoint(function, status);
}
CAESAR_CUDA_API int cudaGetDriverEntryPointByVersion(const char*, void** function, unsigned,
                                                     unsigned long long, int* status) {
  return NoEntryPoint(function, status);
}
CAESAR_CUDA_API int cudaGetDriverEntryPointByVersion_ptsz(const char*, void** function, unsigned,
                                                          unsigned long long, int* status) {
  return NoEntryPoint(function, status);
}

// One device has no peers.
CAESAR_CUDA_API int cudaDeviceEnablePeerAccess(int, unsigned) {
  return Call([](Device&) { return abi::kInvalidDevice; });
}
CAESAR_CUDA_API int cudaDeviceDisablePeerAccess(int) {
  return Call([](Device&) { return abi::kInvalidDevice; });
}
CAESAR_CUDA_API int cudaDeviceGetP2PAttribute(int*, int, int, int) {
  return Call([](Device&) { return abi::kInvalidDevice; });
}
CAESAR_CUDA_API int cudaDeviceGetByPCIBusId(int* device, const char* text) {
  return Call([&](Device&) {
    if (device == nullptr || text == nullptr) return abi::kInvalidValue;
    unsigned domain = 0, bus = 0, slot = 0;
    if (std::sscanf(text, "%x:%x:%x", &domain, &bus, &slot) < 2) return abi::kInvalidValue;
    if (domain != 0 || bus != 0 || slot != 0) return abi::kInvalidDevice;
    *device = 0;
    return abi::kSuccess;
  });
}

// Memory of graphs' allocation nodes is not kept back.
CAESAR_CUDA_API int cudaDeviceGraphMemTrim(int device) { return OnDevice(device, Nothing); }

// Calls of CUDA 12 that CUDA 13 has dropped.
CAESAR_CUDA_API int cudaThreadSynchronize() { return cudaDeviceSynchronize(); }
CAESAR_CUDA_API int cudaThreadExit() { return cudaDeviceReset(); }
CAESAR_CUDA_API int cudaThreadGetLimit(std::size_t* value, int limit) {
  return cudaDeviceGetLimit(value, limit);
}
CAESAR_CUDA_API int cudaThreadSetLimit(int limit, std::size_t value) {
  return cudaDeviceSetLimit(limit, value);
}
CAESAR_CUDA_API int cudaThreadGetCacheConfig(int* config) {
  return cudaDeviceGetCacheConfig(config);
}
CAESAR_CUDA_API int cudaThreadSetCacheConfig(int config) {
  return cudaDeviceSetCacheConfig(config);
}
CAESAR_CUDA_API int cudaSetDoubleForDevice(double*) { return abi::kSuccess; }
CAESAR_CUDA_API int cudaSetDoubleForHost(double*) { return abi::kSuccess; }
