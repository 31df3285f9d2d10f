// A product on the tensor cores, through TF32: a warp for 16 x 16 elements; ragged edges on the ordinary cores.
#include <cuda_runtime.h>
#include <mma.h>
#include <cstdint>
__global__ void product(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k) {
  using namespace nvcuda;
  const int64_t row = blockIdx.y * int64_t{16}, col = blockIdx.x * int64_t{16};
  if (row + 16 <= m && col + 16 <= n && k % 8 == 0 && n % 4 == 0) {
    wmma::fragment<wmma::accumulator, 16, 16, 8, float> sum;
    wmma::fill_fragment(sum, 0.0f);
    for (int64_t i = 0; i < k; i += 8) {
      wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> left;
      wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::row_major> right;
      wmma::load_matrix_sync(left, a + row * k + i, static_cast<unsigned>(k));
      wmma::load_matrix_sync(right, b + i * n + col, static_cast<unsigned>(n));
      for (int t = 0; t < left.num_elements; ++t) left.x[t] = wmma::__float_to_tf32(left.x[t]);
      for (int t = 0; t < right.num_elements; ++t) right.x[t] = wmma::__float_to_tf32(right.x[t]);
      wmma::mma_sync(sum, left, right, sum);
    }
    wmma::store_matrix_sync(c + row * n + col, sum, static_cast<unsigned>(n), wmma::mem_row_major);
    return;
  }
  for (int64_t t = threadIdx.x; t < 256; t += 32) {
    const int64_t r = row + t / 16, s = col + t % 16;
    if (r >= m || s >= n) continue;
    float sum = 0;
    for (int64_t i = 0; i < k; ++i) sum += a[r * k + i] * b[i * n + s];
    c[r * n + s] = sum;
  }
}
static void multiply(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((n + 15) / 16), static_cast<unsigned>((m + 15) / 16));
  product<<<grid, 32, 0, stream>>>(a, b, c, m, n, k);
}
