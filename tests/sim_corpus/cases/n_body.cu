// Forces between bodies by tiles: rsqrt.approx within, so compared with a tolerance.
// in: 4096
// fill: f32 normal
// out: f32 768
// compare: relative 1e-4 absolute 1e-3
#include "kit.cuh"

__global__ void Forces(const float4* bodies, float* out) {
  __shared__ float4 tile[64];
  const unsigned i = blockIdx.x * 64 + threadIdx.x;
  const float4 me = bodies[i];
  float3 force = make_float3(0.0f, 0.0f, 0.0f);
  for (unsigned first = 0; first < 256; first += 64) {
    tile[threadIdx.x] = bodies[first + threadIdx.x];
    __syncthreads();
#pragma unroll 8
    for (unsigned k = 0; k < 64; ++k) {
      const float x = tile[k].x - me.x;
      const float y = tile[k].y - me.y;
      const float z = tile[k].z - me.z;
      const float inverse = rsqrtf(x * x + y * y + z * z + 0.1f);
      const float strength = fabsf(tile[k].w) * inverse * inverse * inverse;
      force.x += x * strength;
      force.y += y * strength;
      force.z += z * strength;
    }
    __syncthreads();
  }
  out[3 * i] = force.x;
  out[3 * i + 1] = force.y;
  out[3 * i + 2] = force.z;
}

CORPUS_RUN {
  Forces<<<4, 64, 0, stream>>>(static_cast<const float4*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
