// Approximate functions at their edges, where PTX gives exact results: zeros, infinities, NaN.
// in: 632
// fill: f32 edges
// out: f32 948
// compare: ulps 5
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 12) {
  const float a = in[0];
  out[0] = F32_1("rcp.approx.f32", a);
  out[1] = F32_1("rsqrt.approx.f32", a);
  out[2] = F32_1("sqrt.approx.ftz.f32", a);
  out[3] = F32_1("ex2.approx.f32", a);
  out[4] = F32_1("ex2.approx.ftz.f32", a);
  out[5] = fabsf(a) > 0.9f && fabsf(a) < 1.1f ? 0.0f : F32_1("lg2.approx.f32", a);
  out[6] = fabsf(a) > 0.9f && fabsf(a) < 1.1f ? 0.0f : F32_1("lg2.approx.ftz.f32", a);
  out[7] = fabsf(a) > 1.0f && !isinf(a) ? 0.0f : F32_1("sin.approx.f32", a);
  out[8] = fabsf(a) > 1.0f && !isinf(a) ? 0.0f : F32_1("cos.approx.f32", a);
  out[9] = F32_1("tanh.approx.f32", fabsf(a) < 10.0f ? 0.0f : a);
  out[10] = F32_2("div.full.f32", a, 1.0f);
  out[11] = F32_2("div.approx.ftz.f32", 1.0f, a);
}
