// Barriers that count, barriers by number among some warps, producers that only arrive, exits.
// in: 1024
// fill: u32 bits
// out: u32 768
// compare: exact
#include "kit.cuh"

__global__ void Barriers(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t values[128];
  const unsigned t = threadIdx.x;
  const unsigned i = blockIdx.x * 128 + t;
  const bool odd = in[i] % 2 != 0;
  const int count = __syncthreads_count(odd);
  const int all = __syncthreads_and(in[i] != 5);
  const int any = __syncthreads_or(in[i] > 0xfff00000u);
  out[3 * i] = static_cast<uint32_t>(count * 4 + (all != 0) * 2 + (any != 0));
  values[t] = 0;
  __syncthreads();
  if (t < 64) {
    values[t] = in[i] * 3;
    asm volatile("bar.arrive 1, 128;" ::: "memory");
  } else {
    asm volatile("bar.sync 1, 128;" ::: "memory");
    values[t] = values[t - 64] + 1;
    asm volatile("barrier.sync.aligned 2, 64;" ::: "memory");
    const uint32_t beside = values[64 + (t + 1) % 64];
    asm volatile("barrier.sync 2, 64;" ::: "memory");
    values[t] += beside;
  }
  __syncthreads();
  out[3 * i + 1] = values[127 - t];
  __syncthreads();
  if (t >= 96) return;  // the barriers below wait for nobody who has left
  values[t] = t + in[i] % 16;
  __syncthreads();
  out[3 * i + 2] = values[95 - t];
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Barriers<<<2, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
