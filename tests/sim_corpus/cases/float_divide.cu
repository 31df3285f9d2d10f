// IEEE division, reciprocal and square root in all four roundings.
// in: 632
// fill: f32 mixed
// out: f32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 12) {
  const float a = in[0];
  const float b = in[1];
  out[0] = __fdiv_rn(a, b);
  out[1] = __fdiv_rz(a, b);
  out[2] = __fdiv_ru(a, b);
  out[3] = __fdiv_rd(a, b);
  out[4] = __frcp_rn(a);
  out[5] = __frcp_rz(a);
  out[6] = __frcp_ru(a);
  out[7] = __frcp_rd(a);
  out[8] = __fsqrt_rn(a);
  out[9] = __fsqrt_rz(a);
  out[10] = __fsqrt_ru(b);
  out[11] = __fsqrt_rd(b);
}
