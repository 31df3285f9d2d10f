// cp.async by hand: sizes 4, 8 and 16, zero filling, groups, three stages deep.
// in: 16384
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__device__ uint32_t At(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

__global__ void Pipeline(const uint32_t* in, uint32_t* out) {
  __shared__ __align__(16) uint32_t stages[3][512];
  const unsigned t = threadIdx.x;
  uint32_t sums[4] = {};
  const auto fetch = [&](unsigned tile) {
    if (tile < 8) {
      const uint32_t* from = in + tile * 512;
      uint32_t* to = stages[tile % 3];
      if (tile % 3 == 0) {
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(At(to + 4 * t)),
                     "l"(from + 4 * t)
                     : "memory");
      } else if (tile % 3 == 1) {
        asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" ::"r"(At(to + 2 * t)),
                     "l"(from + 2 * t)
                     : "memory");
        asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" ::"r"(At(to + 256 + 2 * t)),
                     "l"(from + 256 + 2 * t)
                     : "memory");
      } else {
        const unsigned bytes = t % 5 == 0 ? 7 : 16;
        asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(At(to + 4 * t)),
                     "l"(from + 4 * t), "r"(bytes)
                     : "memory");
      }
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
  };
  fetch(0);
  fetch(1);
  for (unsigned tile = 0; tile < 8; ++tile) {
    fetch(tile + 2);
    asm volatile("cp.async.wait_group 2;" ::: "memory");
    __syncthreads();
    for (unsigned k = 0; k < 4; ++k)
      sums[k] = sums[k] * 3 + stages[tile % 3][(t * 4 + k * 131) % 512];
    __syncthreads();
  }
  asm volatile("cp.async.wait_all;" ::: "memory");
  for (unsigned k = 0; k < 4; ++k) out[(blockIdx.x * 128 + t) * 4 + k] = sums[k] + blockIdx.x;
}

CORPUS_RUN {
  Pipeline<<<2, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
