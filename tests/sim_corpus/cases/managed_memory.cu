// Managed memory, allocated and declared, written by host and device in turns.
// in: 1024
// fill: u32 bits
// out: u32 256
// compare: exact
#include "kit.cuh"

__managed__ uint32_t shared_sum = 17;

__global__ void Step(const uint32_t* in, uint32_t* values) {
  const unsigned i = threadIdx.x;
  values[i] = values[i] * 3 + in[i];
  if (i == 0) shared_sum += values[0] & 0xff;
}

CORPUS_RUN {
  uint32_t* values = nullptr;
  TRY_CUDA(cudaMallocManaged(reinterpret_cast<void**>(&values), 1024));
  shared_sum = 17;
  for (uint32_t i = 0; i < 256; ++i) values[i] = i;
  Step<<<1, 256, 0, stream>>>(static_cast<const uint32_t*>(in), values);
  TRY_CUDA(cudaStreamSynchronize(stream));
  for (uint32_t i = 0; i < 256; ++i) values[i] += shared_sum + i;
  Step<<<1, 256, 0, stream>>>(static_cast<const uint32_t*>(in), values);
  TRY_CUDA(cudaMemcpyAsync(out, values, 1024, cudaMemcpyDefault, stream));
  TRY_CUDA(cudaStreamSynchronize(stream));
  return static_cast<int>(cudaFree(values));
}
