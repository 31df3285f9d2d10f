// Minimum and maximum with NaN and signed zeros, in all modes.
// in: 1140
// fill: f32 mixed
// out: f32 950
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 3, float, 10) {
  const float a = in[0];
  const float b = in[1];
  out[0] = F32_2("min.f32", a, b);
  out[1] = F32_2("max.f32", a, b);
  out[2] = F32_2("min.NaN.f32", a, b);
  out[3] = F32_2("max.NaN.f32", a, b);
  out[4] = F32_2("min.ftz.f32", a, b);
  out[5] = F32_2("max.ftz.NaN.f32", a, b);
  out[6] = F32_2("min.xorsign.abs.f32", a, b);
  out[7] = F32_2("max.NaN.xorsign.abs.f32", a, b);
  out[8] = fminf(fmaxf(a, b), in[2]);
  out[9] = F32_1("abs.f32", a) + F32_1("neg.ftz.f32", b);
}
