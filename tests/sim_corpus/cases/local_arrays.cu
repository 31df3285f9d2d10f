// Local arrays indexed by what is not known before: bytes, words, pairs; doubles and vectors.
// in: 4096
// fill: u32 bits
// out: u32 512
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 2, uint32_t, 1) {
  uint8_t bytes[40];
  uint32_t words[24];
  double doubles[6];
  float4 vectors[4];
  for (unsigned i = 0; i < 40; ++i) bytes[i] = static_cast<uint8_t>(in[0] >> (i % 25));
  for (unsigned i = 0; i < 24; ++i) words[i] = in[1] * (i + 1);
  for (unsigned i = 0; i < 6; ++i) doubles[i] = static_cast<double>(in[0]) * i;
  for (unsigned i = 0; i < 4; ++i) vectors[i] = make_float4(i, i + 1.0f, i + 2.0f, i * 3.0f);
  uint32_t sum = 0;
  uint32_t at = in[0];
  for (int step = 0; step < 16; ++step) {
    words[at % 24] += bytes[at % 40];
    bytes[(at >> 8) % 40] ^= static_cast<uint8_t>(words[(at >> 3) % 24]);
    doubles[at % 6] += 1.0;
    vectors[at % 4].y += 1.0f;
    sum = sum * 31 + words[(at >> 5) % 24] + static_cast<uint32_t>(vectors[(at >> 2) % 4].w);
    at = at * 1664525u + sum;
  }
  out[0] = sum + static_cast<uint32_t>(static_cast<long long>(doubles[at % 6]) % 1000003);
}
