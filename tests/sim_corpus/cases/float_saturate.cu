// Saturation to [0, 1], NaN becoming zero.
// in: 1264
// fill: f32 mixed
// out: f32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 6) {
  const float a = in[0];
  const float b = in[1];
  out[0] = __saturatef(a);
  out[1] = F32_2("add.rn.sat.f32", a, b);
  out[2] = F32_2("mul.rz.sat.f32", a, b);
  out[3] = F32_3("fma.rm.sat.f32", a, b, b);
  out[4] = F32_2("sub.ftz.sat.f32", a, b);
  out[5] = PTX1(float, "=f", "cvt.rn.sat.f32.f64", "d", static_cast<double>(a) * 0.5);
}
