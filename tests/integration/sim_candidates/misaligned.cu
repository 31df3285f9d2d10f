// expect: crashed, misaligned, 
#include <cuda_runtime.h>

#include <cstdint>

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = (blockIdx.x * int64_t{blockDim.x} + threadIdx.x) * 4 + 1;
  if (i + 4 > n) return;
  const float4 x = *reinterpret_cast<const float4*>(a + i);  // here
  c[i] = x.x + x.y + x.z + x.w + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
