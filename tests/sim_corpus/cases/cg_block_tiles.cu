// Cooperative groups: tiles of several warps, with scratch of the kernel's own and with the reserved one; reductions,
// scans, shuffles and votes over them.
// in: 4096
// fill: u32 bits
// out: u32 4096
// compare: exact
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>

#include "kit.cuh"

namespace cg = cooperative_groups;

template <class Tile>
__device__ void Row(const Tile& tile, uint32_t value, uint32_t* row) {
  row[0] = cg::reduce(tile, value, cg::plus<uint32_t>());
  row[1] = tile.any(value < 0x01000000) * 2 + tile.all(value > 0x00400000);
  row[2] = tile.shfl(value, tile.size() - 3);
  row[3] = tile.meta_group_rank() * 1024 + tile.thread_rank();
  tile.sync();
}

__global__ void Scratch(const uint32_t* in, uint32_t* out) {
  __shared__ cg::block_tile_memory<256> memory;
  const auto block = cg::this_thread_block(memory);
  const unsigned i = blockIdx.x * blockDim.x + block.thread_rank();
  Row(cg::tiled_partition<64>(block), in[i], out + 4 * static_cast<size_t>(i));
}

__global__ void Reserved(const uint32_t* in, uint32_t* out) {
  const auto block = cg::this_thread_block();
  const unsigned i = blockIdx.x * blockDim.x + block.thread_rank();
  Row(cg::tiled_partition<128>(block), in[i], out + 4 * static_cast<size_t>(i));
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  Scratch<<<2, 256, 0, stream>>>(from, to);
  Reserved<<<2, 256, 0, stream>>>(from + 512, to + 2048);
  return static_cast<int>(cudaGetLastError());
}
