// CUB over the device: reductions, with temporary storage from the stream.
// in: 65536
// fill: u32 bits
// out: u32 16
// compare: exact
#include <cub/cub.cuh>

#include "kit.cuh"

CORPUS_RUN {
  const auto* values = static_cast<const uint32_t*>(in);
  auto* results = static_cast<uint32_t*>(out);
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  for (const int n : {16384, 1000}) {
    void* temp = nullptr;
    size_t bytes = 0;
    TRY_CUDA(cub::DeviceReduce::Sum(temp, bytes, values, results, n, stream));
    TRY_CUDA(cudaMallocAsync(&temp, bytes, stream));
    TRY_CUDA(cub::DeviceReduce::Sum(temp, bytes, values, results, n, stream));
    TRY_CUDA(cudaFreeAsync(temp, stream));
    temp = nullptr;
    TRY_CUDA(cub::DeviceReduce::Min(temp, bytes, values, results + 1, n, stream));
    TRY_CUDA(cudaMallocAsync(&temp, bytes, stream));
    TRY_CUDA(cub::DeviceReduce::Min(temp, bytes, values, results + 1, n, stream));
    TRY_CUDA(cudaFreeAsync(temp, stream));
    results += 2;
  }
  return 0;
}
