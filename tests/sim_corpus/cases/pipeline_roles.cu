// cuda::pipeline with a shared state: one warp copies, the others compute; and the pipeline of a single thread.
// in: 8192
// fill: u32 bits
// out: u32 1152
// compare: exact
#include <cooperative_groups.h>
#include <cuda/pipeline>

#include "kit.cuh"

namespace cg = cooperative_groups;

__global__ void Roles(const uint32_t* in, uint32_t* out) {
  constexpr int kStages = 2, kElements = 128;
  __shared__ alignas(16) uint32_t buffer[kStages][kElements];
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, kStages> state;
  const auto block = cg::this_thread_block();
  const bool producer = threadIdx.x < 32;
  auto pipe = cuda::make_pipeline(
      block, &state, producer ? cuda::pipeline_role::producer : cuda::pipeline_role::consumer);
  for (int step = 0; step < 8; ++step) {
    if (producer) {
      pipe.producer_acquire();
      for (int k = 0; k < kElements / 32; ++k) {
        const int at = static_cast<int>(threadIdx.x) + 32 * k;
        cuda::memcpy_async(&buffer[step % kStages][at], in + step * kElements + at, sizeof(uint32_t), pipe);
      }
      pipe.producer_commit();
    } else {
      pipe.consumer_wait();
      const unsigned t = threadIdx.x - 32;
      out[step * kElements + t] = buffer[step % kStages][kElements - 1 - t] ^ static_cast<uint32_t>(step);
      pipe.consumer_release();
    }
  }
}

__global__ void Single(const uint32_t* in, uint32_t* out) {
  __shared__ alignas(16) uint4 buffer[2][32];
  auto pipe = cuda::make_pipeline();
  uint32_t sum = 0;
  for (int step = 0; step <= 8; ++step) {
    if (step < 8) {
      pipe.producer_acquire();
      cuda::memcpy_async(&buffer[step % 2][threadIdx.x],
                         reinterpret_cast<const uint4*>(in) + step * 32 + threadIdx.x,
                         cuda::aligned_size_t<16>(16), pipe);
      pipe.producer_commit();
    }
    if (step == 0) continue;
    cuda::pipeline_consumer_wait_prior<1>(pipe);
    if (step == 8) cuda::pipeline_consumer_wait_prior<0>(pipe);
    const uint4 v = buffer[(step - 1) % 2][threadIdx.x];
    sum = sum * 31 + (v.x ^ v.y) + (v.z ^ v.w);
    pipe.consumer_release();
  }
  for (int k = 0; k < 4; ++k) out[4 * threadIdx.x + k] = sum + k;
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  Roles<<<1, 160, 0, stream>>>(from, to);
  Single<<<1, 32, 0, stream>>>(from, to + 1024);
  return static_cast<int>(cudaGetLastError());
}
