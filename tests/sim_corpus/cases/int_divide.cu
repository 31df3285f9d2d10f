// 32-bit quotients and remainders, INT_MIN / -1 and divisors of zero included (as inline PTX, for
// C++ leaves them undefined; what the hardware answers is what is recorded).
// in: 1896
// fill: u32 mixed
// out: u32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 2, uint32_t, 4) {
  out[0] = U32_2("div.u32", in[0], in[1]);
  out[1] = U32_2("rem.u32", in[0], in[1]);
  out[2] = U32_2("div.s32", in[0], in[1]);
  out[3] = U32_2("rem.s32", in[0], in[1]);
}
