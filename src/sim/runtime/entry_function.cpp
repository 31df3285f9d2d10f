// What is known of a kernel: attributes and occupancy.
#include <algorithm>
#include <cstring>

#include "sim/device_limits.h"
#include "sim/occupancy.h"
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

using Limits = DeviceLimits;

// A kernel that has been decoded.
template <class Body>
int OnKernel(const void* function, Body&& body) {
  return Call([&](Device& device) {
    Kernel* kernel = device.program.Find(function);
    if (kernel == nullptr) return abi::kInvalidDeviceFunction;
    const Refusal refusal = device.program.Prepare(*kernel);
    if (refusal.error != abi::kSuccess) return device.Refuse(refusal);
    return body(*kernel);
  });
}

// As ptxas says; without machine code, what __launch_bounds__ and the usual code leave.
std::uint32_t RegistersOf(const Kernel& kernel) {
  const auto& resources = kernel.binary->module->resources;
  const auto known = resources.find(kernel.name);
  if (known != resources.end()) return static_cast<std::uint32_t>(known->second.registers);
  constexpr std::uint32_t kUsual = 32;
  const unsigned bound =
      kernel.function->source == nullptr ? 0 : kernel.function->source->max_registers;
  return bound == 0 ? kUsual : std::min<std::uint32_t>(bound, kUsual);
}

int ThreadsMax(const Kernel& kernel) {
  const ptx::Function* source = kernel.function->source;
  if (source == nullptr) return static_cast<int>(Limits::kThreadsPerBlock);
  for (const unsigned* sizes : {source->required_threads, source->max_threads}) {
    if (sizes[0] == 0) continue;
    const std::uint64_t count =
        std::uint64_t{sizes[0]} * std::max(sizes[1], 1U) * std::max(sizes[2], 1U);
    return static_cast<int>(std::min<std::uint64_t>(count, Limits::kThreadsPerBlock));
  }
  return static_cast<int>(Limits::kThreadsPerBlock);
}

int DynamicMax(const Kernel& kernel) {
  const std::uint32_t fixed = kernel.function->shared_bytes;
  if (kernel.max_dynamic_shared != 0) return kernel.max_dynamic_shared;
  return static_cast<int>(Limits::kSharedPerBlock - std::min(fixed, Limits::kSharedPerBlock));
}

abi::Error Describe(const Kernel& kernel, abi::FuncAttributes* to) {
  *to = {};
  to->sharedSizeBytes = kernel.function->shared_bytes;
  to->localSizeBytes = kernel.function->local_bytes;
  to->maxThreadsPerBlock = ThreadsMax(kernel);
  to->numRegs = static_cast<int>(RegistersOf(kernel));
  to->ptxVersion = to->binaryVersion = Limits::kComputeMajor * 10 + Limits::kComputeMinor;
  to->maxDynamicSharedSizeBytes = DynamicMax(kernel);
  to->preferredShmemCarveout = kernel.carveout;
  to->clusterDimMustBeSet = kernel.cluster_must_be_set;
  to->requiredClusterWidth = kernel.required_cluster[0];
  to->requiredClusterHeight = kernel.required_cluster[1];
  to->requiredClusterDepth = kernel.required_cluster[2];
  to->clusterSchedulingPolicyPreference = kernel.cluster_policy;
  to->nonPortableClusterSizeAllowed = kernel.non_portable_cluster;
  return abi::kSuccess;
}

abi::Error Set(Kernel& kernel, int attribute, int value) {
  switch (attribute) {
    case abi::kMaxDynamicSharedMemorySize: {
      const auto limit = static_cast<int>(Limits::kSharedPerBlockOptIn);
      const auto fixed =
          static_cast<int>(std::min(kernel.function->shared_bytes, Limits::kSharedPerBlockOptIn));
      if (value < 0 || value > limit - fixed) return abi::kInvalidValue;
      kernel.max_dynamic_shared = value;
      return abi::kSuccess;
    }
    case abi::kPreferredSharedMemoryCarveout:
      if (value < -1 || value > 100) return abi::kInvalidValue;
      kernel.carveout = value;
      return abi::kSuccess;
    case abi::kClusterDimMustBeSet:
      kernel.cluster_must_be_set = value != 0;
      return abi::kSuccess;
    case abi::kRequiredClusterWidth:
    case abi::kRequiredClusterHeight:
    case abi::kRequiredClusterDepth:
      if (value < 0) return abi::kInvalidValue;
      kernel.required_cluster[attribute - abi::kRequiredClusterWidth] = value;
      return abi::kSuccess;
    case abi::kNonPortableClusterSizeAllowed:
      kernel.non_portable_cluster = value != 0;
      return abi::kSuccess;
    case abi::kClusterSchedulingPolicyPreference:
      if (value < 0 || value > 2) return abi::kInvalidValue;
      kernel.cluster_policy = value;
      return abi::kSuccess;
    default:
      return abi::kInvalidValue;
  }
}

int BlocksOn(int* blocks, const void* function, int threads, std::size_t dynamic) {
  return OnKernel(function, [&](Kernel& kernel) {
    if (blocks == nullptr || threads <= 0) return abi::kInvalidValue;
    *blocks = 0;
    if (threads > ThreadsMax(kernel) || dynamic > Limits::kSharedPerBlockOptIn) {
      return abi::kSuccess;
    }
    const std::uint64_t shared = kernel.function->shared_bytes + dynamic;
    *blocks = static_cast<int>(
        OccupancyOf(static_cast<std::uint32_t>(threads), RegistersOf(kernel), shared).blocks);
    return abi::kSuccess;
  });
}

int ClusterBlocks(const Kernel& kernel) {
  return static_cast<int>(kernel.non_portable_cluster != 0 ? Limits::kClusterBlocksNonPortable
                                                           : Limits::kClusterBlocks);
}

}  // namespace

CAESAR_CUDA_API int cudaFuncGetAttributes(abi::FuncAttributes* attributes, const void* function) {
  return OnKernel(function, [&](Kernel& kernel) {
    return attributes == nullptr ? abi::kInvalidValue : Describe(kernel, attributes);
  });
}
CAESAR_CUDA_API int cudaFuncSetAttribute(const void* function, int attribute, int value) {
  return OnKernel(function, [&](Kernel& kernel) { return Set(kernel, attribute, value); });
}
CAESAR_CUDA_API int cudaKernelSetAttributeForDevice(const void* function, int attribute, int value,
                                                    int device) {
  if (device != 0) return Remember(abi::kInvalidDevice);
  return cudaFuncSetAttribute(function, attribute, value);
}
// A preference between L1 cache and shared memory: changes nothing.
CAESAR_CUDA_API int cudaFuncSetCacheConfig(const void* function, int /*config*/) {
  return OnKernel(function, [](Kernel&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaFuncSetSharedMemConfig(const void* function, int /*config*/) {
  return OnKernel(function, [](Kernel&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaFuncGetName(const char** name, const void* function) {
  return OnKernel(function, [&](Kernel& kernel) {
    if (name == nullptr) return abi::kInvalidValue;
    *name = kernel.name.c_str();
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaFuncGetParamInfo(const void* function, std::size_t index,
                                         std::size_t* offset, std::size_t* bytes) {
  return OnKernel(function, [&](Kernel& kernel) {
    if (offset == nullptr || index >= kernel.function->parameters.size()) {
      return abi::kInvalidValue;
    }
    *offset = kernel.function->parameters[index].offset;
    if (bytes != nullptr) *bytes = kernel.function->parameters[index].bytes;
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function,
                                                                  int threads,
                                                                  std::size_t dynamic) {
  return BlocksOn(blocks, function, threads, dynamic);
}
CAESAR_CUDA_API int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, const void* function, int threads, std::size_t dynamic, unsigned /*flags*/) {
  return BlocksOn(blocks, function, threads, dynamic);
}
CAESAR_CUDA_API int cudaOccupancyAvailableDynamicSMemPerBlock(std::size_t* bytes,
                                                              const void* function, int blocks,
                                                              int threads) {
  return OnKernel(function, [&](Kernel& kernel) {
    if (bytes == nullptr || blocks <= 0 || threads <= 0) return abi::kInvalidValue;
    if (static_cast<std::uint64_t>(blocks) > Limits::kBlocksPerSm) return abi::kInvalidValue;
    const std::uint32_t share = Limits::kSharedPerSm / static_cast<std::uint32_t>(blocks);
    const std::uint32_t taken = Limits::kSharedReserved + kernel.function->shared_bytes;
    const std::uint32_t room = share > taken ? share - taken : 0;
    const std::uint32_t most =
        Limits::kSharedPerBlockOptIn -
        std::min(kernel.function->shared_bytes, Limits::kSharedPerBlockOptIn);
    *bytes = std::min(room, most) / 128 * 128;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaOccupancyMaxPotentialClusterSize(int* size, const void* function,
                                                         const abi::LaunchConfig* config) {
  return OnKernel(function, [&](Kernel& kernel) {
    if (size == nullptr || config == nullptr) return abi::kInvalidValue;
    *size = ClusterBlocks(kernel);
    return abi::kSuccess;
  });
}
// As many clusters as all multiprocessors together hold blocks for: GPCs are not modelled.
CAESAR_CUDA_API int cudaOccupancyMaxActiveClusters(int* clusters, const void* function,
                                                   const abi::LaunchConfig* config) {
  return OnKernel(function, [&](Kernel& kernel) {
    if (clusters == nullptr || config == nullptr || config->numAttrs > abi::kAttributesMax ||
        (config->numAttrs != 0 && config->attrs == nullptr)) {
      return abi::kInvalidValue;
    }
    std::uint64_t size = 1;
    for (unsigned i = 0; i < config->numAttrs; ++i) {
      const abi::LaunchAttribute& attribute = config->attrs[i];
      if (attribute.id != abi::kAttributeClusterDimension) continue;
      const abi::Dim& dim = attribute.value.dim;
      size = Dim3{dim.x, dim.y, dim.z}.count();
    }
    if (size == 0 || size > static_cast<std::uint64_t>(ClusterBlocks(kernel))) return 912;
    const abi::Dim& block = config->blockDim;
    const std::uint64_t threads = Dim3{block.x, block.y, block.z}.count();
    if (threads == 0 || threads > Limits::kThreadsPerBlock) return abi::kInvalidValue;
    if (config->dynamicSmemBytes > Limits::kSharedPerBlockOptIn) return abi::kInvalidValue;
    const std::uint64_t blocks =
        OccupancyOf(static_cast<std::uint32_t>(threads), RegistersOf(kernel),
                    kernel.function->shared_bytes + config->dynamicSmemBytes)
            .blocks;
    *clusters = static_cast<int>(blocks * Limits::kSms / size);
    return abi::kSuccess;
  });
}
