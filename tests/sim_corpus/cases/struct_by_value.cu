// Structs by value: as parameters of kernels (large, with arrays and odd members) and of functions.
// in: 1024
// fill: u32 bits
// out: u32 256
// compare: exact
#include "kit.cuh"

struct Odd {
  char first;
  short second;
  double third;
  uint8_t bytes[5];
  int table[20];
};

struct Pair {
  uint32_t low;
  float high;
  uint16_t rest;
};

__device__ __noinline__ Pair Next(Pair pair, Odd odd) {
  return Pair{pair.low * 3 + static_cast<uint32_t>(odd.table[pair.low % 20]),
              pair.high + static_cast<float>(odd.third),
              static_cast<uint16_t>(pair.rest + odd.second)};
}

__global__ void Structs(const Odd odd, const uint32_t* in, uint32_t* out, char tail) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  Pair pair{in[i], 1.0f, static_cast<uint16_t>(i)};
  pair = Next(Next(pair, odd), odd);
  out[i] = pair.low + static_cast<uint32_t>(pair.high) + pair.rest + odd.bytes[i % 5] +
           static_cast<uint32_t>(odd.first) + static_cast<uint32_t>(tail);
}

CORPUS_RUN {
  Odd odd{-3, -300, 2.5, {1, 2, 3, 4, 250}, {}};
  for (int i = 0; i < 20; ++i) odd.table[i] = i * i - 50;
  Structs<<<2, 128, 0, stream>>>(odd, static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out),
                                 -7);
  return static_cast<int>(cudaGetLastError());
}
