// Reads and writes of 8 and 16 bytes per lane in shared memory, by pattern: a kernel each, so that
// passes of the banks can be compared with the hardware's counters.
// in: 4096
// fill: u32 bits
// out: u32 2048
// compare: exact
#include "kit.cuh"

// One warp and a half: the second warp's upper half takes no part.
constexpr unsigned kThreads = 48;
constexpr unsigned kWords = 1024;

template <class T>
__device__ uint32_t Fold(T value);
template <>
__device__ uint32_t Fold(uint2 value) {
  return value.x * 31 + value.y;
}
template <>
__device__ uint32_t Fold(uint4 value) {
  return ((value.x * 31 + value.y) * 31 + value.z) * 31 + value.w;
}

// Reads element `index` of T; `t` is the thread.
#define READS(Name, T, index)                                                      \
  __global__ void Name(const uint32_t* in, uint32_t* out) {                        \
    __shared__ __align__(16) uint32_t words[kWords];                               \
    const unsigned t = threadIdx.x;                                                \
    for (unsigned i = t; i < kWords; i += kThreads) words[i] = in[i];              \
    __syncthreads();                                                               \
    const unsigned at = (index) % (kWords * 4 / unsigned{sizeof(T)});     \
    out[t] = Fold<T>(reinterpret_cast<const T*>(words)[at]);                       \
  }

READS(Row8, uint2, t)
READS(Same8, uint2, 5)
READS(Pairs8, uint2, t / 2)
READS(Crossed8, uint2, t / 4 * 2 + t % 2)
READS(Halves8, uint2, t / 16)
READS(Quarters8, uint2, t % 16)
READS(Strided8, uint2, t * 2)
READS(Apart8, uint2, t / 2 * 16)
READS(Row16, uint4, t)
READS(Same16, uint4, 5)
READS(Pairs16, uint4, t / 2)
READS(Crossed16, uint4, t / 4 * 2 + t % 2)
READS(Halves16, uint4, t / 16)
READS(Quarters16, uint4, t % 8)
READS(Strided16, uint4, t * 2)
READS(Apart16, uint4, t / 2 * 8)

__global__ void Writes16(const uint32_t* in, uint32_t* out) {
  __shared__ __align__(16) uint32_t words[kWords];
  const unsigned t = threadIdx.x;
  reinterpret_cast<uint4*>(words)[t * 3] = make_uint4(in[t], in[t + 1], in[t + 2], in[t + 3]);
  __syncthreads();
  out[t] = words[t / 4 * 12 + t % 4];
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  void (*const kernels[])(const uint32_t*, uint32_t*) = {
      Row8,  Same8,  Pairs8,  Crossed8,  Halves8,  Quarters8,  Strided8,  Apart8, Writes16,
      Row16, Same16, Pairs16, Crossed16, Halves16, Quarters16, Strided16, Apart16};
  for (const auto kernel : kernels) {
    kernel<<<1, kThreads, 0, stream>>>(from, to);
    TRY_CUDA(cudaGetLastError());
    to += kThreads;
  }
  return 0;
}
