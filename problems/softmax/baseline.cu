// Row-wise softmax as an engineer would write it: one block per row, maximum and sum in a single
// (online) pass, a second pass that finds the row in the cache.
#include <cuda_runtime.h>

#include <cfloat>
#include <cstdint>

namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;

// The largest element seen, and the sum of exp(element - max). Nothing seen: {-FLT_MAX, 0}.
struct Partial {
  float max;
  float sum;
};

__device__ Partial Merge(Partial a, Partial b) {
  const float max = fmaxf(a.max, b.max);
  return {max, a.sum * __expf(a.max - max) + b.sum * __expf(b.max - max)};
}

__device__ Partial MergeWarp(Partial p) {
  for (int offset = 16; offset > 0; offset /= 2) {
    p = Merge(p, {__shfl_xor_sync(0xffffffffu, p.max, offset),
                  __shfl_xor_sync(0xffffffffu, p.sum, offset)});
  }
  return p;
}

__global__ void Softmax(const float* __restrict__ x, float* __restrict__ y, int64_t cols) {
  __shared__ Partial warps[kWarps];
  const float* in = x + blockIdx.x * cols;
  float* out = y + blockIdx.x * cols;

  Partial mine{-FLT_MAX, 0.0f};
  for (int64_t c = threadIdx.x; c < cols; c += kThreads) mine = Merge(mine, {in[c], 1.0f});
  mine = MergeWarp(mine);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = mine;
  __syncthreads();

  Partial row = warps[0];
  for (int w = 1; w < kWarps; ++w) row = Merge(row, warps[w]);
  const float scale = 1.0f / row.sum;
  for (int64_t c = threadIdx.x; c < cols; c += kThreads) out[c] = __expf(in[c] - row.max) * scale;
}

}  // namespace

extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, cudaStream_t stream) {
  Softmax<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(x, y, cols);
}
