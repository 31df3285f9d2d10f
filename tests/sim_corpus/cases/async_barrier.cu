// cuda::barrier between producing and consuming warps, with arrival and waiting apart.
// in: 4096
// fill: u32 bits
// out: u32 512
// compare: exact
#include <cuda/barrier>

#include "kit.cuh"

__global__ void Exchange(const uint32_t* in, uint32_t* out) {
  using Barrier = cuda::barrier<cuda::thread_scope_block>;
  __shared__ uint32_t buffer[64];
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ Barrier full;
  __shared__ Barrier empty;
  if (threadIdx.x == 0) {
    init(&full, blockDim.x);
    init(&empty, blockDim.x);
  }
  __syncthreads();
  const unsigned t = threadIdx.x % 64;
  if (threadIdx.x < 64) {
    for (unsigned step = 0; step < 4; ++step) {
      empty.arrive_and_wait();
      buffer[t] = in[step * 64 + t] + step;
      (void)full.arrive();
    }
  } else {
    (void)empty.arrive();
    uint32_t sum = 0;
    for (unsigned step = 0; step < 4; ++step) {
      full.arrive_and_wait();
      sum = sum * 11 + buffer[63 - t] + buffer[(t * 5) % 64];
      if (step < 3) (void)empty.arrive();
      out[step * 64 + t] = sum;
    }
  }
}

CORPUS_RUN {
  Exchange<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
