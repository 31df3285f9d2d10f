// A 3 x 3 convolution with borders, weights in constant memory, then max pooling.
// in: 4096
// fill: f32 uniform
// out: f32 256
// compare: relative 1e-5 absolute 1e-6
#include "kit.cuh"

__constant__ float weights[9];

__global__ void Convolve(const float* in, float* out, int size) {
  __shared__ float sums[16][17];
  const int x = static_cast<int>(blockIdx.x * 16 + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * 16 + threadIdx.y);
  float sum = 0.0f;
#pragma unroll
  for (int dy = -1; dy <= 1; ++dy) {
#pragma unroll
    for (int dx = -1; dx <= 1; ++dx) {
      const int column = x + dx;
      const int row = y + dy;
      if (column < 0 || column >= size || row < 0 || row >= size) continue;
      sum += weights[(dy + 1) * 3 + dx + 1] * in[row * size + column];
    }
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x % 2 != 0 || threadIdx.y % 2 != 0) return;
  const float top = fmaxf(sum, sums[threadIdx.y][threadIdx.x + 1]);
  const float low =
      fmaxf(sums[threadIdx.y + 1][threadIdx.x], sums[threadIdx.y + 1][threadIdx.x + 1]);
  out[y / 2 * (size / 2) + x / 2] = fmaxf(top, low);
}

CORPUS_RUN {
  const float host[9] = {0.5f, -1.0f, 0.25f, 2.0f, 0.125f, -0.75f, 1.5f, -0.3f, 0.1f};
  TRY_CUDA(cudaMemcpyToSymbolAsync(weights, host, sizeof(host), 0, cudaMemcpyHostToDevice, stream));
  Convolve<<<dim3(2, 2), dim3(16, 16), 0, stream>>>(static_cast<const float*>(in),
                                                    static_cast<float*>(out), 32);
  return static_cast<int>(cudaGetLastError());
}
