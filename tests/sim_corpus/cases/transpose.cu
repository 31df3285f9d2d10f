// Transposition through a padded tile of shared memory, edges included.
// in: 5760
// fill: f32 uniform
// out: f32 1440
// compare: exact
#include "kit.cuh"

__global__ void Transpose(const float* in, float* out, int rows, int columns) {
  __shared__ float tile[32][33];
  int x = static_cast<int>(blockIdx.x * 32 + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * 32 + threadIdx.y);
  for (int k = 0; k < 32; k += 8) {
    if (x < columns && y + k < rows) tile[threadIdx.y + k][threadIdx.x] = in[(y + k) * columns + x];
  }
  __syncthreads();
  x = static_cast<int>(blockIdx.y * 32 + threadIdx.x);
  const int top = static_cast<int>(blockIdx.x * 32 + threadIdx.y);
  for (int k = 0; k < 32; k += 8) {
    if (x < rows && top + k < columns)
      out[(top + k) * rows + x] = tile[threadIdx.x][threadIdx.y + k];
  }
}

CORPUS_RUN {
  Transpose<<<dim3(2, 2), dim3(32, 8), 0, stream>>>(static_cast<const float*>(in),
                                                    static_cast<float*>(out), 40, 36);
  return static_cast<int>(cudaGetLastError());
}
