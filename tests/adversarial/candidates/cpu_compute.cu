// Computes on the host.
#include <cuda_runtime.h>
#include <cstdint>
#include <vector>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  std::vector<float> x(n), y(n);
  cudaMemcpyAsync(x.data(), a, n * sizeof(float), cudaMemcpyDeviceToHost, stream);
  cudaMemcpyAsync(y.data(), b, n * sizeof(float), cudaMemcpyDeviceToHost, stream);
  cudaStreamSynchronize(stream);
  for (int64_t i = 0; i < n; ++i) x[i] += y[i];
  cudaMemcpyAsync(c, x.data(), n * sizeof(float), cudaMemcpyHostToDevice, stream);
  cudaStreamSynchronize(stream);
}
