// Cooperative groups: scans with operators of one's own, reductions of floats and structs, results handed to atomics.
// in: 1024
// fill: i32 bits
// out: i32 1540
// compare: exact
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda/atomic>

#include "kit.cuh"

namespace cg = cooperative_groups;

__global__ void Scans(const int* in, int* out, int* totals) {
  const auto block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  const auto small = cg::tiled_partition<8>(block);
  const unsigned i = blockIdx.x * blockDim.x + block.thread_rank();
  const int value = in[i] % 64;
  int* row = out + 6 * static_cast<size_t>(i);
  row[0] = cg::inclusive_scan(warp, value);
  row[1] = cg::exclusive_scan(small, value, cg::plus<int>());
  row[2] = cg::inclusive_scan(small, value, [](int a, int b) { return a > b ? a : b; });
  row[3] = cg::reduce(warp, value, cg::less<int>());
  row[4] = static_cast<int>(cg::reduce(small, static_cast<float>(value), cg::plus<float>()));
  row[5] = static_cast<int>(cg::reduce(warp, static_cast<long long>(value) << 33, cg::plus<long long>()) >> 33);
  cuda::atomic_ref<int, cuda::thread_scope_device> total(totals[0]);
  cg::reduce_update_async(warp, total, value, cg::plus<int>());
  cuda::atomic_ref<int, cuda::thread_scope_device> most(totals[1]);
  cg::reduce_update_async(small, most, value, cg::greater<int>());
  if (value > 0) {
    const auto some = cg::coalesced_threads();
    atomicAdd(totals + 2, cg::reduce(some, value, cg::plus<int>()) / static_cast<int>(some.size()));
    cg::invoke_one(some, [&] { atomicAdd(totals + 3, static_cast<int>(some.size())); });
  }
}

CORPUS_RUN {
  auto* to = static_cast<int*>(out);
  TRY_CUDA(cudaMemsetAsync(to + 1536, 0, 16, stream));
  Scans<<<2, 128, 0, stream>>>(static_cast<const int*>(in), to, to + 1536);
  return static_cast<int>(cudaGetLastError());
}
