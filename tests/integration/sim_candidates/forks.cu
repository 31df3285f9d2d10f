// expect: correct, -, 
#include <cuda_runtime.h>

#include <cstdint>
#include <unistd.h>

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

// The child would outlive the run, if nobody ended it.
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  if (fork() == 0) {
    for (;;) pause();
  }
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
