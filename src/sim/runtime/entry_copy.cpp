// cudaMemcpy and cudaMemset in their forms. A synchronous call is ordered by the legacy stream.
#include "sim/runtime/entry_graph.h"

using namespace caesar::sim;

namespace {

// On a stream, or (`synchronous`) on the legacy stream, where a capture forbids it.
int Do(Task task, void* stream, bool synchronous) {
  return Enter(true, [&](Device& device) {
    if (synchronous) {
      if (const abi::Error error = device.streams.Unsafe(); error != abi::kSuccess) return error;
      device.Synchronize();
    }
    return device.Submit(synchronous ? nullptr : stream, std::move(task));
  });
}

int Copy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
           std::size_t width, std::size_t height, int kind, void* stream, bool synchronous,
           const char* call) {
  return Do(CopyOfRows(to, to_pitch, from, from_pitch, width, height, kind, call), stream,
            synchronous);
}

int Copy1D(void* to, const void* from, std::size_t bytes, int kind, void* stream, bool synchronous,
           const char* call) {
  return Copy2D(to, bytes, from, bytes, bytes, 1, kind, stream, synchronous, call);
}

int Copy3D(const abi::Memcpy3D* params, void* stream, bool synchronous, const char* call) {
  if (params == nullptr) return Remember(abi::kInvalidValue);
  if (params->srcArray != nullptr || params->dstArray != nullptr) {
    return Call([&](Device& device) { return device.NotSimulated("CUDA arrays"); });
  }
  return Do(CopyTask{*params, call}, stream, synchronous);
}

// One device: a copy between peers is a copy on it.
int CopyPeer(const abi::Memcpy3DPeer* params, void* stream, bool synchronous, const char* call) {
  if (params == nullptr) return Remember(abi::kInvalidValue);
  if (params->srcDevice != 0 || params->dstDevice != 0) return Remember(abi::kInvalidDevice);
  const abi::Memcpy3D plain{params->srcArray, params->srcPos, params->srcPtr, params->dstArray,
                            params->dstPos,   params->dstPtr, params->extent, abi::kDefault};
  return Copy3D(&plain, stream, synchronous, call);
}

int Fill(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height,
         void* stream, bool synchronous, const char* call) {
  const abi::MemsetParams what{to, pitch, static_cast<std::uint32_t>(value), 1, width, height};
  return Do(FillTask{what, 1, 0, call}, stream, synchronous);
}

int Fill3D(abi::PitchedPointer to, int value, abi::Extent extent, void* stream, bool synchronous,
           const char* call) {
  const abi::MemsetParams what{to.ptr, to.pitch,     static_cast<std::uint32_t>(value),
                               1,      extent.width, extent.height};
  std::size_t slice = 0;
  if (const abi::Error error = SliceOf(to, 0, extent, &slice)) return Remember(error);
  return Do(FillTask{what, extent.depth, slice, call}, stream, synchronous);
}

// The range of a variable on the device; `error` where it is not inside.
void* InVariable(const void* symbol, std::size_t bytes, std::size_t offset, abi::Error* error) {
  void* address = nullptr;
  *error = Call([&](Device& device) { return InSymbol(device, symbol, bytes, offset, &address); });
  return address;
}

int ToSymbol(const void* symbol, const void* from, std::size_t bytes, std::size_t offset, int kind,
             void* stream, bool synchronous, const char* call) {
  if (kind != abi::kHostToDevice && kind != abi::kDeviceToDevice && kind != abi::kDefault) {
    return Remember(abi::kInvalidMemcpyDirection);
  }
  abi::Error error = abi::kSuccess;
  void* to = InVariable(symbol, bytes, offset, &error);
  return to == nullptr ? error : Copy1D(to, from, bytes, kind, stream, synchronous, call);
}

int FromSymbol(void* to, const void* symbol, std::size_t bytes, std::size_t offset, int kind,
               void* stream, bool synchronous, const char* call) {
  if (kind != abi::kDeviceToHost && kind != abi::kDeviceToDevice && kind != abi::kDefault) {
    return Remember(abi::kInvalidMemcpyDirection);
  }
  abi::Error error = abi::kSuccess;
  const void* from = InVariable(symbol, bytes, offset, &error);
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

CAESAR_SYNCHRONOUS(cudaMemset3D, (abi::PitchedPointer to, int value, abi::Extent extent),
                   return Fill3D(to, value, extent, nullptr, true, "cudaMemset3D");)
CAESAR_ASYNCHRONOUS(cudaMemset3DAsync,
                    (abi::PitchedPointer to, int value, abi::Extent extent, void* stream),
                    return Fill3D(to, value, extent, stream, false, "cudaMemset3DAsync");)
CAESAR_SYNCHRONOUS(cudaMemcpy3DPeer, (const abi::Memcpy3DPeer* params),
                   return CopyPeer(params, nullptr, true, "cudaMemcpy3DPeer");)
CAESAR_ASYNCHRONOUS(cudaMemcpy3DPeerAsync, (const abi::Memcpy3DPeer* params, void* stream),
                    return CopyPeer(params, stream, false, "cudaMemcpy3DPeerAsync");)

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

// Copies that may be done in any order: they are done in the order given. CUDA 12.8's form has one
// more parameter, the number of the copy that failed.
namespace {
int CopyBatch(void* const* to, const void* const* from, const std::size_t* bytes, std::size_t count,
              std::size_t* failed, void* stream) {
  if (count != 0 && (to == nullptr || from == nullptr || bytes == nullptr)) {
    return Remember(abi::kInvalidValue);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const int error =
        Copy1D(to[i], from[i], bytes[i], abi::kDefault, stream, false, "cudaMemcpyBatchAsync");
    if (error == abi::kSuccess) continue;
    if (failed != nullptr) *failed = i;
    return error;
  }
  return abi::kSuccess;
}
}  // namespace
CAESAR_ASYNCHRONOUS(cudaMemcpyBatchAsync,
                    (void* const* to, const void* const* from, const std::size_t* bytes,
                     std::size_t count, void* /*attributes*/, std::size_t* /*indices*/,
                     std::size_t /*attribute_count*/, void* last, void* stream),
                    return CudaMajor() < 13 ? CopyBatch(to, from, bytes, count,
                                                        static_cast<std::size_t*>(last), stream)
                                            : CopyBatch(to, from, bytes, count, nullptr, last);)
