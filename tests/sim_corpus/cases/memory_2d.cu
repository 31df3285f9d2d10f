// Copies and fills of rectangles, pitched memory, and pinned host memory read by a kernel.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Shift(const char* pitched, size_t pitch, const uint32_t* host, uint32_t* out) {
  const unsigned x = threadIdx.x;
  const unsigned y = blockIdx.x;
  const auto* row = reinterpret_cast<const uint32_t*>(pitched + pitch * y);
  out[y * 32 + x] = row[x] + host[x % 8];
}

CORPUS_RUN {
  char* pitched = nullptr;
  uint32_t* host = nullptr;
  size_t pitch = 0;
  TRY_CUDA(cudaMallocPitch(reinterpret_cast<void**>(&pitched), &pitch, 128, 32));
  TRY_CUDA(cudaHostAlloc(reinterpret_cast<void**>(&host), 64, cudaHostAllocMapped));
  for (uint32_t i = 0; i < 8; ++i) host[i] = i * 100;
  TRY_CUDA(cudaMemcpy2DAsync(pitched, pitch, in, 128, 128, 32, cudaMemcpyDeviceToDevice, stream));
  TRY_CUDA(cudaMemset2DAsync(pitched + 16, pitch, 0x21, 20, 10, stream));
  uint32_t* seen = nullptr;
  TRY_CUDA(cudaHostGetDevicePointer(reinterpret_cast<void**>(&seen), host, 0));
  Shift<<<32, 32, 0, stream>>>(pitched, pitch, seen, static_cast<uint32_t*>(out));
  TRY_CUDA(cudaStreamSynchronize(stream));
  TRY_CUDA(cudaFreeHost(host));
  return static_cast<int>(cudaFree(pitched));
}
