// The honest work of most candidates.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}
static unsigned blocks(int64_t n) { return static_cast<unsigned>((n + 255) / 256); }
static void honest(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<blocks(n), 256, 0, stream>>>(a, b, c, n);
}
