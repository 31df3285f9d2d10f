// mbarrier by hand: phases, parity, expected bytes and a bulk copy into and out of shared memory.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__device__ uint32_t At(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

__device__ void Wait(const uint64_t* barrier, unsigned parity) {
  asm volatile(
      "{.reg .pred done;\n"
      "again: mbarrier.try_wait.parity.shared.b64 done, [%0], %1;\n"
      "@!done bra again;}" ::"r"(At(barrier)),
      "r"(parity)
      : "memory");
}

__global__ void Bulk(const uint32_t* in, uint32_t* out) {
  __shared__ __align__(128) uint32_t buffer[512];
  __shared__ __align__(8) uint64_t barrier;
  const unsigned t = threadIdx.x;
  if (t == 0) {
    asm volatile("mbarrier.init.shared.b64 [%0], 1;" ::"r"(At(&barrier)) : "memory");
    asm volatile("fence.proxy.async;" ::: "memory");
  }
  __syncthreads();
  for (unsigned step = 0; step < 2; ++step) {
    const uint32_t* from = in + (blockIdx.x * 2 + step) * 512;
    if (t == 0) {
      asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" ::"r"(At(&barrier)),
                   "r"(2048)
                   : "memory");
      asm volatile(
          "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, "
          "[%3];" ::"r"(At(buffer)),
          "l"(from), "r"(2048), "r"(At(&barrier))
          : "memory");
    }
    Wait(&barrier, step);
    for (unsigned i = t; i < 512; i += 128) buffer[i] = buffer[i] * 3 + step;
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    if (t == 0) {
      asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(
                       out + (blockIdx.x * 2 + step) * 512),
                   "r"(At(buffer)), "r"(2048)
                   : "memory");
      asm volatile("cp.async.bulk.commit_group;" ::: "memory");
      asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    }
    __syncthreads();
  }
  if (t == 0) asm volatile("mbarrier.inval.shared.b64 [%0];" ::"r"(At(&barrier)) : "memory");
}

CORPUS_RUN {
  Bulk<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
