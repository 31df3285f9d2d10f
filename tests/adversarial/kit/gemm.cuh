// A product in float: blocks of 64 x 64, four by four elements for each thread.
#include <cuda_runtime.h>
#include <cstdint>
__global__ void gemm(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k) {
  __shared__ float left[16][64], right[16][64];
  const int64_t row = blockIdx.y * int64_t{64}, col = blockIdx.x * int64_t{64};
  const int x = threadIdx.x % 16, y = threadIdx.x / 16;
  float sum[4][4] = {};
  for (int64_t at = 0; at < k; at += 16) {
    for (int i = threadIdx.x; i < 1024; i += 256) {
      const int64_t r = row + i / 16, s = at + i % 16;
      left[i % 16][i / 16] = r < m && s < k ? a[r * k + s] : 0;
      const int64_t p = at + i / 64, q = col + i % 64;
      right[i / 64][i % 64] = p < k && q < n ? b[p * n + q] : 0;
    }
    __syncthreads();
    for (int i = 0; i < 16; ++i)
      for (int r = 0; r < 4; ++r)
        for (int s = 0; s < 4; ++s) sum[r][s] += left[i][y * 4 + r] * right[i][x * 4 + s];
    __syncthreads();
  }
  for (int r = 0; r < 4; ++r)
    for (int s = 0; s < 4; ++s)
      if (row + y * 4 + r < m && col + x * 4 + s < n) c[(row + y * 4 + r) * n + col + x * 4 + s] = sum[r][s];
}
static void multiply(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((n + 63) / 64), static_cast<unsigned>((m + 63) / 64));
  gemm<<<grid, 256, 0, stream>>>(a, b, c, m, n, k);
}
