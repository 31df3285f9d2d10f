// Shared memory: reversal, a tree of sums, strides with and without conflicts of banks, bytes.
// in: 4096
// fill: u32 bits
// out: u32 1032
// compare: exact
#include "kit.cuh"

__global__ void Shared(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t words[256];
  __shared__ uint8_t bytes[1024];
  __shared__ unsigned long long wide[128];
  const unsigned t = threadIdx.x;
  const unsigned i = blockIdx.x * 128 + t;
  words[t] = in[i];
  words[t + 128] = in[i] >> 3;
  for (unsigned k = 0; k < 8; ++k) bytes[8 * t + k] = static_cast<uint8_t>(in[i] >> (3 * k));
  wide[127 - t] = static_cast<unsigned long long>(in[i]) << 20;
  __syncthreads();
  uint32_t result = words[127 - t] ^ words[(t * 32 + t / 8) % 256] ^ words[(t * 2) % 256];
  result += bytes[(t * 33) % 1024] << 8;
  result ^= static_cast<uint32_t>(wide[t * 5 % 128] >> 12);
  __syncthreads();
  for (unsigned half = 64; half > 0; half /= 2) {
    if (t < half) words[t] += words[t + half];
    __syncthreads();
  }
  out[i] = result;
  if (t == 0) out[1024 + blockIdx.x] = words[0];
}

CORPUS_RUN {
  Shared<<<8, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
