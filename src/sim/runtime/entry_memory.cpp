// Allocation and pointers.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

// Rows begin at multiples of this, as on the hardware.
constexpr std::size_t kPitchAlignment = 512;

int MallocShared(void** address, std::size_t bytes, abi::MemoryType type, const char* call) {
  return Unsafe(
      [&](Device& device) { return device.memory.AllocateShared(bytes, type, call, address); });
}

int FreeAny(void* address, bool host) {
  return Unsafe([&](Device& device) { return device.memory.Free(address, host); });
}

}  // namespace

CAESAR_CUDA_API int cudaMalloc(void** address, std::size_t bytes) {
  return Unsafe(
      [&](Device& device) { return device.memory.Allocate(bytes, "cudaMalloc", address); });
}
CAESAR_CUDA_API int cudaFree(void* address) { return FreeAny(address, false); }

CAESAR_CUDA_API int cudaMallocManaged(void** address, std::size_t bytes, unsigned flags) {
  if (flags != 1 && flags != 2) return Remember(abi::kInvalidValue);
  return MallocShared(address, bytes, abi::kManaged, "cudaMallocManaged");
}
CAESAR_CUDA_API int cudaMallocHost(void** address, std::size_t bytes) {
  return MallocShared(address, bytes, abi::kHost, "cudaMallocHost");
}
CAESAR_CUDA_API int cudaHostAlloc(void** address, std::size_t bytes, unsigned /*flags*/) {
  return MallocShared(address, bytes, abi::kHost, "cudaHostAlloc");
}
CAESAR_CUDA_API int cudaFreeHost(void* address) { return FreeAny(address, true); }

// Page-locked memory that the runtime allocated has one address for both sides. Memory that the
// host allocated itself can be copied to and from; for kernels it would have to be moved
// (cudaDevAttrCanUseHostPointerForRegisteredMem: no).
CAESAR_CUDA_API int cudaHostRegister(void* address, std::size_t bytes, unsigned /*flags*/) {
  return Unsafe([&](Device& device) { return device.memory.Register(address, bytes); });
}
CAESAR_CUDA_API int cudaHostUnregister(void* address) {
  return Unsafe([&](Device& device) { return device.memory.Unregister(address); });
}
CAESAR_CUDA_API int cudaHostGetDevicePointer(void** on_device, void* host, unsigned flags) {
  return Call([&](Device& device) {
    if (on_device == nullptr || flags != 0) return abi::kInvalidValue;
    *on_device = nullptr;
    if (device.memory.Registered(host)) {
      return device.NotSimulated(
          "cudaHostGetDevicePointer of memory that cudaHostRegister was given (kernels that access "
          "memory which the host allocated itself; cudaHostAlloc is simulated)");
    }
    if (device.memory.TypeOf(host) != abi::kHost) return abi::kInvalidValue;
    *on_device = host;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaHostGetFlags(unsigned* flags, void* host) {
  return Call([&](Device& device) {
    if (flags == nullptr || device.memory.TypeOf(host) != abi::kHost) return abi::kInvalidValue;
    *flags = 2;  // cudaHostAllocMapped, as everywhere with unified addresses
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaMallocPitch(void** address, std::size_t* pitch, std::size_t width,
                                    std::size_t height) {
  return Unsafe([&](Device& device) {
    std::size_t padded = 0, bytes = 0;
    if (pitch == nullptr || __builtin_add_overflow(width, kPitchAlignment - 1, &padded)) {
      return abi::kInvalidValue;
    }
    padded = padded / kPitchAlignment * kPitchAlignment;
    if (__builtin_mul_overflow(padded, height, &bytes)) return abi::kMemoryAllocation;
    *pitch = padded;
    return device.memory.Allocate(bytes, "cudaMallocPitch", address);
  });
}

CAESAR_CUDA_API int cudaMalloc3D(abi::PitchedPointer* pointer, abi::Extent extent) {
  if (pointer == nullptr) return Remember(abi::kInvalidValue);
  std::size_t rows = 0;
  if (__builtin_mul_overflow(extent.height, extent.depth, &rows)) {
    return Remember(abi::kMemoryAllocation);
  }
  pointer->xsize = extent.width;
  pointer->ysize = extent.height;
  return cudaMallocPitch(&pointer->ptr, &pointer->pitch, extent.width, rows);
}

CAESAR_CUDA_API int cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return Call([&](Device& device) {
    if (free == nullptr || total == nullptr) return abi::kInvalidValue;
    *free = device.memory.bytes_free();
    *total = device.memory.bytes_max();
    return abi::kSuccess;
  });
}

// CUDA 12's structure ends before CUDA 13's reserved words, which nobody reads.
CAESAR_CUDA_API int cudaPointerGetAttributes(abi::PointerAttributes* attributes,
                                             const void* address) {
  return Call([&](Device& device) {
    if (attributes == nullptr) return abi::kInvalidValue;
    const abi::MemoryType type = device.memory.TypeOf(address);
    const bool ours = type != abi::kUnregistered;
    attributes->type = type;
    attributes->device = ours ? 0 : -2;  // cudaInvalidDeviceId, as for any host pointer
    const bool mapped = ours && !device.memory.Registered(address);
    attributes->devicePointer = mapped ? const_cast<void*>(address) : nullptr;
    attributes->hostPointer = type != abi::kDevice ? const_cast<void*>(address) : nullptr;
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaGetSymbolAddress(void** address, const void* symbol) {
  return Call([&](Device& device) {
    Refusal refusal;
    const GlobalVariable* variable = device.program.FindVariable(symbol, &refusal);
    if (variable == nullptr) return device.Refuse(refusal);
    if (address == nullptr) return abi::kInvalidValue;
    *address = reinterpret_cast<void*>(variable->address);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGetSymbolSize(std::size_t* bytes, const void* symbol) {
  return Call([&](Device& device) {
    Refusal refusal;
    const GlobalVariable* variable = device.program.FindVariable(symbol, &refusal);
    if (variable == nullptr) return device.Refuse(refusal);
    if (bytes == nullptr) return abi::kInvalidValue;
    *bytes = variable->bytes;
    return abi::kSuccess;
  });
}

// Hints about where managed memory should be: it is in one place. CUDA 13's form of the location;
// the calls of CUDA 12 that pass a device number have the same effect.
namespace {
int Hint(const void* address) {
  return Call([&](Device& device) {
    return device.memory.TypeOf(address) == abi::kManaged ? abi::kSuccess : abi::kInvalidValue;
  });
}
}  // namespace
CAESAR_CUDA_API int cudaMemPrefetchAsync(const void* address) { return Hint(address); }
CAESAR_CUDA_API int cudaMemPrefetchAsync_ptsz(const void* address) { return Hint(address); }
CAESAR_CUDA_API int cudaMemPrefetchAsync_v2(const void* address) { return Hint(address); }
CAESAR_CUDA_API int cudaMemPrefetchAsync_v2_ptsz(const void* address) { return Hint(address); }
CAESAR_CUDA_API int cudaMemAdvise(const void* address) { return Hint(address); }
CAESAR_CUDA_API int cudaMemAdvise_v2(const void* address) { return Hint(address); }
CAESAR_CUDA_API int cudaStreamAttachMemAsync(void* /*stream*/, const void* address) {
  return Hint(address);
}
CAESAR_CUDA_API int cudaStreamAttachMemAsync_ptsz(void* stream, const void* address) {
  return cudaStreamAttachMemAsync(stream, address);
}
