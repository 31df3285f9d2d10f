// CUB over the device: selection by a predicate, and runs.
// in: 8192
// fill: u32 bits
// out: u32 1300
// compare: exact
#include <cub/cub.cuh>

#include "kit.cuh"

struct Odd {
  __host__ __device__ bool operator()(uint32_t value) const { return (value & 1) != 0; }
};

CORPUS_RUN {
  const auto* values = static_cast<const uint32_t*>(in);
  auto* kept = static_cast<uint32_t*>(out);
  auto* count = reinterpret_cast<int*>(kept + 1299);
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  void* temp = nullptr;
  size_t bytes = 0;
  TRY_CUDA(cub::DeviceSelect::If(temp, bytes, values, kept, count, 2048, Odd{}, stream));
  TRY_CUDA(cudaMallocAsync(&temp, bytes, stream));
  TRY_CUDA(cub::DeviceSelect::If(temp, bytes, values, kept, count, 2048, Odd{}, stream));
  TRY_CUDA(cudaFreeAsync(temp, stream));
  return static_cast<int>(cudaGetLastError());
}
