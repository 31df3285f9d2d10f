// Shuffles: every mode and width, sources beyond the segment, 64-bit and float values.
// in: 512
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

template <int kWidth>
__device__ uint32_t Mix(uint32_t value, int lane) {
  uint32_t mixed = __shfl_sync(~0u, value, lane * 7 + 3, kWidth);
  mixed = mixed * 31 + __shfl_up_sync(~0u, value, kWidth / 3 + 1, kWidth);
  mixed = mixed * 31 + __shfl_down_sync(~0u, value, 3, kWidth);
  return mixed * 31 + __shfl_xor_sync(~0u, value, 5, kWidth);
}

__global__ void Shuffle(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const int lane = static_cast<int>(i % 32);
  const uint32_t value = in[i];
  uint32_t* row = out + 8 * static_cast<size_t>(i);
  row[0] = Mix<32>(value, lane);
  row[1] = Mix<16>(value, lane);
  row[2] = Mix<8>(value, lane);
  row[3] = Mix<4>(value, lane) ^ Mix<2>(value, lane) ^ Mix<1>(value, lane);
  const uint64_t wide = static_cast<uint64_t>(value) << 32 | ~value;
  row[4] = static_cast<uint32_t>(__shfl_xor_sync(~0u, wide, 17) >> 16);
  uint32_t clamped = 0;
  asm volatile(
      "{.reg .pred p;\n shfl.sync.down.b32 %0|p, %1, %2, 0x0c1b, 0xffffffff;\n"
      " @!p add.u32 %0, %0, 1;}"
      : "=r"(clamped)
      : "r"(value), "r"(lane % 5));
  row[5] = clamped;
  row[6] = static_cast<uint32_t>(__shfl_sync(~0u, static_cast<int>(value) >> 3, -1));
  row[7] = __float_as_uint(__shfl_up_sync(~0u, static_cast<float>(value), 31));
}

CORPUS_RUN {
  Shuffle<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
