// cudaLaunchKernelEx with the size of a cluster, cudaLaunchKernel with its arguments by address,
// and what the occupancy functions answer.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include <cooperative_groups.h>

#include "kit.cuh"

__global__ void Ranks(const uint32_t* in, uint32_t* out, uint32_t add) {
  const auto cluster = cooperative_groups::this_cluster();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i] + cluster.block_rank() * 1000 + cluster.num_blocks() * add;
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(4);
  config.blockDim = dim3(128);
  config.stream = stream;
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim.x = 2;
  attribute.val.clusterDim.y = 1;
  attribute.val.clusterDim.z = 1;
  config.attrs = &attribute;
  config.numAttrs = 1;
  TRY_CUDA(cudaLaunchKernelEx(&config, Ranks, from, to, 5u));
  int blocks = 0;
  TRY_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, Ranks, 128, 0));
  uint32_t add = blocks > 0 ? 9 : 0;
  from += 512;
  to += 512;
  void* arguments[] = {&from, &to, &add};
  return static_cast<int>(cudaLaunchKernel(reinterpret_cast<const void*>(Ranks), dim3(4), dim3(128),
                                           arguments, 0, stream));
}
