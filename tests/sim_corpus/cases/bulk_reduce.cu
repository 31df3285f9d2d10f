// Bulk reductions out of shared into global memory: sums, extrema, bits; several blocks into one place.
// in: 4096
// fill: f32 integers
// out: u32 320
// compare: exact
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "kit.cuh"

#define REDUCE(name, op, T)                                                                        \
  __device__ void name(T* to, const T* from, unsigned bytes) {                                     \
    asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group." op " [%0], [%1], %2;" ::"l"( \
                     to),                                                                          \
                 "r"(static_cast<unsigned>(__cvta_generic_to_shared(from))), "r"(bytes)            \
                 : "memory");                                                                      \
  }
REDUCE(AddU32, "add.u32", uint32_t)
REDUCE(MinS32, "min.s32", uint32_t)
REDUCE(MaxU64, "max.u64", uint32_t)
REDUCE(XorB32, "xor.b32", uint32_t)
REDUCE(IncU32, "inc.u32", uint32_t)
REDUCE(AddF32, "add.f32", uint32_t)
REDUCE(AddF64, "add.f64", uint32_t)
REDUCE(AddF16, "add.noftz.f16", uint32_t)
REDUCE(MaxF16, "max.f16", uint32_t)
REDUCE(AddBF16, "add.noftz.bf16", uint32_t)

__global__ void Bulk(const float* in, uint32_t* out) {
  __shared__ alignas(128) uint32_t words[32];
  __shared__ alignas(128) uint32_t floats[32];
  __shared__ alignas(128) double doubles[16];
  __shared__ alignas(128) __half halves[64];
  __shared__ alignas(128) __nv_bfloat16 brains[64];
  const unsigned t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  const float value = in[i];
  words[t] = __float_as_uint(value) >> 3 ^ t;
  floats[t] = __float_as_uint(value);
  if (t < 16) doubles[t] = value;
  for (unsigned k = 0; k < 2; ++k) {
    halves[2 * t + k] = __float2half(value + static_cast<float>(k));
    brains[2 * t + k] = __float2bfloat16(value - static_cast<float>(k));
  }
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncwarp();
  if (t != 0) return;
  AddU32(out, words, 128);
  MinS32(out + 32, words, 128);
  MaxU64(out + 64, words, 128);
  XorB32(out + 96, words, 128);
  AddF32(out + 160, floats, 128);
  AddF64(out + 192, reinterpret_cast<const uint32_t*>(doubles), 128);
  MaxF16(out + 256, reinterpret_cast<const uint32_t*>(halves), 128);
  if (blockIdx.x == 0) {  // their results depend on the order
    IncU32(out + 128, words, 128);
    AddF16(out + 224, reinterpret_cast<const uint32_t*>(halves), 128);
    AddBF16(out + 288, reinterpret_cast<const uint32_t*>(brains), 128);
  }
  asm volatile("cp.async.bulk.commit_group;\ncp.async.bulk.wait_group 0;" ::: "memory");
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Bulk<<<4, 32, 0, stream>>>(static_cast<const float*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
