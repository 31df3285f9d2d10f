// dp4a and dp2a in every combination of signs.
// in: 1416
// fill: u32 mixed
// out: u32 944
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 3, uint32_t, 8) {
  out[0] = U32_3("dp4a.u32.u32", in[0], in[1], in[2]);
  out[1] = U32_3("dp4a.s32.s32", in[0], in[1], in[2]);
  out[2] = U32_3("dp4a.u32.s32", in[0], in[1], in[2]);
  out[3] = U32_3("dp4a.s32.u32", in[0], in[1], in[2]);
  out[4] = U32_3("dp2a.lo.s32.s32", in[0], in[1], in[2]);
  out[5] = U32_3("dp2a.hi.u32.u32", in[0], in[1], in[2]);
  out[6] = U32_3("dp2a.hi.s32.u32", in[0], in[1], in[2]);
  out[7] = static_cast<uint32_t>(__dp4a(static_cast<int>(in[0]), static_cast<int>(in[1]), 0));
}
