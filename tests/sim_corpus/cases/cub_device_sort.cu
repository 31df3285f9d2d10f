// CUB over the device: radix sort of pairs.
// in: 3072
// fill: u32 bits
// out: u32 1536
// compare: exact
#include <cub/cub.cuh>

#include "kit.cuh"

__global__ void Prepare(const uint32_t* in, uint32_t* keys, uint32_t* values) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  keys[i] = in[i] & 0xfffff;
  values[i] = i;
}

CORPUS_RUN {
  const int n = 768;
  auto* sorted = static_cast<uint32_t*>(out);
  uint32_t* keys = nullptr;
  TRY_CUDA(cudaMallocAsync(reinterpret_cast<void**>(&keys), 8 * n, stream));
  Prepare<<<n / 128, 128, 0, stream>>>(static_cast<const uint32_t*>(in), keys, keys + n);
  void* temp = nullptr;
  size_t bytes = 0;
  TRY_CUDA(cub::DeviceRadixSort::SortPairs(temp, bytes, keys, sorted, keys + n, sorted + n, n, 0,
                                           20, stream));
  TRY_CUDA(cudaMallocAsync(&temp, bytes, stream));
  TRY_CUDA(cub::DeviceRadixSort::SortPairs(temp, bytes, keys, sorted, keys + n, sorted + n, n, 0,
                                           20, stream));
  TRY_CUDA(cudaFreeAsync(temp, stream));
  TRY_CUDA(cudaFreeAsync(keys, stream));
  return static_cast<int>(cudaGetLastError());
}
