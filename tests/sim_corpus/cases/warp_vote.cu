// Votes, matches and reductions across a warp; each predicate rare, common, constant.
// in: 512
// fill: u32 mixed
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Vote(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t value = in[i];
  const uint32_t few = value % 5 + (i / 32);
  uint32_t* row = out + 8 * static_cast<size_t>(i);
  row[0] = __ballot_sync(~0u, (value & 4) != 0);
  row[1] = static_cast<uint32_t>(__all_sync(~0u, value != 7)) +
           2 * static_cast<uint32_t>(__any_sync(~0u, value == 0)) +
           4 * static_cast<uint32_t>(__uni_sync(~0u, i / 32));
  row[2] = __match_any_sync(~0u, few);
  int same = 0;
  row[3] = __match_all_sync(~0u, i < 64 ? i / 32 : few, &same) * 2 + static_cast<uint32_t>(same);
  row[4] = __match_any_sync(~0u, static_cast<unsigned long long>(few) << 40);
  row[5] = __reduce_add_sync(~0u, value) ^ __reduce_xor_sync(~0u, value);
  row[6] = __reduce_min_sync(~0u, value) ^
           static_cast<uint32_t>(__reduce_max_sync(~0u, static_cast<int>(value)));
  row[7] = __reduce_and_sync(~0u, value | 0xff) ^ __reduce_or_sync(~0u, value & 0xf0f0) ^
           static_cast<uint32_t>(__reduce_min_sync(~0u, static_cast<int>(value)));
}

CORPUS_RUN {
  Vote<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
