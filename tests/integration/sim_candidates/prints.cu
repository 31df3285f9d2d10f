// expect: correct, -, 
#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>

#define KIB(x) x x x x x x x x x x x x x x x x

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  const char line[] = KIB("all work and no play makes jack a dull boy, all work and no play ma\n");
  for (int i = 0; i < 10'000; ++i) fwrite(line, 1, sizeof line - 1, i % 2 == 0 ? stdout : stderr);
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
