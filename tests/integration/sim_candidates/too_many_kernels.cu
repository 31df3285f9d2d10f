// expect: correct, -, launches too many different kernels, not_profiled
#include <cuda_runtime.h>

#include <cstdint>

__global__ void nothing() {}

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

// The launch that matters comes after more kinds of launches than are told apart.
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  for (unsigned i = 1; i <= 1024; ++i) nothing<<<1, i, 0, stream>>>();
  for (unsigned i = 1; i <= 512; ++i) nothing<<<2, i, 0, stream>>>();
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
