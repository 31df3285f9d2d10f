// CUB within a block: reduce, scan, exchange, discontinuity.
// in: 8192
// fill: u32 bits
// out: u32 2056
// compare: exact
#include <cub/cub.cuh>

#include "kit.cuh"

__global__ void Block(const uint32_t* in, uint32_t* out) {
  using Load = cub::BlockLoad<uint32_t, 128, 4, cub::BLOCK_LOAD_TRANSPOSE>;
  using Store = cub::BlockStore<uint32_t, 128, 4, cub::BLOCK_STORE_WARP_TRANSPOSE>;
  using Reduce = cub::BlockReduce<uint32_t, 128>;
  using Scan = cub::BlockScan<uint32_t, 128, cub::BLOCK_SCAN_RAKING>;
  using Scan2 = cub::BlockScan<uint32_t, 128, cub::BLOCK_SCAN_WARP_SCANS>;
  using Heads = cub::BlockDiscontinuity<uint32_t, 128>;
  __shared__ union {
    Load::TempStorage load;
    Store::TempStorage store;
    Reduce::TempStorage reduce;
    Scan::TempStorage scan;
    Scan2::TempStorage scan2;
    Heads::TempStorage heads;
  } temp;
  uint32_t items[4];
  Load(temp.load).Load(in + blockIdx.x * 512, items);
  __syncthreads();
  const uint32_t most = Reduce(temp.reduce).Reduce(items, ::cuda::maximum<>{});
  if (threadIdx.x == 0) out[2048 + blockIdx.x] = most;
  __syncthreads();
  int heads[4];
  uint32_t few[4];
  for (int i = 0; i < 4; ++i) few[i] = items[i] % 3;
  Heads(temp.heads).FlagHeads(heads, few, ::cuda::std::not_equal_to<>{});
  __syncthreads();
  for (int i = 0; i < 4; ++i) items[i] = (items[i] & 0xfff) + static_cast<uint32_t>(heads[i]);
  uint32_t total = 0;
  if (blockIdx.x % 2 == 0) {
    Scan(temp.scan).ExclusiveSum(items, items, total);
  } else {
    Scan2(temp.scan2).InclusiveSum(items, items, total);
  }
  __syncthreads();
  Store(temp.store).Store(out + blockIdx.x * 512, items);
  if (threadIdx.x == 0) out[2052 + blockIdx.x] = total;
}

CORPUS_RUN {
  Block<<<4, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
