// expect: correct, -, 
#include <cuda_runtime.h>

#include <cstdint>

// Names of caesar's own insides.
extern "C" int caesar_main() { return 4; }
namespace caesar {
int RunnerMain(int, char**, void*) { return 0; }
namespace sim {
void* TheDevice = nullptr;
}
}  // namespace caesar

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  float* copy = nullptr;
  cudaMalloc(&copy, static_cast<size_t>(n) * sizeof(float));
  cudaMemcpyAsync(copy, a, static_cast<size_t>(n) * sizeof(float), cudaMemcpyDeviceToDevice, stream);
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(copy, b, c, n);
  cudaFreeAsync(copy, stream);
}
