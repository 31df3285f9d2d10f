// A histogram in shared memory, added to the one in global memory.
// in: 16384
// fill: u8 bits
// out: u32 264
// compare: exact
#include "kit.cuh"

__global__ void Histogram(const uint8_t* in, uint32_t* out, unsigned n) {
  __shared__ uint32_t counts[256];
  for (unsigned i = threadIdx.x; i < 256; i += blockDim.x) counts[i] = 0;
  __syncthreads();
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    atomicAdd(&counts[in[i]], 1);
    if (in[i] % 32 == 0) atomicAdd(&out[256 + in[i] / 32], 1);
  }
  __syncthreads();
  for (unsigned i = threadIdx.x; i < 256; i += blockDim.x) atomicAdd(&out[i], counts[i]);
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Histogram<<<4, 128, 0, stream>>>(static_cast<const uint8_t*>(in), static_cast<uint32_t*>(out),
                                   static_cast<unsigned>(in_bytes));
  return static_cast<int>(cudaGetLastError());
}
