// wmma on signed and unsigned bytes, wrapping and (by satfinite) saturating sums.
// in: 1024
// fill: u8 bits
// out: i32 768
// compare: exact
#include <mma.h>

#include "kit.cuh"

using namespace nvcuda;

template <class T>
__device__ void Product(const void* in, int* out, int start, bool saturate) {
  const T* values = static_cast<const T*>(in);
  wmma::fragment<wmma::matrix_a, 16, 16, 16, T, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, T, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> c;
  wmma::fill_fragment(c, start);
  wmma::load_matrix_sync(a, values, 16);
  wmma::load_matrix_sync(b, values + 512, 16);
  if (saturate) {
    wmma::mma_sync(c, a, b, c, true);
  } else {
    wmma::mma_sync(c, a, b, c, false);
  }
  wmma::store_matrix_sync(out, c, 16, wmma::mem_row_major);
}

__global__ void Multiply(const void* in, int* out) {
  Product<signed char>(in, out, 5, false);
  Product<unsigned char>(in, out + 256, 2147480000, true);
  Product<signed char>(in, out + 512, -2147483000, true);
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(in, static_cast<int*>(out));
  return static_cast<int>(cudaGetLastError());
}
