// Scans and reductions by shuffles, in float (in a fixed order, thus exact) and in integers.
// in: 2048
// fill: f32 normal
// out: f32 1024
// compare: exact
#include "kit.cuh"

__global__ void Scan(const float* in, float* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned lane = i % 32;
  float sum = in[i];
  for (unsigned step = 1; step < 32; step *= 2) {
    const float other = __shfl_up_sync(~0u, sum, step);
    if (lane >= step) sum = __fadd_rn(sum, other);
  }
  float total = in[i];
  float most = in[i];
  for (int step = 16; step > 0; step /= 2) {
    total = __fadd_rn(total, __shfl_xor_sync(~0u, total, step));
    most = fmaxf(most, __shfl_down_sync(~0u, most, step));
  }
  out[2 * i] = sum;
  out[2 * i + 1] = lane == 0 ? most : total;
}

CORPUS_RUN {
  Scan<<<4, 128, 0, stream>>>(static_cast<const float*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
