// Doubles to floats in every rounding, into denormals and beyond the ends.
// in: 1264
// fill: f64 floatlike
// out: f32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(double, 1, float, 6) {
  const double a = in[0];
  out[0] = __double2float_rn(a);
  out[1] = __double2float_rz(a);
  out[2] = __double2float_ru(a);
  out[3] = __double2float_rd(a);
  out[4] = PTX1(float, "=f", "cvt.rn.ftz.f32.f64", "d", a);
  out[5] = PTX1(float, "=f", "cvt.rp.sat.f32.f64", "d", a);
}
