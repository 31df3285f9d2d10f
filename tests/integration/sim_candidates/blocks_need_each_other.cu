// expect: correct, -, as where blocks need each other
#include <cuda_runtime.h>

#include <cstdint>

// Each block of the second kernel needs what the last one of the first kernel has done.
__global__ void copy(const float* a, float* kept, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) kept[i] = a[n - 1 - i];
}
__global__ void add(const float* kept, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = kept[n - 1 - i] + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((n + 255) / 256);
  float* kept = nullptr;
  cudaMallocAsync(&kept, static_cast<size_t>(n) * sizeof(float), stream);
  copy<<<blocks, 256, 0, stream>>>(a, kept, n);
  add<<<blocks, 256, 0, stream>>>(kept, b, c, n);
  cudaFreeAsync(kept, stream);
}
