// Matrix product by tiles in shared memory, each sum an explicit chain of fma.
// in: 14080
// fill: f32 normal
// out: f32 1600
// compare: exact
#include "kit.cuh"

__global__ void Product(const float* a, const float* b, float* c, int m, int n, int depth) {
  __shared__ float left[16][16];
  __shared__ float right[16][16];
  const int row = static_cast<int>(blockIdx.y * 16 + threadIdx.y);
  const int column = static_cast<int>(blockIdx.x * 16 + threadIdx.x);
  const int tx = static_cast<int>(threadIdx.x);
  const int ty = static_cast<int>(threadIdx.y);
  float sum = 0.0f;
  for (int k = 0; k < depth; k += 16) {
    left[ty][tx] = row < m && k + tx < depth ? a[row * depth + k + tx] : 0.0f;
    right[ty][tx] = column < n && k + ty < depth ? b[(k + ty) * n + column] : 0.0f;
    __syncthreads();
    for (int i = 0; i < 16; ++i) sum = __fmaf_rn(left[ty][i], right[i][tx], sum);
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}

CORPUS_RUN {
  const auto* a = static_cast<const float*>(in);
  Product<<<dim3(3, 3), dim3(16, 16), 0, stream>>>(a, a + 40 * 44, static_cast<float*>(out), 40, 40,
                                                   44);
  return static_cast<int>(cudaGetLastError());
}
