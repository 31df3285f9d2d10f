// All integer atomics in global and shared memory; the values left do not depend on the order.
// in: 4096
// fill: u32 mixed
// out: u32 96
// compare: exact
#include "kit.cuh"

__device__ void All(uint32_t* to, uint32_t value) {
  atomicAdd(to, value);
  atomicSub(to + 1, value);
  atomicMin(to + 2, value);
  atomicMax(to + 3, value);
  atomicMin(reinterpret_cast<int*>(to) + 4, static_cast<int>(value));
  atomicMax(reinterpret_cast<int*>(to) + 5, static_cast<int>(value));
  atomicAnd(to + 6, value | 0xf);
  atomicOr(to + 7, value & 0xff00);
  atomicXor(to + 8, value);
  atomicInc(to + 9, 100);
  atomicDec(to + 10, 100);
  auto* wide = reinterpret_cast<unsigned long long*>(to + 12);
  const unsigned long long both = static_cast<unsigned long long>(value) << 24 | value;
  atomicAdd(wide, both);
  atomicMin(wide + 1, both);
  atomicMax(reinterpret_cast<long long*>(wide + 2), static_cast<long long>(both << 8));
  atomicAnd(wide + 3, ~(both & 0xf0));
  atomicOr(wide + 4, both & 0xff);
  atomicXor(wide + 5, both);
}

__global__ void Atomics(const uint32_t* in, uint32_t* out) {
  __shared__ __align__(8) uint32_t shared[32];
  const uint32_t value = in[blockIdx.x * blockDim.x + threadIdx.x];
  if (threadIdx.x < 32) shared[threadIdx.x] = out[32 + threadIdx.x];
  __syncthreads();
  All(out, value);
  All(shared, value);
  __syncthreads();
  if (blockIdx.x == 0 && threadIdx.x < 32) out[64 + threadIdx.x] = shared[threadIdx.x];
}

__global__ void Start(uint32_t* out) {
  const unsigned i = threadIdx.x;
  const bool minimum = i % 32 == 2 || i % 32 == 4 || i % 32 == 6;
  out[i] = minimum ? 0x7fffffffu : i % 32 == 14 || i % 32 == 15 || i % 32 == 18 ? 0x0fffffffu : 0;
}

CORPUS_RUN {
  Start<<<1, 96, 0, stream>>>(static_cast<uint32_t*>(out));
  Atomics<<<4, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
