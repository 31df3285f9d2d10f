// Shuffles and votes among some of the lanes, in both arms of a branch, converging in between.
// in: 1024
// fill: u32 bits
// out: u32 512
// compare: exact
#include "kit.cuh"

__global__ void Masks(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned lane = i % 32;
  const uint32_t value = in[i];
  uint32_t result = 0;
  if (lane % 3 == 0) {
    const unsigned mask = 0x49249249u;
    result = __shfl_sync(mask, value, lane < 15 ? 30 : 0);
    __syncwarp(mask);
    result ^= __ballot_sync(mask, (value & 1) != 0);
  } else if (lane % 3 == 1) {
    const unsigned mask = 0x92492492u;
    result = __shfl_xor_sync(mask, value, 0) + __reduce_add_sync(mask, value & 0xff);
    result += static_cast<uint32_t>(__any_sync(mask, value > 0xf0000000u)) << 20;
  } else {
    result = __shfl_sync(0x24924924u, value * 3, (lane * 3 + 2) % 30);
  }
  __syncwarp();
  out[2 * i] = result;
  out[2 * i + 1] = __shfl_xor_sync(~0u, result, 1);
}

CORPUS_RUN {
  Masks<<<2, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
