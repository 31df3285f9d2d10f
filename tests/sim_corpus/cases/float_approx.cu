// Approximate reciprocals, roots and quotients (PTX: at most 1 or 2 ulps).
// in: 1264
// fill: f32 mixed
// out: f32 948
// compare: ulps 3
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 6) {
  const float a = in[0];
  const float b = in[1];
  out[0] = F32_1("rcp.approx.f32", a);
  out[1] = F32_1("rsqrt.approx.f32", a);
  out[2] = F32_1("sqrt.approx.f32", a);
  out[3] = F32_1("rcp.approx.ftz.f32", a);
  out[4] = F32_1("rsqrt.approx.ftz.f32", b);
  out[5] = F32_2("div.full.f32", a, fabsf(b) > 1e30f || fabsf(b) < 1e-30f ? 3.0f : b);
}
