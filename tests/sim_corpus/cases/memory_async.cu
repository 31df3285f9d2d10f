// Memory allocated and freed in the order of a stream, again and again.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Double(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i] * 2 + 1;
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  uint32_t* last = nullptr;
  for (int i = 0; i < 5; ++i) {
    uint32_t* next = nullptr;
    TRY_CUDA(cudaMallocAsync(reinterpret_cast<void**>(&next), 4096, stream));
    Double<<<8, 128, 0, stream>>>(from, next);
    if (last != nullptr) TRY_CUDA(cudaFreeAsync(last, stream));
    from = last = next;
  }
  TRY_CUDA(cudaMemcpyAsync(out, last, 4096, cudaMemcpyDeviceToDevice, stream));
  return static_cast<int>(cudaFreeAsync(last, stream));
}
