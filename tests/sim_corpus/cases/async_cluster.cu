// Asynchronous stores and reductions into another block of the cluster, a multicast, and a bulk reduction across blocks,
// all counted by mbarriers.
// in: 4096
// fill: u32 bits
// out: u32 768
// compare: exact
#include <cooperative_groups.h>

#include "kit.cuh"

namespace cg = cooperative_groups;

__device__ unsigned Shared(const void* at) { return static_cast<unsigned>(__cvta_generic_to_shared(at)); }

__device__ unsigned Map(unsigned at, unsigned rank) {
  unsigned mapped;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(at), "r"(rank));
  return mapped;
}

__device__ void Expect(unsigned barrier, unsigned bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

__device__ void Wait(unsigned barrier, unsigned parity) {
  asm volatile(
      "{\n.reg .pred done;\nAGAIN:\nmbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra AGAIN;\n}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

__global__ void __cluster_dims__(2, 1, 1) Exchange(const uint32_t* in, uint32_t* out) {
  __shared__ alignas(128) uint32_t values[64];
  __shared__ alignas(128) uint32_t sums[64];
  __shared__ alignas(128) uint32_t cast[128];
  __shared__ uint32_t most, total;
  __shared__ alignas(8) uint64_t barriers[3];
  const cg::cluster_group cluster = cg::this_cluster();
  const unsigned t = threadIdx.x, rank = cluster.block_rank();
  const unsigned i = blockIdx.x * blockDim.x + t;
  if (t < 3) asm volatile("mbarrier.init.shared.b64 [%0], 1;" ::"r"(Shared(barriers + t)) : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  sums[t] = t;
  if (t == 0) most = total = 0;
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  cluster.sync();
  if (t == 0) {
    Expect(Shared(barriers), 64 * 4 + 64 * 8);  // values, and two reductions of each thread
    Expect(Shared(barriers + 1), sizeof cast);
    Expect(Shared(barriers + 2), sizeof sums);
  }
  const unsigned there = rank ^ 1;
  const unsigned arrived = Map(Shared(barriers), there);
  const uint32_t value = in[i];
  if (t % 2 == 0) {
    asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.v2.b32 [%0], {%1, %2}, [%3];" ::"r"(
                     Map(Shared(values + t), there)),
                 "r"(value), "r"(value ^ 0xffu), "r"(arrived)
                 : "memory");
  }
  asm volatile("red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.max.u32 [%0], %1, [%2];" ::"r"(
                   Map(Shared(&most), there)),
               "r"(value), "r"(arrived)
               : "memory");
  asm volatile("red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.add.u32 [%0], %1, [%2];" ::"r"(
                   Map(Shared(&total), there)),
               "r"(value & 0xffff), "r"(arrived)
               : "memory");
  // One block's bulk copy reaches both.
  if (rank == 1 && t == 0) {
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, [%3], "
        "%4;" ::"r"(Shared(cast)),
        "l"(in + 512), "r"(static_cast<unsigned>(sizeof cast)), "r"(Shared(barriers + 1)),
        "h"(static_cast<uint16_t>(3))
        : "memory");
  }
  Wait(Shared(barriers), 0);
  // What has arrived here is added to what the other one holds.
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (t == 0) {
    asm volatile(
        "cp.reduce.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes.add.u32 [%0], [%1], %2, "
        "[%3];" ::"r"(Map(Shared(sums), there)),
        "r"(Shared(values)), "r"(static_cast<unsigned>(sizeof sums)), "r"(Map(Shared(barriers + 2), there))
        : "memory");
  }
  Wait(Shared(barriers + 1), 0);
  Wait(Shared(barriers + 2), 0);
  uint32_t* row = out + 6 * static_cast<size_t>(i);
  row[0] = values[t];
  row[1] = sums[t];
  row[2] = cast[2 * t];
  row[3] = cast[2 * t + 1];
  row[4] = most;
  row[5] = total;
  cluster.sync();
}

CORPUS_RUN {
  Exchange<<<2, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
