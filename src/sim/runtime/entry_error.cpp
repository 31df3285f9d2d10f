// Errors, versions and what has no effect on a simulated device.
#include "sim/runtime/entry.h"
#include "sim/runtime/errors.h"

namespace caesar::sim {
thread_local abi::Error last_error = abi::kSuccess;
}  // namespace caesar::sim

using namespace caesar::sim;

CAESAR_CUDA_API int cudaGetLastError() { return std::exchange(last_error, abi::kSuccess); }
CAESAR_CUDA_API int cudaPeekAtLastError() { return last_error; }
CAESAR_CUDA_API const char* cudaGetErrorName(int error) { return TextOfCudaError(error).name; }
CAESAR_CUDA_API const char* cudaGetErrorString(int error) { return TextOfCudaError(error).text; }

namespace {
constexpr int kCudaVersion = 13000;
int Put(int* to, int value) {
  if (to == nullptr) return Remember(abi::kInvalidValue);
  *to = value;
  return abi::kSuccess;
}
}  // namespace

CAESAR_CUDA_API int cudaDriverGetVersion(int* version) { return Put(version, kCudaVersion); }
CAESAR_CUDA_API int cudaRuntimeGetVersion(int* version) {
  return Call([&](Device& device) {
    if (version == nullptr) return abi::kInvalidValue;
    *version = device.program.cuda_version();
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaProfilerStart() { return abi::kSuccess; }
CAESAR_CUDA_API int cudaProfilerStop() { return abi::kSuccess; }
