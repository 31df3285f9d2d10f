// Generators written in kernels: Philox by wide products, xorshift.
// in: 472
// fill: u32 bits
// out: u32 944
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 1, uint32_t, 8) {
  uint32_t counter[4] = {in[0], threadIdx.x, blockIdx.x, 7};
  uint32_t key[2] = {in[0] ^ 0xdeadbeefu, 42};
  for (int round = 0; round < 10; ++round) {
    const uint32_t low0 = counter[0] * 0xD2511F53u;
    const uint32_t high0 = __umulhi(counter[0], 0xD2511F53u);
    const uint32_t low1 = counter[2] * 0xCD9E8D57u;
    const uint32_t high1 = __umulhi(counter[2], 0xCD9E8D57u);
    counter[0] = high1 ^ counter[1] ^ key[0];
    counter[1] = low1;
    counter[2] = high0 ^ counter[3] ^ key[1];
    counter[3] = low0;
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  uint64_t state = static_cast<uint64_t>(in[0]) << 17 | 1;
  for (int i = 0; i < 4; ++i) {
    out[i] = counter[i];
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out[4 + i] = static_cast<uint32_t>(state * 2685821657736338717ull >> 32);
  }
}
