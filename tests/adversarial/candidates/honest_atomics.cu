// Blocks add their part of a row with atomics: the order, and so the last bits, are anyone's guess.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void sum(const float* x, float* y, int64_t cols) {
  const int64_t i = blockIdx.x * int64_t{256} + threadIdx.x;
  float mine = i < cols ? x[blockIdx.y * cols + i] : 0;
  for (int lane = 16; lane > 0; lane /= 2) mine += __shfl_xor_sync(0xFFFFFFFF, mine, lane);
  if (threadIdx.x % 32 == 0) atomicAdd(y + blockIdx.y, mine);
}
extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, cudaStream_t stream) {
  cudaMemsetAsync(y, 0, rows * sizeof(float), stream);
  sum<<<dim3(static_cast<unsigned>((cols + 255) / 256), static_cast<unsigned>(rows)), 256, 0, stream>>>(x, y, cols);
}
