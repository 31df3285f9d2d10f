// Saturating sums, absolute values at INT_MIN, sad, clamps by narrowing, min and max.
// in: 1140
// fill: u32 mixed
// out: u32 950
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 3, uint32_t, 10) {
  const uint32_t a = in[0];
  const uint32_t b = in[1];
  out[0] = U32_2("add.sat.s32", a, b);
  out[1] = U32_2("sub.sat.s32", a, b);
  out[2] = PTX1(uint32_t, "=r", "abs.s32", "r", a);
  out[3] = PTX1(uint32_t, "=r", "neg.s32", "r", a);
  out[4] = U32_3("sad.s32", a, b, in[2]);
  out[5] = U32_3("sad.u32", a, b, in[2]);
  out[6] = PTX1(uint32_t, "=r", "cvt.sat.s8.s32", "r", a) ^
           PTX1(uint32_t, "=r", "cvt.sat.u8.s32", "r", b) << 8 ^
           PTX1(uint32_t, "=r", "cvt.sat.u16.s32", "r", a) << 16;
  out[7] = PTX1(uint32_t, "=r", "cvt.sat.s16.u32", "r", a);
  out[8] = U32_2("min.s32", a, b) ^ U32_2("max.u32", a, in[2]);
  out[9] = static_cast<uint32_t>(__hadd(static_cast<int>(a), static_cast<int>(b))) ^
           __urhadd(a, b) ^ U32_2("max.relu.s32", a, b);
}
