// Which NaN comes out of arithmetic: results as bits.
// in: 944
// fill: f32 edges
// out: u32 944
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 2, uint32_t, 8) {
  const float a = in[0];
  const float b = in[1];
  out[0] = __float_as_uint(__fadd_rn(a, b));
  out[1] = __float_as_uint(__fmul_rn(a, b));
  out[2] = __float_as_uint(__fmaf_rn(a, b, a));
  out[3] = __float_as_uint(__fsqrt_rn(a));
  out[4] = __float_as_uint(F32_2("min.f32", a, b));
  out[5] = __float_as_uint(F32_2("max.NaN.f32", a, b));
  out[6] = __float_as_uint(F32_1("cvt.rzi.f32.f32", a));
  out[7] = __float_as_uint(F32_1("rcp.rn.f32", a));
}
