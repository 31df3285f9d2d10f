// memcpy_async of cooperative groups, for blocks and for warps, with odd sizes; then all warps
// write one byte, which the simulator calls a race although they write the same.
// in: 8192
// fill: u8 bits
// out: u32 256
// compare: exact
// finds: race
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>

#include <cuda/barrier>

#include "kit.cuh"

namespace cg = cooperative_groups;

__global__ void Copy(const uint8_t* in, uint32_t* out) {
  __shared__ __align__(16) uint8_t whole[1024];
  __shared__ __align__(16) uint8_t parts[4][64];
  const cg::thread_block block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  const uint8_t* from = in + blockIdx.x * 2048;
  parts[warp.meta_group_rank()][warp.thread_rank()] = 0;
  parts[warp.meta_group_rank()][warp.thread_rank() + 32] = 0;
  block.sync();
  cg::memcpy_async(block, whole, from, 1023);
  cg::memcpy_async(warp, parts[warp.meta_group_rank()], from + 1024 + warp.meta_group_rank() * 64,
                   cuda::aligned_size_t<4>(52));
  cg::wait(warp);
  cg::wait(block);
  whole[1023] = 7;
  block.sync();
  uint32_t sum = 0;
  for (unsigned i = 0; i < 8; ++i) sum = sum * 3 + whole[(threadIdx.x * 8 + i * 3) % 1024];
  for (unsigned i = 0; i < 8; ++i)
    sum = sum * 5 + parts[threadIdx.x % 4][(threadIdx.x + i * 7) % 64];
  out[blockIdx.x * 128 + threadIdx.x] = sum;
}

CORPUS_RUN {
  Copy<<<2, 128, 0, stream>>>(static_cast<const uint8_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
