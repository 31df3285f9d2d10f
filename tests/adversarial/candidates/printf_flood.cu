// Prints without end, on the host and on the device, then does its work.
#include "kit/add.cuh"
#include <cstdio>
__global__ void say() { for (int i = 0; i < 100; ++i) printf("noise noise noise noise noise noise %d\n", i); }
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  for (int i = 0; i < 5000; ++i) printf("noise noise noise noise noise noise noise noise noise noise %d\n", i);
  fflush(stdout);
  say<<<4, 64, 0, stream>>>();
  honest(a, b, c, n, stream);
}
