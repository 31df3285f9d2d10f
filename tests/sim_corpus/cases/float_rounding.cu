// Sums, differences and products in all four roundings.
// in: 632
// fill: f32 mixed
// out: f32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 12) {
  const float a = in[0];
  const float b = in[1];
  out[0] = __fadd_rn(a, b);
  out[1] = __fadd_rz(a, b);
  out[2] = __fadd_ru(a, b);
  out[3] = __fadd_rd(a, b);
  out[4] = __fsub_rn(a, b);
  out[5] = __fsub_rz(a, b);
  out[6] = __fsub_ru(a, b);
  out[7] = __fsub_rd(a, b);
  out[8] = __fmul_rn(a, b);
  out[9] = __fmul_rz(a, b);
  out[10] = __fmul_ru(a, b);
  out[11] = __fmul_rd(a, b);
}
