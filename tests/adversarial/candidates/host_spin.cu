// A launcher that never returns, deaf to signals.
#include <csignal>
#include <cstdint>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  for (int number = 1; number < 32; ++number) signal(number, SIG_IGN);
  for (volatile bool forever = true; forever;) {}
}
