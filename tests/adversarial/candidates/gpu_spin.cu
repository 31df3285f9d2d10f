// A kernel that never ends.
#include "kit/add.cuh"
__global__ void spin(volatile float* c) { while (c[0] != 12345.0f) {} }
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  honest(a, b, c, n, stream);
  spin<<<1, 1, 0, stream>>>(c);
}
