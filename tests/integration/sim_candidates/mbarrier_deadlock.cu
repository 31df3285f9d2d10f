// expect: timed_out, deadlock, mbarrier at offset
#include <cuda_runtime.h>

#include <cstdint>

// Waits for one thread more than the block has.
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  __shared__ uint64_t barrier;
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  const auto at = static_cast<uint32_t>(__cvta_generic_to_shared(&barrier));
  if (threadIdx.x == 0) asm volatile("mbarrier.init.shared.b64 [%0], 257;" ::"r"(at) : "memory");
  __syncthreads();
  if (i < n) c[i] = a[i] + b[i];
  asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(at) : "memory");
  uint32_t done = 0;
  while (done == 0) {
    asm volatile(
        "{ .reg .pred p; mbarrier.try_wait.parity.shared.b64 p, [%1], 0; selp.u32 %0, 1, 0, p; }"
        : "=r"(done) : "r"(at) : "memory");  // here
  }
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
