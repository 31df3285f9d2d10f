// Fused multiply-add in all four roundings, saturated, and with cancelling addends.
// in: 1416
// fill: f32 mixed
// out: f32 944
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 3, float, 8) {
  const float a = in[0];
  const float b = in[1];
  const float c = in[2];
  out[0] = __fmaf_rn(a, b, c);
  out[1] = __fmaf_rz(a, b, c);
  out[2] = __fmaf_ru(a, b, c);
  out[3] = __fmaf_rd(a, b, c);
  out[4] = __fmaf_rn(a, b, -__fmul_rn(a, b));
  out[5] = __fmaf_ru(a, b, -__fmul_rz(a, b));
  out[6] = F32_3("fma.rn.sat.f32", a, b, c);
  out[7] = F32_3("mad.rn.f32", a, b, c);
}
