// Keeps what passes a test, in order, with ballots, population counts and lane masks.
// in: 4096
// fill: u32 bits
// out: u32 1032
// compare: exact
#include "kit.cuh"

__global__ void Compact(const uint32_t* in, uint32_t* out) {
  const unsigned warp = blockIdx.x;
  uint32_t kept = 0;
  for (unsigned i = threadIdx.x; i < 128; i += 32) {
    const uint32_t value = in[warp * 128 + i];
    const bool keep = value % 3 != 0;
    const unsigned votes = __ballot_sync(~0u, keep);
    unsigned below = 0;
    asm volatile("mov.u32 %0, %%lanemask_lt;" : "=r"(below));
    if (keep) out[8 + warp * 128 + kept + static_cast<unsigned>(__popc(votes & below))] = value;
    kept += static_cast<unsigned>(__popc(votes));
  }
  for (unsigned i = kept + threadIdx.x; i < 128; i += 32) out[8 + warp * 128 + i] = 0xdeadbeefu;
  if (threadIdx.x == 0) out[warp] = kept;
}

CORPUS_RUN {
  Compact<<<8, 32, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
