// Attention in the flash manner: running maximum and sum, keys and values by tiles.
// in: 49152
// fill: f32 uniform
// out: f32 1024
// compare: relative 1e-4 absolute 1e-6
#include "kit.cuh"

constexpr int kDepth = 32;
constexpr int kTile = 16;

__global__ void Attention(const float* q, const float* k, const float* v, float* out, int keys) {
  __shared__ float key[kTile][kDepth];
  __shared__ float value[kTile][kDepth];
  const int row = static_cast<int>(blockIdx.x * 32 + threadIdx.x);
  float query[kDepth];
  float sums[kDepth] = {};
  for (int i = 0; i < kDepth; ++i) query[i] = q[row * kDepth + i] * 0.17677669f;
  float most = -INFINITY;
  float total = 0.0f;
  for (int first = 0; first < keys; first += kTile) {
    for (int i = static_cast<int>(threadIdx.x); i < kTile * kDepth; i += 32) {
      key[i / kDepth][i % kDepth] = k[first * kDepth + i];
      value[i / kDepth][i % kDepth] = v[first * kDepth + i];
    }
    __syncthreads();
    for (int j = 0; j < kTile && first + j <= row + 32; ++j) {
      float score = 0.0f;
      for (int i = 0; i < kDepth; ++i) score += query[i] * key[j][i];
      const float higher = fmaxf(most, score);
      const float shrink = __expf(most - higher);
      const float weight = __expf(score - higher);
      total = total * shrink + weight;
      for (int i = 0; i < kDepth; ++i) sums[i] = sums[i] * shrink + weight * value[j][i];
      most = higher;
    }
    __syncthreads();
  }
  for (int i = 0; i < kDepth; ++i) out[row * kDepth + i] = sums[i] / total;
}

CORPUS_RUN {
  const auto* q = static_cast<const float*>(in);
  Attention<<<1, 32, 0, stream>>>(q, q + 4096, q + 8192, static_cast<float*>(out), 96);
  return static_cast<int>(cudaGetLastError());
}
