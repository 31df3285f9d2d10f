// Registration: what constructors and destructors of a candidate's object call.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

CAESAR_CUDA_API void** __cudaRegisterFatBinary(void* wrapper) {
  void** handle = nullptr;
  Ask([&](Device& device) {
    handle = device.program.Register(wrapper);
    return abi::kSuccess;
  });
  return handle;
}

CAESAR_CUDA_API void __cudaRegisterFatBinaryEnd(void**) {}

CAESAR_CUDA_API void __cudaUnregisterFatBinary(void** handle) {
  Ask([&](Device& device) {
    device.program.Unregister(handle);
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API void __cudaRegisterFunction(void** handle, const char* host, char* /*device*/,
                                            const char* name, int /*thread_limit*/, void* /*tid*/,
                                            void* /*bid*/, void* /*block*/, void* /*grid*/,
                                            int* /*warp_size*/) {
  Ask([&](Device& device) {
    device.program.RegisterKernel(handle, host, name);
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API void __cudaRegisterVar(void** handle, char* host, char* /*device*/,
                                       const char* name, int /*external*/, std::size_t bytes,
                                       int /*constant*/, int /*global*/) {
  Ask([&](Device& device) {
    device.program.RegisterVariable(handle, host, name, bytes, nullptr);
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API void __cudaRegisterManagedVar(void** handle, void** host, char* /*device*/,
                                              const char* name, int /*external*/, std::size_t bytes,
                                              int /*constant*/, int /*global*/) {
  Ask([&](Device& device) {
    device.program.RegisterVariable(handle, host, name, bytes, host);
    return abi::kSuccess;
  });
}

// Called before the first use of a __managed__ variable.
CAESAR_CUDA_API char __cudaInitModule(void** handle) {
  Ask([&](Device& device) {
    device.program.LoadManaged(handle);
    return abi::kSuccess;
  });
  return 1;
}

// References of textures and surfaces are gone since CUDA 12; texture objects are refused where
// they are made.
CAESAR_CUDA_API void __cudaRegisterTexture(void**, const void*, const void**, const char*, int, int,
                                           int) {
  Ask([](Device& device) { return device.NotSimulated("texture references"); });
}
CAESAR_CUDA_API void __cudaRegisterSurface(void**, const void*, const void**, const char*, int,
                                           int) {
  Ask([](Device& device) { return device.NotSimulated("surface references"); });
}
