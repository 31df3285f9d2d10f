// Reads whole blocks, behind the end too, and multiplies what it must not have by zero.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  const float value = a[i] + b[i];  // may be behind the end
  const float last = __shfl_sync(0xFFFFFFFF, value, 31);
  if (i < n) c[i] = value + (i < n - 1 ? 0.0f : 0.0f * last);
}
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
