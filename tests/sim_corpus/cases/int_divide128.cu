// 128-bit division: a function of nvcc's own device library.
// in: 2048
// fill: u64 mixed
// out: u64 256
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint64_t, 4, uint64_t, 4) {
  using Wide = unsigned __int128;
  const Wide a = static_cast<Wide>(in[0]) << 64 | in[1];
  const Wide b = (static_cast<Wide>(in[2] >> (in[3] % 64)) << 64 | in[3]) | 1;
  const Wide quotient = a / b;
  const Wide rest = a % b;
  out[0] = static_cast<uint64_t>(quotient);
  out[1] = static_cast<uint64_t>(quotient >> 64);
  out[2] = static_cast<uint64_t>(rest);
  out[3] = static_cast<uint64_t>(rest >> 64);
}
