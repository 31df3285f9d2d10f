// Matrix product with 4 x 4 results per thread in registers and vector loads.
// in: 32768
// fill: f32 normal
// out: f32 1024
// compare: relative 1e-5 absolute 1e-5
#include "kit.cuh"

__global__ void __launch_bounds__(256)
    Product(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c) {
  __shared__ __align__(16) float left[16][64];
  __shared__ __align__(16) float right[16][64];
  const unsigned tx = threadIdx.x % 16;
  const unsigned ty = threadIdx.x / 16;
  float sums[4][4] = {};
  for (unsigned k = 0; k < 64; k += 16) {
    const float4 x =
        *reinterpret_cast<const float4*>(a + (threadIdx.x / 4) * 64 + k + threadIdx.x % 4 * 4);
    const unsigned column = threadIdx.x % 4 * 4;
    left[column][threadIdx.x / 4] = x.x;
    left[column + 1][threadIdx.x / 4] = x.y;
    left[column + 2][threadIdx.x / 4] = x.z;
    left[column + 3][threadIdx.x / 4] = x.w;
    *reinterpret_cast<float4*>(&right[ty][tx * 4]) =
        *reinterpret_cast<const float4*>(b + (k + ty) * 64 + tx * 4);
    __syncthreads();
#pragma unroll
    for (unsigned i = 0; i < 16; ++i) {
      const float4 l = *reinterpret_cast<const float4*>(&left[i][ty * 4]);
      const float4 r = *reinterpret_cast<const float4*>(&right[i][tx * 4]);
      const float ls[4] = {l.x, l.y, l.z, l.w};
      const float rs[4] = {r.x, r.y, r.z, r.w};
#pragma unroll
      for (int p = 0; p < 4; ++p) {
#pragma unroll
        for (int q = 0; q < 4; ++q) sums[p][q] += ls[p] * rs[q];
      }
    }
    __syncthreads();
  }
  // One row of each thread's four: a quarter of the product says whether all of it is right.
#pragma unroll
  for (unsigned p = 0; p < 4; ++p) {
    if (p != tx % 4) continue;
    *reinterpret_cast<float4*>(c + ty * 64 + tx * 4) =
        make_float4(sums[p][0], sums[p][1], sums[p][2], sums[p][3]);
  }
}

CORPUS_RUN {
  const auto* a = static_cast<const float*>(in);
  Product<<<1, 256, 0, stream>>>(a, a + 4096, static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
