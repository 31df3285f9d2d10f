// A lock taken by every lane of a warp, and waiting for what another lane sets: they end only
// where lanes that wait let others go on.
// in: 1024
// fill: u32 bits
// out: u32 264
// compare: exact
#include "kit.cuh"

__global__ void Lock(const uint32_t* in, uint32_t* out) {
  __shared__ int lock;
  __shared__ volatile uint32_t flags[64];
  const unsigned t = threadIdx.x;
  const unsigned i = blockIdx.x * blockDim.x + t;
  if (t == 0) lock = 0;
  flags[t] = 0;
  __syncthreads();
  bool done = false;
  while (!done) {
    if (atomicCAS(&lock, 0, 1) == 0) {
      __threadfence_block();
      volatile uint32_t* sums = out + 256;
      sums[2 * blockIdx.x] = sums[2 * blockIdx.x] + (in[i] & 0xffff);
      sums[2 * blockIdx.x + 1] = sums[2 * blockIdx.x + 1] + 1;
      __threadfence_block();
      atomicExch(&lock, 0);
      done = true;
    }
  }
  // Each thread waits for the next higher one.
  bool waiting = true;
  while (waiting) {
    const uint32_t next = t < 63 ? flags[t + 1] : 1;
    if (next != 0) {
      out[i] = next * 16 + in[i] % 8;
      flags[t] = next + 1;
      waiting = false;
    } else {
      __nanosleep(20);
    }
  }
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Lock<<<4, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
