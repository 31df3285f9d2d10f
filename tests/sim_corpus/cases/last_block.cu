// A reduction whose last block, found by a counter behind a fence, adds what the others left.
// in: 16384
// fill: u32 bits
// out: u32 48
// compare: exact
#include "kit.cuh"

__device__ unsigned finished = 0;

__global__ void Reduce(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t sums[4];
  __shared__ bool last;
  uint32_t sum = in[blockIdx.x * 128 + threadIdx.x] >> 4;
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(~0u, sum, step);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    out[8 + blockIdx.x] = sums[0] + sums[1] + sums[2] + sums[3];
    __threadfence();
    last = atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) return;
  __threadfence();
  if (threadIdx.x < 32) {
    sum = static_cast<volatile uint32_t*>(out)[8 + threadIdx.x];
    for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(~0u, sum, step);
    if (threadIdx.x == 0) out[0] = sum;
  }
  if (threadIdx.x == 0) out[1] = finished;
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Reduce<<<32, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
