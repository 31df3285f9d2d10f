// Crashes on the host.
#include <cstdint>
#include <cuda_runtime.h>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { *reinterpret_cast<volatile int*>(8) = 1; }
