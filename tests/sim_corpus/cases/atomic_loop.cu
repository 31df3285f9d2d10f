// Operations made of compare-and-swap loops: a product modulo a prime, a maximum of floats.
// in: 1024
// fill: f32 normal
// out: u32 16
// compare: exact
#include "kit.cuh"

__global__ void Loop(const float* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const float value = in[i];
  uint32_t* product = out + i % 4;
  uint32_t old = *reinterpret_cast<volatile uint32_t*>(product);
  uint32_t assumed = 0;
  do {
    assumed = old;
    const uint32_t next = static_cast<uint32_t>((assumed + 1ull) * (i + 2) % 65537 + 65536) % 65537;
    old = atomicCAS(product, assumed, (next + 65536) % 65537);
  } while (old != assumed);
  uint32_t* most = out + 8 + i % 3;
  old = *reinterpret_cast<volatile uint32_t*>(most);
  while (__uint_as_float(old) < value) {
    assumed = old;
    old = atomicCAS(most, assumed, __float_as_uint(value));
    if (old == assumed) break;
  }
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Loop<<<2, 128, 0, stream>>>(static_cast<const float*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
