// Calls through pointers: a table in memory, chosen per lane; lanes of a warp call different ones.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

using Step = uint32_t (*)(uint32_t, uint32_t);

__device__ __noinline__ uint32_t Add(uint32_t a, uint32_t b) { return a + b; }
__device__ __noinline__ uint32_t Rotate(uint32_t a, uint32_t b) { return __funnelshift_l(a, a, b); }
__device__ __noinline__ uint32_t Multiply(uint32_t a, uint32_t b) { return a * (b | 1); }
__device__ __noinline__ uint32_t Loop(uint32_t a, uint32_t b) {
  for (uint32_t i = 0; i < b % 9; ++i) a = a * 3 + i;
  return a;
}

__device__ Step steps[4] = {Add, Rotate, Multiply, Loop};

__global__ void Apply(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t value = in[i];
  for (int k = 0; k < 4; ++k) value = steps[(value >> (7 * k)) % 4](value, in[i] >> k);
  out[i] = value;
}

CORPUS_RUN {
  Apply<<<8, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
