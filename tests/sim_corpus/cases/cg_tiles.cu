// Cooperative groups: tiles of all sizes, reductions and scans over them, partitions by label.
// in: 512
// fill: u32 bits
// out: u32 1024
// compare: exact
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>

#include "kit.cuh"

namespace cg = cooperative_groups;

template <int kSize>
__device__ uint32_t Tile(const cg::thread_block& block, uint32_t value) {
  const auto tile = cg::tiled_partition<kSize>(block);
  const uint32_t sum = cg::reduce(tile, value, cg::plus<uint32_t>());
  const uint32_t most = cg::reduce(tile, value, cg::greater<uint32_t>());
  const uint32_t before = cg::exclusive_scan(tile, value, cg::plus<uint32_t>());
  return sum ^ (most >> 1) ^ (before << 1) ^ tile.meta_group_rank() ^
         tile.shfl_xor(value, kSize / 2) ^ tile.ballot((value & 1) != 0);
}

__global__ void Tiles(const uint32_t* in, uint32_t* out) {
  const cg::thread_block block = cg::this_thread_block();
  const unsigned i = blockIdx.x * blockDim.x + block.thread_rank();
  const uint32_t value = in[i];
  uint32_t* row = out + 8 * static_cast<size_t>(i);
  row[0] = Tile<32>(block, value);
  row[1] = Tile<16>(block, value);
  row[2] = Tile<8>(block, value);
  row[3] = Tile<4>(block, value) ^ Tile<2>(block, value);
  const auto warp = cg::tiled_partition<32>(block);
  const auto label = cg::labeled_partition(warp, static_cast<int>(value % 3));
  row[4] = label.size() * 256 + label.thread_rank();
  row[5] = cg::reduce(label, value, cg::bit_xor<uint32_t>());
  const auto half = cg::binary_partition(warp, (value & 8) != 0);
  row[6] = half.shfl(value, 0) + cg::inclusive_scan(half, value & 0xff);
  row[7] = block.size() + block.group_index().x * 1000;
  block.sync();
}

CORPUS_RUN {
  Tiles<<<2, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
