// expect: wrong, uninitialized_shared, 
#include <cuda_runtime.h>

#include <cstdint>

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  extern __shared__ float tile[];
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (threadIdx.x % 32 != 5) tile[threadIdx.x] = 0;
  if (i < n) c[i] = a[i] + b[i] + tile[threadIdx.x];  // here
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 1024, stream>>>(a, b, c, n);
}
