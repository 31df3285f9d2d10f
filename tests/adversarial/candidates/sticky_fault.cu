// Reads an address that is nobody's; whatever comes behind it fails too.
#include "kit/add.cuh"
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  honest(a, b, c, n, stream);
  honest(reinterpret_cast<const float*>(0x123456789000), b, c, 1, stream);
}
