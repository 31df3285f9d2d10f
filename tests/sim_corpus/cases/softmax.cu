// Softmax of rows with two reductions per block.
// in: 4096
// fill: f32 normal
// out: f32 1024
// compare: relative 1e-5 absolute 1e-7
#include "kit.cuh"

__device__ float Largest(float a, float b) { return fmaxf(a, b); }
__device__ float Sum(float a, float b) { return a + b; }

template <float (*kOp)(float, float)>
__device__ float OverBlock(float value, float* scratch) {
  for (int step = 16; step > 0; step /= 2) value = kOp(value, __shfl_xor_sync(~0u, value, step));
  __syncthreads();
  if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
  __syncthreads();
  value = scratch[threadIdx.x % (blockDim.x / 32)];
  for (int step = 2; step > 0; step /= 2) value = kOp(value, __shfl_xor_sync(~0u, value, step));
  return value;
}

__global__ void Softmax(const float* in, float* out, int columns) {
  __shared__ float scratch[4];
  const float* row = in + blockIdx.x * static_cast<unsigned>(columns);
  float most = -INFINITY;
  for (int i = static_cast<int>(threadIdx.x); i < columns; i += 128) most = fmaxf(most, row[i]);
  most = OverBlock<Largest>(most, scratch);
  float sum = 0.0f;
  for (int i = static_cast<int>(threadIdx.x); i < columns; i += 128) sum += expf(row[i] - most);
  sum = OverBlock<Sum>(sum, scratch);
  float* to = out + blockIdx.x * static_cast<unsigned>(columns);
  for (int i = static_cast<int>(threadIdx.x); i < columns; i += 128)
    to[i] = expf(row[i] - most) / sum;
}

CORPUS_RUN {
  Softmax<<<4, 128, 0, stream>>>(static_cast<const float*>(in), static_cast<float*>(out), 256);
  return static_cast<int>(cudaGetLastError());
}
