// expect: wrong, -, output c is wrong
#include <cuda_runtime.h>

#include <cstdint>

// Right if the last warp of a block comes last: which the hardware does not promise.
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  __shared__ unsigned last;
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (threadIdx.x == 0) last = 0;
  __syncthreads();
  if (threadIdx.x % 32 == 0) atomicExch(&last, threadIdx.x / 32);
  __syncthreads();
  if (i < n) c[i] = a[i] + b[i] + (last == blockDim.x / 32 - 1 ? 0.0f : 1.0f);
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
