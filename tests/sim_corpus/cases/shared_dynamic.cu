// Dynamic shared memory beyond 48 KiB, cut into arrays of several types.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Dynamic(const uint32_t* in, uint32_t* out, unsigned words) {
  extern __shared__ __align__(16) unsigned char raw[];
  auto* numbers = reinterpret_cast<uint32_t*>(raw);
  auto* floats = reinterpret_cast<float*>(numbers + words);
  for (unsigned i = threadIdx.x; i < words; i += blockDim.x) {
    numbers[i] = in[i % 1024] + i;
    floats[i] = static_cast<float>(i);
  }
  __syncthreads();
  uint32_t size = 0;
  asm volatile("mov.u32 %0, %%dynamic_smem_size;" : "=r"(size));
  uint32_t sum = size;
  for (unsigned i = threadIdx.x; i < words; i += 4 * blockDim.x) {
    sum = sum * 5 + numbers[words - 1 - i] + static_cast<uint32_t>(floats[i]);
  }
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

CORPUS_RUN {
  const int bytes = 80 * 1024;
  TRY_CUDA(cudaFuncSetAttribute(Dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
  Dynamic<<<2, 512, bytes, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out),
                                     bytes / 8);
  return static_cast<int>(cudaGetLastError());
}
