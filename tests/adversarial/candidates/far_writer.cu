// Writes far outside its output.
#include "kit/add.cuh"
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  honest(a, b, c, n, stream);
  honest(a, b, c + (int64_t{1} << 34), n, stream);
}
