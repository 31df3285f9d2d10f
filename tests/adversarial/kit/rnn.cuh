// The honest work on a recurrence, also a part of its steps.
#include <cuda_runtime.h>
#include <cstdint>
__device__ void steps(const float* x, float* y, int64_t first, int64_t last, int64_t r, int64_t i) {
  if (i >= r) return;
  float h = first == 0 ? 0 : *const_cast<volatile float*>(&y[(first - 1) * r + i]);
  float next[16];
  for (int64_t t = first; t < last; t += 16) {
    for (int j = 0; j < 16; ++j)
      if (t + j < last) next[j] = x[(t + j) * r + i];
    for (int j = 0; j < 16; ++j)
      if (t + j < last) y[(t + j) * r + i] = h = next[j] + 0.9f * h / (1.0f + h * h);
  }
}
__global__ void rnn(const float* x, float* y, int64_t t, int64_t r) { steps(x, y, 0, t, r, blockIdx.x * int64_t{32} + threadIdx.x); }
static unsigned blocks(int64_t r) { return static_cast<unsigned>((r + 31) / 32); }
static void honest(const float* x, float* y, int64_t t, int64_t r, cudaStream_t stream) { rnn<<<blocks(r), 32, 0, stream>>>(x, y, t, r); }
