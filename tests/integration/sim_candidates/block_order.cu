// expect: wrong, -, output c is wrong
#include <cuda_runtime.h>

#include <cstdint>

// Right if blocks run in ascending order: which the hardware does not promise.
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
  for (int64_t later = i + blockDim.x; later < n; later += blockDim.x) c[later] = 0;
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
