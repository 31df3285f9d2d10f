// An object of eight gigabytes.
#include <cstdint>
char big[1ULL << 33] = {1};
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { c = reinterpret_cast<float*>(big); }
