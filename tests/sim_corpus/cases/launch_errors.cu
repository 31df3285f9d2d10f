// Launches that the hardware refuses, and the errors it gives; what runs after them is right.
// in: 64
// fill: u32 bits
// out: u32 16
// compare: exact
// finds: launch_failed
#include "kit.cuh"

__global__ void Nothing() {}
__global__ void Write(uint32_t* out, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  const uint32_t values[4] = {a, b, c, d};
  out[threadIdx.x] = values[threadIdx.x % 4];
}

CORPUS_RUN {
  (void)cudaGetLastError();
  Nothing<<<1, 2048, 0, stream>>>();
  const auto threads = static_cast<uint32_t>(cudaGetLastError());
  Nothing<<<1, 32, 300 * 1024, stream>>>();
  const auto shared = static_cast<uint32_t>(cudaGetLastError());
  Nothing<<<0, 32, 0, stream>>>();
  const auto grid = static_cast<uint32_t>(cudaPeekAtLastError());
  (void)cudaGetLastError();
  Nothing<<<dim3(1, 1, 70000), 32, 0, stream>>>();
  const auto deep = static_cast<uint32_t>(cudaGetLastError());
  Write<<<1, 16, 0, stream>>>(static_cast<uint32_t*>(out), threads, shared, grid, deep);
  return static_cast<int>(cudaGetLastError());
}
