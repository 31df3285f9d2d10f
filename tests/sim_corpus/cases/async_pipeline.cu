// cuda::pipeline of two stages over a block, with memcpy_async.
// in: 16384
// fill: u32 bits
// out: u32 256
// compare: exact
#include <cooperative_groups.h>

#include <cuda/pipeline>

#include "kit.cuh"

__global__ void Pipeline(const uint32_t* in, uint32_t* out) {
  constexpr unsigned kStages = 2;
  __shared__ __align__(16) uint32_t stages[kStages][128];
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, kStages> state;
  const auto block = cooperative_groups::this_thread_block();
  auto pipeline = cuda::make_pipeline(block, &state);
  const uint32_t* from = in + blockIdx.x * 2048;
  uint32_t sum = 0;
  for (unsigned compute = 0, fetch = 0; compute < 16; ++compute) {
    for (; fetch < 16 && fetch < compute + kStages; ++fetch) {
      pipeline.producer_acquire();
      cuda::memcpy_async(block, stages[fetch % kStages], from + fetch * 128,
                         cuda::aligned_size_t<16>(512), pipeline);
      pipeline.producer_commit();
    }
    pipeline.consumer_wait();
    sum = sum * 7 + stages[compute % kStages][127 - threadIdx.x];
    pipeline.consumer_release();
  }
  out[blockIdx.x * 128 + threadIdx.x] = sum;
}

CORPUS_RUN {
  Pipeline<<<2, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
