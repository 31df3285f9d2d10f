// Bulk copies counted by cuda::barrier: memcpy_async_tx in, cp.async.bulk out, and cuda::memcpy_async over a barrier.
// in: 8192
// fill: u32 bits
// out: u32 2048
// compare: exact
#include <cooperative_groups.h>
#include <cuda/barrier>
#include <cuda/ptx>

#include "kit.cuh"

namespace cg = cooperative_groups;
using Barrier = cuda::barrier<cuda::thread_scope_block>;

__global__ void Bulk(const uint32_t* in, uint32_t* out) {
  __shared__ alignas(128) uint32_t buffer[256];
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ Barrier full;
  if (threadIdx.x == 0) {
    init(&full, blockDim.x);
    cuda::ptx::fence_proxy_async(cuda::ptx::space_shared);
  }
  __syncthreads();
  const unsigned base = blockIdx.x * 256;
  Barrier::arrival_token token;
  if (threadIdx.x == 0) {
    cuda::device::memcpy_async_tx(buffer, in + base, cuda::aligned_size_t<16>(sizeof buffer), full);
    token = cuda::device::barrier_arrive_tx(full, 1, sizeof buffer);
  } else {
    token = full.arrive();
  }
  full.wait(std::move(token));
  for (unsigned i = threadIdx.x; i < 256; i += blockDim.x) buffer[i] = buffer[i] * 3 + i;
  cuda::ptx::fence_proxy_async(cuda::ptx::space_shared);
  __syncthreads();
  if (threadIdx.x == 0) {
    cuda::ptx::cp_async_bulk(cuda::ptx::space_global, cuda::ptx::space_shared, out + base, buffer, sizeof buffer);
    cuda::ptx::cp_async_bulk_commit_group();
    cuda::ptx::cp_async_bulk_wait_group(cuda::ptx::n32_t<0>());
  }
}

__global__ void Cooperative(const uint32_t* in, uint32_t* out) {
  __shared__ alignas(128) uint32_t buffer[256];
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ Barrier full;
  const auto block = cg::this_thread_block();
  if (block.thread_rank() == 0) init(&full, block.size());
  block.sync();
  const unsigned base = blockIdx.x * 256;
  cuda::memcpy_async(block, buffer, in + base, cuda::aligned_size_t<16>(sizeof buffer), full);
  full.arrive_and_wait();
  for (unsigned i = threadIdx.x; i < 256; i += blockDim.x) out[base + i] = buffer[255 - i];
  block.sync();
  cuda::memcpy_async(block, buffer, in + base + 1, 255 * sizeof(uint32_t), full);
  full.arrive_and_wait();
  for (unsigned i = threadIdx.x; i < 255; i += blockDim.x) out[base + i] ^= buffer[i] << 1;
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  Bulk<<<4, 64, 0, stream>>>(from, to);
  Cooperative<<<4, 64, 0, stream>>>(from + 1024, to + 1024);
  return static_cast<int>(cudaGetLastError());
}
