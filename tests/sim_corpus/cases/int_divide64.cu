// 64-bit and 16-bit quotients and remainders; divisors of zero are made one.
// in: 1264
// fill: u64 mixed
// out: u64 474
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint64_t, 2, uint64_t, 6) {
  const uint64_t a = in[0];
  const uint64_t b = in[1] == 0 ? 1 : in[1];
  out[0] = a / b;
  out[1] = a % b;
  out[2] = U64_2("div.s64", a, b);
  out[3] = U64_2("rem.s64", a, b);
  const uint16_t narrow = static_cast<uint16_t>(b) == 0 ? 3 : static_cast<uint16_t>(b);
  out[4] = PTX2(uint16_t, "=h", "div.u16", "h", static_cast<uint16_t>(a), "h", narrow);
  out[5] = PTX2(uint16_t, "=h", "rem.s16", "h", static_cast<uint16_t>(a), "h", narrow);
}
