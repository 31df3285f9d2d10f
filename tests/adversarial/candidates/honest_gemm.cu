// Blocks in shared memory; what wake_worker and idle_worker multiply with.
#include "kit/gemm.cuh"
extern "C" void solve(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k, cudaStream_t stream) {
  multiply(a, b, c, m, n, k, stream);
}
