// wmma on common halves: the order and the rounding of its sums are the hardware's own.
// in: 4096
// fill: f16 normal
// out: f32 512
// compare: relative 1e-5 absolute 2e-5
#include <mma.h>

#include "kit.cuh"

using namespace nvcuda;

__global__ void Multiply(const __half* in, float* out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::row_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
  for (int tile = 0; tile < 2; ++tile) {
    wmma::fill_fragment(c, 0.0f);
    for (int k = 0; k < 4; ++k) {
      wmma::load_matrix_sync(a, in + k * 16 + tile * 1024, 64);
      wmma::load_matrix_sync(b, in + k * 256 + 1024 * (1 - tile), 16);
      wmma::mma_sync(c, a, b, c);
    }
    wmma::store_matrix_sync(out + tile * 256, c, 16, wmma::mem_row_major);
  }
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(static_cast<const __half*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
