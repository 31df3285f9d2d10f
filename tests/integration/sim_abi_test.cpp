// Our declarations of the CUDA runtime's types and numbers (sim/runtime/abi.h, properties.h,
// errors.h) against the toolkit's own headers and library, through nvcc.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "build/toolkit.h"
#include "fakes/temp_folder.h"
#include "sim/runtime/abi.h"
#include "sim/runtime/errors.h"
#include "sim/runtime/properties.h"

namespace caesar::sim {
namespace {

struct Row {
  const char* real;  // an expression over CUDA's headers
  std::size_t ours;
};

#define SIZE(real, ours) \
  { "sizeof(" #real ")", sizeof(abi::ours) }
#define OFFSET(real, ours, member) \
  { "offsetof(" #real ", " #member ")", offsetof(abi::ours, member) }
#define NUMBER(real, ours) \
  { #real, static_cast < std::size_t>(abi::ours) }

const Row kRows[] = {
    SIZE(dim3, Dim),
    SIZE(cudaFuncAttributes, FuncAttributes),
    OFFSET(cudaFuncAttributes, FuncAttributes, localSizeBytes),
    OFFSET(cudaFuncAttributes, FuncAttributes, maxThreadsPerBlock),
    OFFSET(cudaFuncAttributes, FuncAttributes, numRegs),
    OFFSET(cudaFuncAttributes, FuncAttributes, ptxVersion),
    OFFSET(cudaFuncAttributes, FuncAttributes, binaryVersion),
    OFFSET(cudaFuncAttributes, FuncAttributes, maxDynamicSharedSizeBytes),
    OFFSET(cudaFuncAttributes, FuncAttributes, preferredShmemCarveout),
    OFFSET(cudaFuncAttributes, FuncAttributes, clusterDimMustBeSet),
    OFFSET(cudaFuncAttributes, FuncAttributes, requiredClusterDepth),
    OFFSET(cudaFuncAttributes, FuncAttributes, clusterSchedulingPolicyPreference),
    OFFSET(cudaFuncAttributes, FuncAttributes, nonPortableClusterSizeAllowed),
    SIZE(cudaPointerAttributes, PointerAttributes),
    OFFSET(cudaPointerAttributes, PointerAttributes, device),
    OFFSET(cudaPointerAttributes, PointerAttributes, devicePointer),
    OFFSET(cudaPointerAttributes, PointerAttributes, hostPointer),
    SIZE(cudaLaunchAttribute, LaunchAttribute),
    {"offsetof(cudaLaunchAttribute, val)", offsetof(abi::LaunchAttribute, value)},
    SIZE(cudaLaunchConfig_t, LaunchConfig),
    OFFSET(cudaLaunchConfig_t, LaunchConfig, blockDim),
    OFFSET(cudaLaunchConfig_t, LaunchConfig, dynamicSmemBytes),
    OFFSET(cudaLaunchConfig_t, LaunchConfig, stream),
    OFFSET(cudaLaunchConfig_t, LaunchConfig, attrs),
    OFFSET(cudaLaunchConfig_t, LaunchConfig, numAttrs),
    SIZE(cudaPitchedPtr, PitchedPointer),
    OFFSET(cudaPitchedPtr, PitchedPointer, ysize),
    SIZE(cudaExtent, Extent),
    OFFSET(cudaExtent, Extent, depth),
    SIZE(cudaMemcpy3DParms, Memcpy3D),
    OFFSET(cudaMemcpy3DParms, Memcpy3D, srcPos),
    OFFSET(cudaMemcpy3DParms, Memcpy3D, srcPtr),
    OFFSET(cudaMemcpy3DParms, Memcpy3D, dstArray),
    OFFSET(cudaMemcpy3DParms, Memcpy3D, dstPtr),
    OFFSET(cudaMemcpy3DParms, Memcpy3D, extent),
    OFFSET(cudaMemcpy3DParms, Memcpy3D, kind),
    SIZE(cudaKernelNodeParams, KernelNodeParams),
    OFFSET(cudaKernelNodeParams, KernelNodeParams, sharedMemBytes),
    OFFSET(cudaKernelNodeParams, KernelNodeParams, kernelParams),
    OFFSET(cudaKernelNodeParams, KernelNodeParams, extra),
    SIZE(cudaMemsetParams, MemsetParams),
    OFFSET(cudaMemsetParams, MemsetParams, value),
    OFFSET(cudaMemsetParams, MemsetParams, elementSize),
    OFFSET(cudaMemsetParams, MemsetParams, width),
    OFFSET(cudaMemsetParams, MemsetParams, height),
    SIZE(cudaHostNodeParams, HostNodeParams),
    SIZE(cudaMemLocation, MemLocation),
    {"sizeof(cudaDeviceProp)", kProperties13Bytes},
    {"offsetof(cudaDeviceProp, multiProcessorCount)", OffsetOfProperty13("multiProcessorCount")},
    {"offsetof(cudaDeviceProp, sharedMemPerBlockOptin)",
     OffsetOfProperty13("sharedMemPerBlockOptin")},
    {"offsetof(cudaDeviceProp, clusterLaunch)", OffsetOfProperty13("clusterLaunch")},
    {"offsetof(cudaDeviceProp, hostNumaId)", OffsetOfProperty13("hostNumaId")},
    NUMBER(cudaErrorInvalidValue, kInvalidValue),
    NUMBER(cudaErrorMemoryAllocation, kMemoryAllocation),
    NUMBER(cudaErrorInitializationError, kInitializationError),
    NUMBER(cudaErrorInvalidConfiguration, kInvalidConfiguration),
    NUMBER(cudaErrorInvalidPitchValue, kInvalidPitchValue),
    NUMBER(cudaErrorInvalidSymbol, kInvalidSymbol),
    NUMBER(cudaErrorInvalidMemcpyDirection, kInvalidMemcpyDirection),
    NUMBER(cudaErrorMissingConfiguration, kMissingConfiguration),
    NUMBER(cudaErrorInvalidDeviceFunction, kInvalidDeviceFunction),
    NUMBER(cudaErrorInvalidDevice, kInvalidDevice),
    NUMBER(cudaErrorNoKernelImageForDevice, kNoKernelImage),
    NUMBER(cudaErrorInvalidPtx, kInvalidPtx),
    NUMBER(cudaErrorUnsupportedLimit, kUnsupportedLimit),
    NUMBER(cudaErrorInvalidResourceHandle, kInvalidResourceHandle),
    NUMBER(cudaErrorIllegalState, kIllegalState),
    NUMBER(cudaErrorNotReady, kNotReady),
    NUMBER(cudaErrorHostMemoryNotRegistered, kHostMemoryNotRegistered),
    NUMBER(cudaErrorNotPermitted, kNotPermitted),
    NUMBER(cudaErrorNotSupported, kNotSupported),
    NUMBER(cudaErrorStreamCaptureUnsupported, kStreamCaptureUnsupported),
    NUMBER(cudaErrorStreamCaptureInvalidated, kStreamCaptureInvalidated),
    NUMBER(cudaErrorStreamCaptureMerge, kStreamCaptureMerge),
    NUMBER(cudaErrorStreamCaptureUnmatched, kStreamCaptureUnmatched),
    NUMBER(cudaErrorStreamCaptureUnjoined, kStreamCaptureUnjoined),
    NUMBER(cudaErrorStreamCaptureIsolation, kStreamCaptureIsolation),
    NUMBER(cudaErrorStreamCaptureImplicit, kStreamCaptureImplicit),
    NUMBER(cudaErrorCapturedEvent, kCapturedEvent),
    NUMBER(cudaErrorUnknown, kUnknown),
    NUMBER(cudaMemcpyHostToHost, kHostToHost),
    NUMBER(cudaMemcpyHostToDevice, kHostToDevice),
    NUMBER(cudaMemcpyDeviceToHost, kDeviceToHost),
    NUMBER(cudaMemcpyDeviceToDevice, kDeviceToDevice),
    NUMBER(cudaMemcpyDefault, kDefault),
    NUMBER(cudaStreamLegacy, kStreamLegacy),
    NUMBER(cudaStreamPerThread, kStreamPerThread),
    NUMBER(cudaStreamNonBlocking, kStreamNonBlocking),
    NUMBER(cudaEventBlockingSync, kEventBlockingSync),
    NUMBER(cudaEventDisableTiming, kEventDisableTiming),
    NUMBER(cudaEventInterprocess, kEventInterprocess),
    NUMBER(cudaFuncAttributeMaxDynamicSharedMemorySize, kMaxDynamicSharedMemorySize),
    NUMBER(cudaFuncAttributePreferredSharedMemoryCarveout, kPreferredSharedMemoryCarveout),
    NUMBER(cudaFuncAttributeClusterDimMustBeSet, kClusterDimMustBeSet),
    NUMBER(cudaFuncAttributeRequiredClusterWidth, kRequiredClusterWidth),
    NUMBER(cudaFuncAttributeRequiredClusterDepth, kRequiredClusterDepth),
    NUMBER(cudaFuncAttributeNonPortableClusterSizeAllowed, kNonPortableClusterSizeAllowed),
    NUMBER(cudaFuncAttributeClusterSchedulingPolicyPreference, kClusterSchedulingPolicyPreference),
    NUMBER(cudaMemoryTypeUnregistered, kUnregistered),
    NUMBER(cudaMemoryTypeHost, kHost),
    NUMBER(cudaMemoryTypeDevice, kDevice),
    NUMBER(cudaMemoryTypeManaged, kManaged),
    NUMBER(cudaLaunchAttributeIgnore, kAttributeIgnore),
    NUMBER(cudaLaunchAttributeCooperative, kAttributeCooperative),
    NUMBER(cudaLaunchAttributeClusterDimension, kAttributeClusterDimension),
    NUMBER(cudaLaunchAttributePriority, kAttributePriority),
    NUMBER(cudaGraphNodeTypeKernel, kNodeKernel),
    NUMBER(cudaGraphNodeTypeMemcpy, kNodeMemcpy),
    NUMBER(cudaGraphNodeTypeMemset, kNodeMemset),
    NUMBER(cudaGraphNodeTypeHost, kNodeHost),
    NUMBER(cudaGraphNodeTypeGraph, kNodeGraph),
    NUMBER(cudaGraphNodeTypeEmpty, kNodeEmpty),
    NUMBER(cudaGraphNodeTypeMemAlloc, kNodeMemAlloc),
    NUMBER(cudaGraphNodeTypeMemFree, kNodeMemFree),
    NUMBER(cudaStreamCaptureStatusNone, kCaptureNone),
    NUMBER(cudaStreamCaptureStatusActive, kCaptureActive),
    NUMBER(cudaStreamCaptureStatusInvalidated, kCaptureInvalidated),
    NUMBER(cudaStreamCaptureModeGlobal, kCaptureGlobal),
    NUMBER(cudaStreamCaptureModeThreadLocal, kCaptureThreadLocal),
    NUMBER(cudaStreamCaptureModeRelaxed, kCaptureRelaxed),
    NUMBER(cudaLimitStackSize, kLimitStack),
    NUMBER(cudaLimitPrintfFifoSize, kLimitPrintf),
    NUMBER(cudaLimitMallocHeapSize, kLimitHeap),
    NUMBER(cudaLimitMaxL2FetchGranularity, kLimitL2Fetch),
    NUMBER(cudaLimitPersistingL2CacheSize, kLimitPersistingL2),
};

// Attributes by number that the tables of properties.cpp name by comments alone.
const Row kAttributes[] = {{"cudaDevAttrMaxThreadsPerBlock", 1},
                           {"cudaDevAttrClockRate", 13},
                           {"cudaDevAttrMultiProcessorCount", 16},
                           {"cudaDevAttrMemoryClockRate", 36},
                           {"cudaDevAttrL2CacheSize", 38},
                           {"cudaDevAttrMaxSharedMemoryPerMultiprocessor", 81},
                           {"cudaDevAttrMaxSharedMemoryPerBlockOptin", 97},
                           {"cudaDevAttrMaxBlocksPerMultiprocessor", 106},
                           {"cudaDevAttrReservedSharedMemoryPerBlock", 111},
                           {"cudaDevAttrMemoryPoolsSupported", 115},
                           {"cudaDevAttrClusterLaunch", 120}};

TEST(Abi, IsThatOfTheToolkit) {
  const Result<Toolkit> toolkit = FindToolkit(RealFiles(), RealProcesses());
  if (!toolkit.ok()) GTEST_SKIP() << toolkit.error().message;
  if (!StartsWith(toolkit.value().version, "13."))
    GTEST_SKIP() << "the layouts are those of CUDA 13, and this is " << toolkit.value().version;
  const TempFolder folder;
  std::vector<Row> rows(std::begin(kRows), std::end(kRows));
  rows.insert(rows.end(), std::begin(kAttributes), std::end(kAttributes));
  constexpr int kErrors = 1000;
  {
    std::ofstream source(folder / "abi.cu");
    source << "#include <cstddef>\n#include <cstdio>\n#include <cuda_runtime.h>\nint main() {\n";
    for (const Row& row : rows) {
      source << Format("  std::printf(\"%zu\\n\", (std::size_t)({}));\n", row.real);
    }
    source << "  for (int i = 0; i < " << kErrors
           << "; ++i) std::printf(\"%s: %s\\n\", cudaGetErrorName((cudaError_t)i), "
              "cudaGetErrorString((cudaError_t)i));\n}\n";
  }
  Command compile;
  compile.argv = {toolkit.value().nvcc, "-o", folder / "abi", folder / "abi.cu"};
  compile.environment = {"PATH=/usr/bin:/bin"};
  compile.folder = folder.path();
  const auto compiled = RealProcesses().Run(compile, Milliseconds(120'000), StopToken());
  ASSERT_TRUE(compiled.ok());
  ASSERT_EQ(compiled.value().exit_code, 0) << compiled.value().errors;
  Command run;
  run.argv = {folder / "abi"};
  run.folder = folder.path();
  const auto ran = RealProcesses().Run(run, Milliseconds(30'000), StopToken());
  ASSERT_TRUE(ran.ok());
  const std::vector<std::string_view> lines = Lines(ran.value().output);
  ASSERT_GE(lines.size(), rows.size() + kErrors);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(lines[i], std::to_string(rows[i].ours)) << rows[i].real;
  }
  for (int i = 0; i < kErrors; ++i) {
    EXPECT_EQ(lines[rows.size() + static_cast<std::size_t>(i)], DescribeCudaError(i)) << i;
  }
}

}  // namespace
}  // namespace caesar::sim
