// Thousands of threads that never end.
#include "kit/add.cuh"
#include <system_error>
#include <thread>
#include <unistd.h>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  static int made = 0;
  try {
    for (; made < 2000; ++made) std::thread([] { for (;;) pause(); }).detach();
  } catch (const std::system_error&) {
  }
  honest(a, b, c, n, stream);
}
