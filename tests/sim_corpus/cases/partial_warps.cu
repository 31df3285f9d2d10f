// Blocks whose last warp is not full, masks and votes within it, a grid larger than its data.
// in: 1480
// fill: u32 bits
// out: u32 740
// compare: exact
#include "kit.cuh"

__global__ void Partial(const uint32_t* in, uint32_t* out, unsigned n) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned mask = __ballot_sync(__activemask(), i < n);
  if (i >= n) return;
  const uint32_t sum = __reduce_add_sync(mask, in[i] & 0xfff);
  out[2 * i] = sum + static_cast<uint32_t>(__popc(mask));
  out[2 * i + 1] = __match_any_sync(mask, in[i] % 3);
}

CORPUS_RUN {
  Partial<<<6, 75, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out), 370);
  return static_cast<int>(cudaGetLastError());
}
