// Nested branches and loops whose lengths differ by lane, with breaks, continues, early returns and
// shuffles where all have met again.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__device__ uint32_t Walk(uint32_t value, unsigned lane) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < value % 23; ++i) {
    if ((value >> i) % 4 == 3) continue;
    for (unsigned j = i; j < 12; ++j) {
      if (((value + j) * 7) % 11 == lane % 11) break;
      sum = sum * 5 + (i ^ j);
      if (sum > 0xf0000000u) return sum;
    }
    if (i > lane) {
      if (sum % 2 != 0) {
        sum += 1000;
      } else if (lane % 2 != 0) {
        sum ^= value;
      } else {
        break;
      }
    }
    while (sum % 3 == 0 && sum != 0) sum /= 3;
  }
  return sum;
}

__global__ void Diverge(const uint32_t* in, uint32_t* out, unsigned n) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const unsigned lane = i % 32;
  uint32_t sum = Walk(in[i], lane);
  __syncwarp();
  sum += __shfl_sync(~0u, sum, static_cast<int>(31 - lane)) >> 1;
  if (lane % 7 == 2) {
    out[i] = sum;
    return;
  }
  if (in[i] % 5 == 0) sum = Walk(sum, lane / 2);
  out[i] = sum + lane;
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Diverge<<<9, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out),
                                 1024);
  return static_cast<int>(cudaGetLastError());
}
