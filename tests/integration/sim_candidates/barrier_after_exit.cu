// expect: wrong, barrier_after_exit, 
#include <cuda_runtime.h>

#include <cstdint>

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  __shared__ float tile[256];
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i >= n) return;
  tile[threadIdx.x] = a[i];
  __syncthreads();  // here
  c[i] = tile[threadIdx.x] + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
