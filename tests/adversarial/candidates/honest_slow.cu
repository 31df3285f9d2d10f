// Right, and several times slower than it need be: one thread for 64 elements in a row.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t begin = (blockIdx.x * int64_t{blockDim.x} + threadIdx.x) * 64;
  for (int64_t i = begin; i < begin + 64 && i < n; ++i) c[i] = a[i] + b[i];
}
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 64 * 128 - 1) / (64 * 128)), 128, 0, stream>>>(a, b, c, n);
}
