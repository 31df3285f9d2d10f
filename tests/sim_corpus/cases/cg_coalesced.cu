// Coalesced groups within a branch: one atomic per group, ranks, votes.
// in: 2048
// fill: u32 bits
// out: u32 520
// compare: exact
#include <cooperative_groups.h>

#include "kit.cuh"

namespace cg = cooperative_groups;

__global__ void Coalesced(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t result = 0;
  if (in[i] % 3 == 1) {
    const cg::coalesced_group group = cg::coalesced_threads();
    if (group.thread_rank() == 0) atomicAdd(out, group.size());
    result = group.thread_rank() + 100 * group.size() + 10000 * group.shfl(in[i] & 0xff, 0);
    result += static_cast<uint32_t>(group.any(in[i] % 5 == 0)) << 31;
  } else {
    atomicAdd(out + 1, 1);
  }
  out[8 + i] = result;
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Coalesced<<<4, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
