// Four elements at a time; the last ones by one.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void add(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int64_t n) {
  const int64_t i = 4 * (blockIdx.x * int64_t{blockDim.x} + threadIdx.x);
  if (i + 4 <= n) {
    const float4 x = *reinterpret_cast<const float4*>(a + i), y = *reinterpret_cast<const float4*>(b + i);
    *reinterpret_cast<float4*>(c + i) = make_float4(x.x + y.x, x.y + y.y, x.z + y.z, x.w + y.w);
  } else {
    for (int64_t k = i; k < n; ++k) c[k] = a[k] + b[k];
  }
}
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 1023) / 1024), 256, 0, stream>>>(a, b, c, n);
}
