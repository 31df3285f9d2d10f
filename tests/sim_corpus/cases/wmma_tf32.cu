// wmma on tf32, values rounded to it first.
// in: 2048
// fill: f32 normal
// out: f32 512
// compare: relative 1e-5 absolute 1e-5
#include <mma.h>

#include "kit.cuh"

using namespace nvcuda;

__global__ void Multiply(const float* in, float* out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> c;
  for (int tile = 0; tile < 2; ++tile) {
    wmma::fill_fragment(c, 0.5f);
    wmma::load_matrix_sync(a, in + tile * 128, 8);
    wmma::load_matrix_sync(b, in + 256 + tile * 128, 8);
    for (int i = 0; i < a.num_elements; ++i) a.x[i] = wmma::__float_to_tf32(a.x[i]);
    for (int i = 0; i < b.num_elements; ++i) b.x[i] = wmma::__float_to_tf32(b.x[i]);
    wmma::mma_sync(c, a, b, c);
    wmma::store_matrix_sync(out + tile * 256, c, 16, wmma::mem_row_major);
  }
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(static_cast<const float*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
