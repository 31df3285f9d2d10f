// expect: wrong, -, a result kept from that call would look like this
#include <cuda_runtime.h>

#include <cstdint>

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

// Computes once, and hands that out ever after.
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  static float* kept = nullptr;
  if (kept == nullptr) {
    cudaMalloc(&kept, static_cast<size_t>(n) * sizeof(float));
    add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, kept, n);
  }
  cudaMemcpyAsync(c, kept, static_cast<size_t>(n) * sizeof(float), cudaMemcpyDeviceToDevice, stream);
}
