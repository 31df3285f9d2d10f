// printf and a passing assert in a kernel; neither changes what it computes.
// in: 256
// fill: u32 bits
// out: u32 64
// compare: exact
#include <cassert>
#include <cstdio>

#include "kit.cuh"

__global__ void Print(const uint32_t* in, uint32_t* out) {
  const unsigned i = threadIdx.x;
  assert(blockDim.x == 64);
  int printed = 0;
  if (i % 40 == 3) {
    printed = printf("lane %u has %08x, %5.2f and %s%c %lld\n", i, in[i], 0.25 * i, "text", '!',
                     -5ll * i);
  }
  out[i] = in[i] + static_cast<uint32_t>(printed);
  assert(out[i] >= static_cast<uint32_t>(printed) || in[i] > 100);
}

CORPUS_RUN {
  Print<<<1, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
