// Allocation and pointers.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

// Rows begin at multiples of this, as on the hardware.
constexpr std::size_t kPitchAlignment = 512;

int MallocOn(void* stream, void** address, std::size_t bytes, const char* call) {
  return Call([&](Device& device) {
    Stream* found = device.streams.Find(stream);
    if (found == nullptr) return abi::kInvalidResourceHandle;
    const abi::Error error = device.memory.Allocate(bytes, call, address);
    if (error != abi::kSuccess || found->capture == nullptr) return error;
    // The memory of a graph's allocation node exists from its capture on, at the same address for
    // every launch, until the process ends.
    return device.Submit(stream, abi::kNodeMemAlloc, [](Device&) { return abi::kSuccess; });
  });
}

int FreeOn(void* stream, void* address) {
  return Call([&](Device& device) {
    const Stream* found = device.streams.Find(stream);
    if (found == nullptr) return abi::kInvalidResourceHandle;
    if (found->capture == nullptr) return device.memory.Free(address, false);
    return device.Submit(stream, abi::kNodeMemFree, [](Device&) { return abi::kSuccess; });
  });
}

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

CAESAR_CUDA_API int cudaMallocAsync(void** address, std::size_t bytes, void* stream) {
  return MallocOn(stream, address, bytes, "cudaMallocAsync");
}
CAESAR_CUDA_API int cudaMallocAsync_ptsz(void** address, std::size_t bytes, void* stream) {
  return MallocOn(stream, address, bytes, "cudaMallocAsync");
}
CAESAR_CUDA_API int cudaMallocFromPoolAsync(void** address, std::size_t bytes, void* /*pool*/,
                                            void* stream) {
  return MallocOn(stream, address, bytes, "cudaMallocFromPoolAsync");
}
CAESAR_CUDA_API int cudaFreeAsync(void* address, void* stream) { return FreeOn(stream, address); }
CAESAR_CUDA_API int cudaFreeAsync_ptsz(void* address, void* stream) {
  return FreeOn(stream, address);
}

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
// host allocated itself would have to be moved, so kernels cannot use it.
CAESAR_CUDA_API int cudaHostRegister(void*, std::size_t, unsigned) {
  return Unsafe([](Device& device) {
    return device.NotSimulated("cudaHostRegister (memory that the host allocated, on the device)");
  });
}
CAESAR_CUDA_API int cudaHostUnregister(void*) {
  return Unsafe([](Device&) { return abi::kHostMemoryNotRegistered; });
}
CAESAR_CUDA_API int cudaHostGetDevicePointer(void** on_device, void* host, unsigned flags) {
  return Call([&](Device& device) {
    if (on_device == nullptr || flags != 0) return abi::kInvalidValue;
    const bool known = device.memory.TypeOf(host) == abi::kHost;
    *on_device = known ? host : nullptr;
    return known ? abi::kSuccess : abi::kInvalidValue;
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

CAESAR_CUDA_API int cudaPointerGetAttributes(abi::PointerAttributes* attributes,
                                             const void* address) {
  return Call([&](Device& device) {
    if (attributes == nullptr) return abi::kInvalidValue;
    *attributes = {};
    attributes->type = device.memory.TypeOf(address);
    const bool ours = attributes->type != abi::kUnregistered;
    attributes->device = ours ? 0 : -2;  // cudaInvalidDeviceId, as for any host pointer
    if (ours) attributes->devicePointer = const_cast<void*>(address);
    if (attributes->type != abi::kDevice) attributes->hostPointer = const_cast<void*>(address);
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
