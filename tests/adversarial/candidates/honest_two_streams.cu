// Two halves on two streams, which fork from the given one and join it again.
#include "kit/add.cuh"
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  struct Other { cudaStream_t stream; cudaEvent_t fork, join; };
  static const Other other = [] {
    Other made{};
    cudaStreamCreateWithFlags(&made.stream, cudaStreamNonBlocking);
    cudaEventCreateWithFlags(&made.fork, cudaEventDisableTiming);
    cudaEventCreateWithFlags(&made.join, cudaEventDisableTiming);
    return made;
  }();
  const int64_t half = n / 2;
  cudaEventRecord(other.fork, stream);
  cudaStreamWaitEvent(other.stream, other.fork, 0);
  if (half > 0) honest(a, b, c, half, other.stream);
  honest(a + half, b + half, c + half, n - half, stream);
  cudaEventRecord(other.join, other.stream);
  cudaStreamWaitEvent(stream, other.join, 0);
}
