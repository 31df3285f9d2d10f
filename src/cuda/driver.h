// The CUDA driver API as a table of functions, loaded from libcuda.so.1.
#pragma once

#include <cuda.h>

#include <string>

#include "base/result.h"
#include "cuda/library.h"

namespace caesar {

// Every driver function that we call.
#define CAESAR_DRIVER_FUNCTIONS(X)  \
  X(cuInit)                         \
  X(cuDriverGetVersion)             \
  X(cuGetErrorName)                 \
  X(cuGetErrorString)               \
  X(cuDeviceGet)                    \
  X(cuDeviceGetCount)               \
  X(cuDeviceGetName)                \
  X(cuDeviceGetUuid)                \
  X(cuDeviceGetAttribute)           \
  X(cuDeviceTotalMem)               \
  X(cuDevicePrimaryCtxRetain)       \
  X(cuDevicePrimaryCtxSetFlags)     \
  X(cuCtxSetCurrent)                \
  X(cuCtxSynchronize)               \
  X(cuCtxResetPersistingL2Cache)    \
  X(cuMemGetInfo)                   \
  X(cuMemAlloc)                     \
  X(cuMemFree)                      \
  X(cuMemAllocHost)                 \
  X(cuMemcpyDtoH)                   \
  X(cuMemcpyDtoDAsync)              \
  X(cuMemcpyDtoHAsync)              \
  X(cuMemsetD8Async)                \
  X(cuMemsetD32Async)               \
  X(cuMemCreate)                    \
  X(cuMemRelease)                   \
  X(cuMemAddressReserve)            \
  X(cuMemAddressFree)               \
  X(cuMemMap)                       \
  X(cuMemUnmap)                     \
  X(cuMemSetAccess)                 \
  X(cuMemGetAllocationGranularity)  \
  X(cuMemExportToShareableHandle)   \
  X(cuMemImportFromShareableHandle) \
  X(cuModuleLoadData)               \
  X(cuModuleGetFunction)            \
  X(cuLaunchKernel)                 \
  X(cuStreamCreate)                 \
  X(cuStreamSynchronize)            \
  X(cuStreamQuery)                  \
  X(cuEventCreate)                  \
  X(cuEventRecord)                  \
  X(cuEventSynchronize)             \
  X(cuEventElapsedTime)

struct Driver {
  CAESAR_LIBRARY_TABLE(CAESAR_DRIVER_FUNCTIONS)

  // Loads libcuda and calls cuInit, once per process. Errors (kEnvironment): no driver, no device.
  static Result<const Driver*> Load();

  // `what` was tried; an Error (kEnvironment) if it failed.
  Status Check(CUresult result, const char* what) const;
  std::string Explain(CUresult result) const;  // CUDA_ERROR_OUT_OF_MEMORY: out of memory
};

// The device that `selector` names: auto and cuda are the first one that CUDA shows, cuda:N the
// N-th.
Result<CUdevice> FindDevice(const Driver& driver, const std::string& selector);
Result<std::string> UuidOf(const Driver& driver,
                           CUdevice device);  // GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx

// Makes the device's primary context the calling thread's. Waits in it spin instead of sleeping:
// the judge's clock is the trusted one.
Status EnterContext(const Driver& driver, CUdevice device);

}  // namespace caesar
