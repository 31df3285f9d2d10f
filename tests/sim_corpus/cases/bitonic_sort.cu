// A bitonic sort in shared memory: strides below and above a warp.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Sort(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t values[1024];
  const unsigned t = threadIdx.x;
  values[t] = in[t];
  values[t + 512] = in[t + 512];
  for (unsigned size = 2; size <= 1024; size *= 2) {
    for (unsigned stride = size / 2; stride > 0; stride /= 2) {
      __syncthreads();
      const unsigned low = 2 * t - (t & (stride - 1));
      const bool up = (low & size) == 0;
      const uint32_t a = values[low];
      const uint32_t b = values[low + stride];
      if ((a > b) == up) {
        values[low] = b;
        values[low + stride] = a;
      }
    }
  }
  __syncthreads();
  out[t] = values[t];
  out[t + 512] = values[t + 512];
}

CORPUS_RUN {
  Sort<<<1, 512, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
