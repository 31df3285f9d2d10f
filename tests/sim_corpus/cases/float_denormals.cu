// Flushing to zero, of inputs and of results, beside the same operations without it.
// in: 804
// fill: f32 tiny
// out: f32 938
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 3, float, 14) {
  const float a = in[0];
  const float b = in[1];
  const float c = in[2];
  out[0] = F32_2("add.rn.f32", a, b);
  out[1] = F32_2("add.rn.ftz.f32", a, b);
  out[2] = F32_2("sub.rz.ftz.f32", a, b);
  out[3] = F32_2("mul.rn.f32", a, 0.25f);
  out[4] = F32_2("mul.rn.ftz.f32", a, 0.25f);
  out[5] = F32_3("fma.rn.f32", a, 0.5f, c);
  out[6] = F32_3("fma.rn.ftz.f32", a, 0.5f, c);
  out[7] = F32_2("div.rn.ftz.f32", a, 8.0f);
  out[8] = F32_1("sqrt.rn.ftz.f32", a);
  out[9] = F32_1("cvt.rni.ftz.f32.f32", a);
  out[10] = static_cast<float>(PTX1(double, "=d", "cvt.ftz.f64.f32", "f", a) * 4.0);
  out[11] = PTX1(float, "=f", "cvt.rn.ftz.f32.f64", "d", static_cast<double>(a) * 0.3);
  out[12] = F32_1("abs.ftz.f32", a);
  out[13] = F32_3("fma.rz.ftz.sat.f32", a, 1.0f, b);
}
