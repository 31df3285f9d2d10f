// Memory that is ordered by streams, and the pools that it comes from.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

int MallocOn(void* stream, void* pool, void** address, std::size_t bytes, const char* call) {
  return Call([&](Device& device) {
    const Stream* found = device.streams.Find(stream);
    if (found == nullptr) return abi::kInvalidResourceHandle;
    const std::shared_ptr<Pool> from =
        device.pools.Find(pool == nullptr ? device.pools.current() : pool);
    if (from == nullptr) return abi::kInvalidValue;
    const abi::Error error = device.memory.Allocate(bytes, call, address, from);
    if (error != abi::kSuccess || found->capture == nullptr) return error;
    return device.Submit(stream, AllocateTask{*address, bytes});
  });
}

int FreeOn(void* stream, void* address) {
  return Call([&](Device& device) {
    const Stream* found = device.streams.Find(stream);
    if (found == nullptr) return abi::kInvalidResourceHandle;
    if (found->capture == nullptr) return device.memory.Free(address, false);
    return device.Submit(stream, FreeTask{address});
  });
}

template <class Body>
int OnPool(void* pool, Body&& body) {
  return Call([&](Device& device) {
    const std::shared_ptr<Pool> found = device.pools.Find(pool);
    return found == nullptr ? abi::kInvalidValue : body(device, *found);
  });
}

int PoolOf(void** pool, int device_number, void* (Pools::*which)()) {
  return Call([&](Device& device) {
    if (pool == nullptr) return abi::kInvalidValue;
    if (device_number != 0) return abi::kInvalidDevice;
    *pool = (device.pools.*which)();
    return abi::kSuccess;
  });
}

// A place that is the device; else the answer for all others.
abi::Error Check(Device& device, const abi::MemLocation* location, int type) {
  constexpr int kPinned = 1;
  if (location == nullptr) return abi::kInvalidValue;
  if (location->type != abi::kLocationDevice || type != kPinned) {
    return device.NotSimulated("memory pools of other places than the device");
  }
  return location->id == 0 ? abi::kSuccess : abi::kInvalidDevice;
}

int PoolAt(void** pool, const abi::MemLocation* location, int type, void* (Pools::*which)()) {
  return Call([&](Device& device) {
    if (pool == nullptr) return abi::kInvalidValue;
    const abi::Error error = Check(device, location, type);
    if (error == abi::kSuccess) *pool = (device.pools.*which)();
    return error;
  });
}

}  // namespace

CAESAR_CUDA_API int cudaMallocAsync(void** address, std::size_t bytes, void* stream) {
  return MallocOn(stream, nullptr, address, bytes, "cudaMallocAsync");
}
CAESAR_CUDA_API int cudaMallocAsync_ptsz(void** address, std::size_t bytes, void* stream) {
  return cudaMallocAsync(address, bytes, stream);
}
CAESAR_CUDA_API int cudaMallocFromPoolAsync(void** address, std::size_t bytes, void* pool,
                                            void* stream) {
  if (pool == nullptr) return Remember(abi::kInvalidValue);
  return MallocOn(stream, pool, address, bytes, "cudaMallocFromPoolAsync");
}
CAESAR_CUDA_API int cudaMallocFromPoolAsync_ptsz(void** address, std::size_t bytes, void* pool,
                                                 void* stream) {
  return cudaMallocFromPoolAsync(address, bytes, pool, stream);
}
CAESAR_CUDA_API int cudaFreeAsync(void* address, void* stream) { return FreeOn(stream, address); }
CAESAR_CUDA_API int cudaFreeAsync_ptsz(void* address, void* stream) {
  return FreeOn(stream, address);
}

CAESAR_CUDA_API int cudaDeviceGetDefaultMemPool(void** pool, int device) {
  return PoolOf(pool, device, &Pools::first);
}
CAESAR_CUDA_API int cudaDeviceGetMemPool(void** pool, int device) {
  return PoolOf(pool, device, &Pools::current);
}
CAESAR_CUDA_API int cudaDeviceSetMemPool(int number, void* pool) {
  return Call([&](Device& device) {
    return number != 0 ? abi::kInvalidDevice : device.pools.SetCurrent(pool);
  });
}
CAESAR_CUDA_API int cudaMemGetDefaultMemPool(void** pool, const abi::MemLocation* location,
                                             int type) {
  return PoolAt(pool, location, type, &Pools::first);
}
CAESAR_CUDA_API int cudaMemGetMemPool(void** pool, const abi::MemLocation* location, int type) {
  return PoolAt(pool, location, type, &Pools::current);
}
CAESAR_CUDA_API int cudaMemSetMemPool(const abi::MemLocation* location, int type, void* pool) {
  return Call([&](Device& device) {
    const abi::Error error = Check(device, location, type);
    return error != abi::kSuccess ? error : device.pools.SetCurrent(pool);
  });
}

CAESAR_CUDA_API int cudaMemPoolCreate(void** pool, const abi::MemPoolProps* properties) {
  return Call([&](Device& device) {
    if (properties == nullptr) return abi::kInvalidValue;
    const abi::Error error = device.pools.Create(*properties, pool);
    if (error == abi::kMemoryAllocation) return device.NotSimulated("more than 4096 memory pools");
    if (error != abi::kNotSupported) return error;
    return device.NotSimulated(
        "memory pools of other places than the device, or shared with other processes");
  });
}
CAESAR_CUDA_API int cudaMemPoolDestroy(void* pool) {
  return Call([&](Device& device) { return device.pools.Destroy(pool); });
}
CAESAR_CUDA_API int cudaMemPoolSetAttribute(void* pool, int attribute, const void* value) {
  return OnPool(pool, [&](Device&, Pool& found) { return found.Set(attribute, value); });
}
CAESAR_CUDA_API int cudaMemPoolGetAttribute(void* pool, int attribute, void* value) {
  return OnPool(pool, [&](Device&, const Pool& found) { return found.Get(attribute, value); });
}
CAESAR_CUDA_API int cudaMemPoolTrimTo(void* pool, std::size_t /*bytes*/) {
  return OnPool(pool, [](Device&, const Pool&) { return abi::kSuccess; });
}
// The one device may always access its own pools.
CAESAR_CUDA_API int cudaMemPoolSetAccess(void* pool, const abi::MemAccess* access,
                                         std::size_t count) {
  return OnPool(pool, [&](Device&, const Pool&) {
    if (count != 0 && access == nullptr) return abi::kInvalidValue;
    for (std::size_t i = 0; i < count; ++i) {
      const abi::MemLocation& location = access[i].location;
      if (location.type != abi::kLocationDevice || location.id != 0) return abi::kInvalidDevice;
    }
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaMemPoolGetAccess(int* flags, void* pool, const abi::MemLocation* location) {
  return OnPool(pool, [&](Device&, const Pool&) {
    constexpr int kNone = 0, kReadWrite = 3;
    if (flags == nullptr || location == nullptr) return abi::kInvalidValue;
    const bool own = location->type == abi::kLocationDevice && location->id == 0;
    *flags = own ? kReadWrite : kNone;
    return abi::kSuccess;
  });
}
