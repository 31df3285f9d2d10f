// wmma on halves in both layouts, accumulating in float and in half; sums of integers are exact.
// in: 2048
// fill: f16 integers
// out: f32 768
// compare: exact
#include <mma.h>

#include "kit.cuh"

using namespace nvcuda;

__global__ void Multiply(const __half* in, float* out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
  wmma::fill_fragment(c, 1.0f);
  wmma::load_matrix_sync(a, in, 16);
  wmma::load_matrix_sync(b, in + 256, 16);
  wmma::mma_sync(c, a, b, c);
  for (int i = 0; i < c.num_elements; ++i) c.x[i] *= 2.0f;
  wmma::store_matrix_sync(out, c, 16, wmma::mem_row_major);

  wmma::fragment<wmma::matrix_a, 32, 8, 16, __half, wmma::col_major> tall;
  wmma::fragment<wmma::matrix_b, 32, 8, 16, __half, wmma::row_major> narrow;
  wmma::fragment<wmma::accumulator, 32, 8, 16, __half> sums;
  __shared__ __half results[256];
  wmma::load_matrix_sync(tall, in + 512, 32);
  wmma::load_matrix_sync(narrow, in + 64, 8);
  wmma::fill_fragment(sums, __float2half(0.0f));
  wmma::mma_sync(sums, tall, narrow, sums);
  wmma::store_matrix_sync(results, sums, 32, wmma::mem_col_major);
  __syncwarp();
  for (unsigned i = threadIdx.x; i < 256; i += 32) out[256 + i] = __half2float(results[i]);

  wmma::fragment<wmma::matrix_a, 8, 32, 16, __half, wmma::row_major> flat;
  wmma::fragment<wmma::matrix_b, 8, 32, 16, __half, wmma::row_major> wide;
  wmma::fragment<wmma::accumulator, 8, 32, 16, float> third;
  wmma::load_matrix_sync(flat, in + 128, 16);
  wmma::load_matrix_sync(wide, in + 512, 32);
  wmma::load_matrix_sync(third, out, 32, wmma::mem_row_major);
  wmma::mma_sync(third, flat, wide, third);
  wmma::store_matrix_sync(out + 512, third, 8, wmma::mem_col_major);
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(static_cast<const __half*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
