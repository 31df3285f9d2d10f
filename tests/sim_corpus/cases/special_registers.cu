// Where a thread is: three-dimensional grids and blocks, lane masks, sizes, address spaces; clocks
// that only ever go up.
// in: 64
// fill: u32 bits
// out: u32 1440
// compare: exact
#include "kit.cuh"

__constant__ int constant_word = 1;
__device__ int global_word;

__global__ void __launch_bounds__(64, 2) Where(uint32_t* out) {
  __shared__ int shared_word;
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  uint32_t* row = out + (block * 60 + thread) * 6;
  row[0] = threadIdx.x | threadIdx.y << 4 | threadIdx.z << 8 | blockIdx.x << 12 | blockIdx.y << 16 |
           blockIdx.z << 20;
  row[1] = blockDim.x | blockDim.y << 4 | blockDim.z << 8 | gridDim.x << 12 | gridDim.y << 16 |
           gridDim.z << 20;
  uint32_t masks[5];
  asm volatile("mov.u32 %0, %%lanemask_eq;" : "=r"(masks[0]));
  asm volatile("mov.u32 %0, %%lanemask_le;" : "=r"(masks[1]));
  asm volatile("mov.u32 %0, %%lanemask_gt;" : "=r"(masks[2]));
  asm volatile("mov.u32 %0, %%lanemask_ge;" : "=r"(masks[3]));
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(masks[4]));
  row[2] = masks[0] ^ masks[1] * 3 ^ masks[2] * 5 ^ masks[3] * 7 ^ masks[4];
  int local_word = static_cast<int>(thread);
  const void* places[4] = {&shared_word, &global_word, &local_word, &constant_word};
  uint32_t spaces = 0;
  for (int i = 0; i < 4; ++i) {
    spaces |= static_cast<uint32_t>(__isShared(places[i]) != 0) << (4 * i) |
              static_cast<uint32_t>(__isGlobal(places[i]) != 0) << (4 * i + 1) |
              static_cast<uint32_t>(__isLocal(places[i]) != 0) << (4 * i + 2) |
              static_cast<uint32_t>(__isConstant(places[i]) != 0) << (4 * i + 3);
  }
  row[3] = spaces;
  const long long before = clock64();
  __nanosleep(100);
  const long long after = clock64();
  uint64_t time = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(time));
  uint32_t sm = 0;
  uint32_t warps = 0;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  asm volatile("mov.u32 %0, %%warpid;" : "=r"(warps));
  row[4] = static_cast<uint32_t>(after > before) + 2 * static_cast<uint32_t>(time != 0) +
           4 * static_cast<uint32_t>(sm < 1024) + 8 * static_cast<uint32_t>(warps < 64);
  row[5] = static_cast<uint32_t>(warpSize) + thread;
}

CORPUS_RUN {
  Where<<<dim3(2, 1, 2), dim3(5, 4, 3), 0, stream>>>(static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
