// A cluster of four blocks that read and add into each other's shared memory.
// in: 2048
// fill: u32 bits
// out: u32 1024
// compare: exact
#include <cooperative_groups.h>

#include "kit.cuh"

namespace cg = cooperative_groups;

__global__ void __cluster_dims__(4, 1, 1) Exchange(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t values[64];
  __shared__ uint32_t total;
  const cg::cluster_group cluster = cg::this_cluster();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  values[threadIdx.x] = in[i];
  if (threadIdx.x == 0) total = 0;
  cluster.sync();
  const unsigned rank = cluster.block_rank();
  const uint32_t* next = cluster.map_shared_rank(values, (rank + 1) % cluster.num_blocks());
  atomicAdd(cluster.map_shared_rank(&total, (rank + 2) % 4), values[threadIdx.x] & 0xff);
  const uint32_t mine = next[63 - threadIdx.x];
  cluster.sync();
  out[2 * i] = mine;
  out[2 * i + 1] = total + rank * 0x10000;
  cluster.sync();
}

CORPUS_RUN {
  Exchange<<<8, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
