// Memory that a thread takes from its stack while it runs, in a loop and in calls.
// in: 1024
// fill: u32 bits
// out: u32 256
// compare: exact
#include <alloca.h>

#include "kit.cuh"

__device__ __noinline__ uint32_t Reversed(const uint32_t* in, unsigned count, unsigned depth) {
  auto* memory = static_cast<uint32_t*>(alloca(count * sizeof(uint32_t)));
  for (unsigned i = 0; i < count; ++i) memory[i] = in[i];
  uint32_t sum = 0;
  if (depth > 0) sum = Reversed(in + 1, count - 1, depth - 1);
  for (unsigned i = 0; i < count; ++i) sum = sum * 5 + memory[count - 1 - i];
  return sum;
}

__global__ void Stack(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = Reversed(in + i / 2, 8 + i % 7, i % 4) + Reversed(in + i / 3, 3 + i % 5, 1);
}

CORPUS_RUN {
  Stack<<<4, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
