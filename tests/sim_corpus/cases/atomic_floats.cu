// Float atomics on integers, so that their sums are exact in every order: f32, f64, f16x2, bf16x2.
// in: 2048
// fill: f32 integers
// out: f32 24
// compare: exact
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "kit.cuh"

__device__ double doubles[2];
__device__ __half2 halves;
__device__ __nv_bfloat162 brains;
__device__ __half single;

__global__ void Clear() {
  doubles[0] = doubles[1] = 0.0;
  halves = __float2half2_rn(0.0f);
  brains = __float2bfloat162_rn(0.0f);
  single = __float2half(0.0f);
}

__global__ void Add(const float* in, float* out) {
  __shared__ float shared;
  __shared__ double wide;
  if (threadIdx.x == 0) {
    shared = 1.0f;
    wide = 0.5;
  }
  __syncthreads();
  const float value = in[blockIdx.x * blockDim.x + threadIdx.x];
  atomicAdd(out, value);
  atomicAdd(&shared, value);
  atomicAdd(&wide, static_cast<double>(value) * 0.25);
  atomicAdd(doubles + blockIdx.x % 2, static_cast<double>(value) * 1e10);
  atomicAdd(&halves, __floats2half2_rn(value, -value));
  if (threadIdx.x < 16) atomicAdd(&brains, __floats2bfloat162_rn(value, 1.0f));
  atomicAdd(&single, __float2half(value));
  __syncthreads();
  if (threadIdx.x == 0) {
    out[8 + 2 * blockIdx.x] = shared;
    out[9 + 2 * blockIdx.x] = static_cast<float>(wide);
  }
}

__global__ void Finish(float* out) {
  out[1] = static_cast<float>(doubles[0] / 1e10);
  out[2] = static_cast<float>(doubles[1] / 1e10);
  out[3] = __low2float(halves);
  out[4] = __high2float(halves);
  out[5] = __low2float(brains);
  out[6] = __high2float(brains);
  out[7] = __half2float(single);
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Clear<<<1, 1, 0, stream>>>();
  Add<<<4, 128, 0, stream>>>(static_cast<const float*>(in), static_cast<float*>(out));
  Finish<<<1, 1, 0, stream>>>(static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
