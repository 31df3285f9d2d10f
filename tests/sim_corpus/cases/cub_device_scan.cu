// CUB over the device: exclusive and inclusive sums by decoupled look-back.
// in: 32768
// fill: u32 bits
// out: u32 1024
// compare: exact
#include <cub/cub.cuh>

#include "kit.cuh"

__global__ void Thin(const uint32_t* sums, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t mixed = 0;
  for (unsigned k = 0; k < 8; ++k) mixed = mixed * 3 + sums[8 * i + k];
  out[i] = mixed;
}

CORPUS_RUN {
  const auto* values = static_cast<const uint32_t*>(in);
  const int n = 8192;
  uint32_t* sums = nullptr;
  void* temp = nullptr;
  size_t bytes = 0;
  TRY_CUDA(cudaMallocAsync(reinterpret_cast<void**>(&sums), 4 * n, stream));
  TRY_CUDA(cub::DeviceScan::ExclusiveSum(temp, bytes, values, sums, n, stream));
  TRY_CUDA(cudaMallocAsync(&temp, bytes, stream));
  TRY_CUDA(cub::DeviceScan::ExclusiveSum(temp, bytes, values, sums, n, stream));
  Thin<<<n / 1024, 128, 0, stream>>>(sums, static_cast<uint32_t*>(out));
  TRY_CUDA(cub::DeviceScan::InclusiveSum(temp, bytes, values, sums, 1000, stream));
  TRY_CUDA(cudaMemcpyAsync(out, sums, 4 * 500, cudaMemcpyDeviceToDevice, stream));
  TRY_CUDA(cudaFreeAsync(temp, stream));
  TRY_CUDA(cudaFreeAsync(sums, stream));
  return static_cast<int>(cudaGetLastError());
}
