// wmma on bfloat16.
// in: 2048
// fill: bf16 integers
// out: f32 256
// compare: exact
#include <cuda_bf16.h>
#include <mma.h>

#include "kit.cuh"

using namespace nvcuda;

__global__ void Multiply(const __nv_bfloat16* in, float* out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __nv_bfloat16, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __nv_bfloat16, wmma::row_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
  wmma::fill_fragment(c, -3.0f);
  for (int k = 0; k < 2; ++k) {
    wmma::load_matrix_sync(a, in + k * 256, 16);
    wmma::load_matrix_sync(b, in + 512 + k * 256, 16);
    wmma::mma_sync(c, a, b, c);
  }
  wmma::store_matrix_sync(out, c, 16, wmma::mem_row_major);
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(static_cast<const __nv_bfloat16*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
