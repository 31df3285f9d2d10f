// Templates: a reduction over block size, type and operation, instantiated for several of each.
// in: 4096
// fill: u32 bits
// out: u64 24
// compare: exact
#include "kit.cuh"

struct Plus {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
struct Most {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a > b ? a : b;
  }
};

template <unsigned kThreads, class T, class Op>
__global__ void Reduce(const uint32_t* in, unsigned long long* out, Op op) {
  __shared__ T values[kThreads];
  const unsigned t = threadIdx.x;
  T value = static_cast<T>(in[t] % 1000);
  for (unsigned i = t + kThreads; i < 1024; i += kThreads)
    value = op(value, static_cast<T>(in[i] % 1000));
  values[t] = value;
  __syncthreads();
#pragma unroll
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (t < half) values[t] = op(values[t], values[t + half]);
    __syncthreads();
  }
  if (t == 0) *out = static_cast<unsigned long long>(values[0]);
}

template <unsigned kThreads>
void All(const uint32_t* in, unsigned long long* out, cudaStream_t stream) {
  Reduce<kThreads, uint32_t><<<1, kThreads, 0, stream>>>(in, out, Plus{});
  Reduce<kThreads, double><<<1, kThreads, 0, stream>>>(in, out + 1, Plus{});
  Reduce<kThreads, uint16_t><<<1, kThreads, 0, stream>>>(in, out + 2, Plus{});
  Reduce<kThreads, float><<<1, kThreads, 0, stream>>>(in, out + 3, Most{});
  Reduce<kThreads, int64_t><<<1, kThreads, 0, stream>>>(in, out + 4, Most{});
  Reduce<kThreads, uint8_t><<<1, kThreads, 0, stream>>>(in, out + 5, Most{});
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<unsigned long long*>(out);
  All<32>(from, to, stream);
  All<128>(from, to + 6, stream);
  All<512>(from, to + 12, stream);
  All<1024>(from, to + 18, stream);
  return static_cast<int>(cudaGetLastError());
}
