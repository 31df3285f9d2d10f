// CUB's radix sort within a block: keys with values, descending, floats.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include <cub/cub.cuh>

#include "kit.cuh"

__global__ void Sort(const uint32_t* in, uint32_t* out) {
  using Sorter = cub::BlockRadixSort<uint32_t, 128, 4, uint32_t>;
  using Floats = cub::BlockRadixSort<float, 128, 4>;
  __shared__ union {
    Sorter::TempStorage keys;
    Floats::TempStorage floats;
  } temp;
  uint32_t keys[4];
  uint32_t values[4];
  float floats[4];
  const unsigned first = blockIdx.x * 512 + threadIdx.x * 4;
  for (unsigned i = 0; i < 4; ++i) {
    keys[i] = in[first + i] >> 20;
    values[i] = first + i;
    floats[i] = static_cast<float>(static_cast<int>(in[first + i]));
  }
  if (blockIdx.x == 0) {
    Sorter(temp.keys).Sort(keys, values);
  } else {
    Sorter(temp.keys).SortDescending(keys, values);
  }
  __syncthreads();
  Floats(temp.floats).SortBlockedToStriped(floats);
  for (unsigned i = 0; i < 4; ++i) out[first + i] = keys[i] * 3 + values[i];
  __syncthreads();
  for (unsigned i = 0; i < 4; ++i) {
    atomicXor(&out[blockIdx.x * 512 + i * 128 + threadIdx.x], __float_as_uint(floats[i]));
  }
}

CORPUS_RUN {
  Sort<<<2, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
