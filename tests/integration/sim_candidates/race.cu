// expect: wrong, race, of the block wrote at line 10 with no barrier
#include <cuda_runtime.h>

#include <cstdint>

// All write the same, so every result is right.
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  __shared__ int64_t count;
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (threadIdx.x % 32 == 0) count = n;  // here
  __syncthreads();
  if (i < count) c[i] = a[i] + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
