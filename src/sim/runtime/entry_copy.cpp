// cudaMemcpy and cudaMemset in their forms. A synchronous call is ordered by the legacy stream.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

using Plane = DeviceMemory::Plane;

struct Slices {  // of a 3D copy: planes one behind the other
  Plane to, from;
  std::size_t to_slice = 0, from_slice = 0, width = 0, height = 0, depth = 1;
};

// On a stream, or (`synchronous`) on the legacy stream, where a capture forbids it.
int Copy(const Slices& slices, int kind, void* stream, bool synchronous, const char* call) {
  return Enter(true, [&](Device& device) {
    const auto work = [slices, kind, call](Device& running) {
      for (std::size_t z = 0; z < slices.depth; ++z) {
        const auto at = [z](const Plane& plane, std::size_t slice) {
          return Plane{static_cast<const char*>(plane.address) + z * slice, plane.pitch};
        };
        bool touches_host = false;
        const abi::Error error =
            running.memory.Copy(at(slices.to, slices.to_slice), at(slices.from, slices.from_slice),
                                slices.width, slices.height, kind, call, &touches_host);
        if (error != abi::kSuccess) return running.Fail(error);
        if (z == 0) running.NoteCopy(touches_host);
      }
      return abi::kSuccess;
    };
    if (synchronous) {
      if (const abi::Error error = device.streams.Unsafe(); error != abi::kSuccess) return error;
      device.Synchronize();
    }
    return device.Submit(synchronous ? nullptr : stream, abi::kNodeMemcpy, work);
  });
}

int Copy1D(void* to, const void* from, std::size_t bytes, int kind, void* stream, bool synchronous,
           const char* call) {
  Slices slices;
  slices.to = {to, bytes};
  slices.from = {from, bytes};
  slices.width = bytes;
  slices.height = 1;
  return Copy(slices, kind, stream, synchronous, call);
}

int Copy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
           std::size_t width, std::size_t height, int kind, void* stream, bool synchronous,
           const char* call) {
  Slices slices;
  slices.to = {to, to_pitch};
  slices.from = {from, from_pitch};
  slices.width = width;
  slices.height = height;
  return Copy(slices, kind, stream, synchronous, call);
}

int Copy3D(const abi::Memcpy3D* params, void* stream, bool synchronous, const char* call) {
  if (params == nullptr) return Remember(abi::kInvalidValue);
  if (params->srcArray != nullptr || params->dstArray != nullptr) {
    return Call([&](Device& device) { return device.NotSimulated("CUDA arrays"); });
  }
  const auto first = [](const abi::PitchedPointer& pointer, const abi::Position& at) {
    return static_cast<const char*>(pointer.ptr) + (at.z * pointer.ysize + at.y) * pointer.pitch +
           at.x;
  };
  Slices slices;
  slices.to = {first(params->dstPtr, params->dstPos), params->dstPtr.pitch};
  slices.from = {first(params->srcPtr, params->srcPos), params->srcPtr.pitch};
  slices.to_slice = params->dstPtr.pitch * params->dstPtr.ysize;
  slices.from_slice = params->srcPtr.pitch * params->srcPtr.ysize;
  slices.width = params->extent.width;
  slices.height = params->extent.height;
  slices.depth = params->extent.depth;
  return Copy(slices, params->kind, stream, synchronous, call);
}

int Fill(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height,
         void* stream, bool synchronous, const char* call) {
  return Enter(true, [&](Device& device) {
    if (synchronous) {
      if (const abi::Error error = device.streams.Unsafe(); error != abi::kSuccess) return error;
    }
    return device.Submit(synchronous ? nullptr : stream, abi::kNodeMemset, [=](Device& running) {
      return running.Fail(running.memory.Fill({to, pitch}, static_cast<std::uint32_t>(value), 1,
                                              width, height, call));
    });
  });
}

// The range of a variable on the device; `error` where it is not inside.
void* InSymbol(const void* symbol, std::size_t bytes, std::size_t offset, abi::Error* error) {
  void* address = nullptr;
  *error = Call([&](Device& device) {
    Refusal refusal;
    const GlobalVariable* variable = device.program.FindVariable(symbol, &refusal);
    if (variable == nullptr) return device.Refuse(refusal);
    if (offset > variable->bytes || bytes > variable->bytes - offset) return abi::kInvalidValue;
    address = reinterpret_cast<void*>(variable->address + offset);
    return abi::kSuccess;
  });
  return address;
}

int ToSymbol(const void* symbol, const void* from, std::size_t bytes, std::size_t offset, int kind,
             void* stream, bool synchronous, const char* call) {
  if (kind != abi::kHostToDevice && kind != abi::kDeviceToDevice && kind != abi::kDefault) {
    return Remember(abi::kInvalidMemcpyDirection);
  }
  abi::Error error = abi::kSuccess;
  void* to = InSymbol(symbol, bytes, offset, &error);
  return to == nullptr ? error : Copy1D(to, from, bytes, kind, stream, synchronous, call);
}

int FromSymbol(void* to, const void* symbol, std::size_t bytes, std::size_t offset, int kind,
               void* stream, bool synchronous, const char* call) {
  if (kind != abi::kDeviceToHost && kind != abi::kDeviceToDevice && kind != abi::kDefault) {
    return Remember(abi::kInvalidMemcpyDirection);
  }
  abi::Error error = abi::kSuccess;
  const void* from = InSymbol(symbol, bytes, offset, &error);
  return from == nullptr ? error : Copy1D(to, from, bytes, kind, stream, synchronous, call);
}

}  // namespace

// Each call also under the names it has with per-thread default streams.
#define CAESAR_SYNCHRONOUS(name, parameters, ...)                                               \
  CAESAR_CUDA_API int name parameters{__VA_ARGS__} CAESAR_CUDA_API int name##_ptds parameters { \
    __VA_ARGS__                                                                                 \
  }
#define CAESAR_ASYNCHRONOUS(name, parameters, ...)                                              \
  CAESAR_CUDA_API int name parameters{__VA_ARGS__} CAESAR_CUDA_API int name##_ptsz parameters { \
    __VA_ARGS__                                                                                 \
  }

CAESAR_SYNCHRONOUS(cudaMemcpy, (void* to, const void* from, std::size_t bytes, int kind),
                   return Copy1D(to, from, bytes, kind, nullptr, true, "cudaMemcpy");)
CAESAR_ASYNCHRONOUS(cudaMemcpyAsync,
                    (void* to, const void* from, std::size_t bytes, int kind, void* stream),
                    return Copy1D(to, from, bytes, kind, stream, false, "cudaMemcpyAsync");)
CAESAR_SYNCHRONOUS(cudaMemcpy2D,
                   (void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                    std::size_t width, std::size_t height, int kind),
                   return Copy2D(to, to_pitch, from, from_pitch, width, height, kind, nullptr, true,
                                 "cudaMemcpy2D");)
CAESAR_ASYNCHRONOUS(cudaMemcpy2DAsync,
                    (void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                     std::size_t width, std::size_t height, int kind, void* stream),
                    return Copy2D(to, to_pitch, from, from_pitch, width, height, kind, stream,
                                  false, "cudaMemcpy2DAsync");)
CAESAR_SYNCHRONOUS(cudaMemcpy3D, (const abi::Memcpy3D* params),
                   return Copy3D(params, nullptr, true, "cudaMemcpy3D");)
CAESAR_ASYNCHRONOUS(cudaMemcpy3DAsync, (const abi::Memcpy3D* params, void* stream),
                    return Copy3D(params, stream, false, "cudaMemcpy3DAsync");)
CAESAR_SYNCHRONOUS(cudaMemcpyToSymbol,
                   (const void* symbol, const void* from, std::size_t bytes, std::size_t offset,
                    int kind),
                   return ToSymbol(symbol, from, bytes, offset, kind, nullptr, true,
                                   "cudaMemcpyToSymbol");)
CAESAR_ASYNCHRONOUS(cudaMemcpyToSymbolAsync,
                    (const void* symbol, const void* from, std::size_t bytes, std::size_t offset,
                     int kind, void* stream),
                    return ToSymbol(symbol, from, bytes, offset, kind, stream, false,
                                    "cudaMemcpyToSymbolAsync");)
CAESAR_SYNCHRONOUS(cudaMemcpyFromSymbol,
                   (void* to, const void* symbol, std::size_t bytes, std::size_t offset, int kind),
                   return FromSymbol(to, symbol, bytes, offset, kind, nullptr, true,
                                     "cudaMemcpyFromSymbol");)
CAESAR_ASYNCHRONOUS(cudaMemcpyFromSymbolAsync,
                    (void* to, const void* symbol, std::size_t bytes, std::size_t offset, int kind,
                     void* stream),
                    return FromSymbol(to, symbol, bytes, offset, kind, stream, false,
                                      "cudaMemcpyFromSymbolAsync");)
CAESAR_SYNCHRONOUS(cudaMemset, (void* to, int value, std::size_t bytes),
                   return Fill(to, bytes, value, bytes, 1, nullptr, true, "cudaMemset");)
CAESAR_ASYNCHRONOUS(cudaMemsetAsync, (void* to, int value, std::size_t bytes, void* stream),
                    return Fill(to, bytes, value, bytes, 1, stream, false, "cudaMemsetAsync");)
CAESAR_SYNCHRONOUS(cudaMemset2D,
                   (void* to, std::size_t pitch, int value, std::size_t width, std::size_t height),
                   return Fill(to, pitch, value, width, height, nullptr, true, "cudaMemset2D");)
CAESAR_ASYNCHRONOUS(cudaMemset2DAsync,
                    (void* to, std::size_t pitch, int value, std::size_t width, std::size_t height,
                     void* stream),
                    return Fill(to, pitch, value, width, height, stream, false,
                                "cudaMemset2DAsync");)

// One device: a copy between peers is a copy on it.
CAESAR_CUDA_API int cudaMemcpyPeer(void* to, int to_device, const void* from, int from_device,
                                   std::size_t bytes) {
  if (to_device != 0 || from_device != 0) return Remember(abi::kInvalidDevice);
  return cudaMemcpy(to, from, bytes, abi::kDeviceToDevice);
}
CAESAR_CUDA_API int cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device,
                                        std::size_t bytes, void* stream) {
  if (to_device != 0 || from_device != 0) return Remember(abi::kInvalidDevice);
  return cudaMemcpyAsync(to, from, bytes, abi::kDeviceToDevice, stream);
}
