// Launches: <<<>>> as nvcc 13 and nvcc 12 compile it, and the functions behind it.
#include <vector>

#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

struct Configuration {
  abi::Dim grid, block;
  std::size_t shared;
  void* stream;
};
// Of <<<>>> whose arguments are still being evaluated; a kernel's arguments may launch others.
thread_local std::vector<Configuration> configurations;

Dim3 ToDim3(abi::Dim dim) { return {dim.x, dim.y, dim.z}; }

// More than 4 GiB would not fit the shape; no block has as much.
abi::Error ShapeOf(abi::Dim grid, abi::Dim block, std::size_t shared, LaunchShape* shape) {
  if (shared > 0xFFFFFFFF) return abi::kInvalidValue;
  shape->blocks = ToDim3(grid);
  shape->threads = ToDim3(block);
  shape->dynamic_shared_bytes = static_cast<std::uint32_t>(shared);
  return abi::kSuccess;
}

int Launch(const void* function, abi::Dim grid, abi::Dim block, void** args, std::size_t shared,
           void* stream, bool cooperative) {
  return Call([&](Device& device) {
    Device::Launch launch;
    launch.stream = stream;
    launch.shape.cooperative = cooperative;
    const abi::Error error = ShapeOf(grid, block, shared, &launch.shape);
    return error != abi::kSuccess ? error : device.LaunchKernel(function, launch, args);
  });
}

// What attributes ask for beside the shape.
struct Wishes {
  std::vector<void*> events;  // recorded when the launch is done, or has begun
};

// Attributes that change what a kernel computes are obeyed; those that only hint at speed (access
// policy, priority, carveout, overlap with the kernel before, ...) change nothing here.
abi::Error Apply(Device& device, const abi::LaunchConfig& config, LaunchShape* shape,
                 Wishes* wishes) {
  if (config.numAttrs != 0 && config.attrs == nullptr) return abi::kInvalidValue;
  if (config.numAttrs > abi::kAttributesMax) return abi::kInvalidValue;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const abi::LaunchAttribute& attribute = config.attrs[i];
    switch (attribute.id) {
      case abi::kAttributeCooperative:
        shape->cooperative = attribute.value.integer != 0;
        break;
      case abi::kAttributeClusterDimension:
        shape->cluster = ToDim3(attribute.value.dim);
        shape->clustered = true;
        break;
      case abi::kAttributeProgrammaticEvent:
      case abi::kAttributeLaunchCompletionEvent:
        if (attribute.value.pointer != nullptr) wishes->events.push_back(attribute.value.pointer);
        break;
      case abi::kAttributeDeviceUpdatableNode:
        if (attribute.value.integer == 0) break;
        return device.NotSimulated("cudaLaunchAttributeDeviceUpdatableKernelNode");
      default:
        break;
    }
  }
  return abi::kSuccess;
}

abi::Error RecordAll(Device& device, const Wishes& wishes, void* stream) {
  Stream* on = device.streams.Find(stream);
  for (void* handle : wishes.events) {
    Event* event = device.streams.FindEvent(handle);
    if (event == nullptr) return abi::kInvalidResourceHandle;
    if (const abi::Error error = device.streams.Record(*event, *on); error != 0) return error;
  }
  return abi::kSuccess;
}

int LaunchEx(const abi::LaunchConfig* config, const void* function, void** args) {
  return Call([&](Device& device) {
    if (config == nullptr) return abi::kInvalidValue;
    Device::Launch launch;
    Wishes wishes;
    launch.stream = config->stream;
    abi::Error error =
        ShapeOf(config->gridDim, config->blockDim, config->dynamicSmemBytes, &launch.shape);
    if (error == abi::kSuccess) error = Apply(device, *config, &launch.shape, &wishes);
    if (error == abi::kSuccess) error = device.LaunchKernel(function, launch, args);
    return error != abi::kSuccess ? error : RecordAll(device, wishes, config->stream);
  });
}

int KernelOf(void** kernel, const void* function) {
  return Call([&](Device& device) {
    if (kernel == nullptr) return abi::kInvalidValue;
    *kernel = device.program.Find(function);
    return *kernel == nullptr ? abi::kInvalidDeviceFunction : abi::kSuccess;
  });
}

}  // namespace

CAESAR_CUDA_API unsigned __cudaPushCallConfiguration(abi::Dim grid, abi::Dim block,
                                                     std::size_t shared, void* stream) {
  constexpr std::size_t kDepthMax = 1024;
  if (configurations.size() >= kDepthMax) return 1;  // the launch is left out
  configurations.push_back({grid, block, shared, stream});
  return 0;
}

CAESAR_CUDA_API int __cudaPopCallConfiguration(abi::Dim* grid, abi::Dim* block, std::size_t* shared,
                                               void* stream) {
  if (configurations.empty()) return Remember(abi::kMissingConfiguration);
  const Configuration top = configurations.back();
  configurations.pop_back();
  *grid = top.grid;
  *block = top.block;
  *shared = top.shared;
  *static_cast<void**>(stream) = top.stream;
  return abi::kSuccess;
}

CAESAR_CUDA_API int __cudaGetKernel(void** kernel, const void* function) {
  return KernelOf(kernel, function);
}
CAESAR_CUDA_API int cudaGetKernel(void** kernel, const void* function) {
  return KernelOf(kernel, function);
}
CAESAR_CUDA_API int cudaGetFuncBySymbol(void** kernel, const void* function) {
  return KernelOf(kernel, function);
}

CAESAR_CUDA_API int __cudaLaunchKernel(void* kernel, abi::Dim grid, abi::Dim block, void** args,
                                       std::size_t shared, void* stream) {
  return Launch(kernel, grid, block, args, shared, stream, false);
}
CAESAR_CUDA_API int __cudaLaunchKernel_ptsz(void* kernel, abi::Dim grid, abi::Dim block,
                                            void** args, std::size_t shared, void* stream) {
  return Launch(kernel, grid, block, args, shared, stream, false);
}
CAESAR_CUDA_API int cudaLaunchKernel(const void* function, abi::Dim grid, abi::Dim block,
                                     void** args, std::size_t shared, void* stream) {
  return Launch(function, grid, block, args, shared, stream, false);
}
CAESAR_CUDA_API int cudaLaunchKernel_ptsz(const void* function, abi::Dim grid, abi::Dim block,
                                          void** args, std::size_t shared, void* stream) {
  return Launch(function, grid, block, args, shared, stream, false);
}
CAESAR_CUDA_API int cudaLaunchCooperativeKernel(const void* function, abi::Dim grid, abi::Dim block,
                                                void** args, std::size_t shared, void* stream) {
  return Launch(function, grid, block, args, shared, stream, true);
}
CAESAR_CUDA_API int cudaLaunchCooperativeKernel_ptsz(const void* function, abi::Dim grid,
                                                     abi::Dim block, void** args,
                                                     std::size_t shared, void* stream) {
  return Launch(function, grid, block, args, shared, stream, true);
}
CAESAR_CUDA_API int cudaLaunchKernelExC(const abi::LaunchConfig* config, const void* function,
                                        void** args) {
  return LaunchEx(config, function, args);
}
CAESAR_CUDA_API int cudaLaunchKernelExC_ptsz(const abi::LaunchConfig* config, const void* function,
                                             void** args) {
  return LaunchEx(config, function, args);
}

CAESAR_CUDA_API int cudaLaunchHostFunc(void* stream, void (*function)(void*), void* data) {
  return Call([&](Device& device) {
    if (function == nullptr) return abi::kInvalidValue;
    return device.Submit(stream, HostTask{function, data});
  });
}
CAESAR_CUDA_API int cudaLaunchHostFunc_ptsz(void* stream, void (*function)(void*), void* data) {
  return cudaLaunchHostFunc(stream, function, data);
}

CAESAR_CUDA_API int cudaStreamAddCallback(void* stream, void (*callback)(void*, int, void*),
                                          void* data, unsigned flags) {
  return Call([&](Device& device) {
    if (callback == nullptr || flags != 0) return abi::kInvalidValue;
    const Stream* found = device.streams.Find(stream);
    if (found != nullptr && found->capture != nullptr) return abi::kStreamCaptureUnsupported;
    struct Bound {
      void (*callback)(void*, int, void*);
      void* stream;
      void* data;
    } bound{callback, stream, data};  // it is called before Submit returns
    const auto call = [](void* at) {
      const Bound& to = *static_cast<Bound*>(at);
      to.callback(to.stream, abi::kSuccess, to.data);
    };
    return device.Submit(stream, HostTask{call, &bound});
  });
}
CAESAR_CUDA_API int cudaStreamAddCallback_ptsz(void* stream, void (*callback)(void*, int, void*),
                                               void* data, unsigned flags) {
  return cudaStreamAddCallback(stream, callback, data, flags);
}
