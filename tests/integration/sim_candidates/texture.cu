// expect: not_simulated, not_simulated, tex
#include <cuda_runtime.h>

#include <cstdint>

__global__ void add(cudaTextureObject_t a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = tex1Dfetch<float>(a, static_cast<int>(i)) + b[i];
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeLinear;
  resource.res.linear.devPtr = const_cast<float*>(a);
  resource.res.linear.desc = cudaCreateChannelDesc<float>();
  resource.res.linear.sizeInBytes = static_cast<size_t>(n) * sizeof(float);
  cudaTextureDesc how = {};
  cudaTextureObject_t texture = 0;
  cudaCreateTextureObject(&texture, &resource, &how, nullptr);
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(texture, b, c, n);
}
