// Double precision: sums, products and fma in all four roundings, division and roots.
// in: 1536
// fill: f64 mixed
// out: f64 896
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(double, 3, double, 14) {
  const double a = in[0];
  const double b = in[1];
  const double c = in[2];
  out[0] = __dadd_rn(a, b);
  out[1] = __dadd_rz(a, b);
  out[2] = __dsub_ru(a, b);
  out[3] = __dsub_rd(a, b);
  out[4] = __dmul_rn(a, b);
  out[5] = __dmul_ru(a, b);
  out[6] = __dmul_rz(a, b);
  out[7] = __fma_rn(a, b, c);
  out[8] = __fma_rz(a, b, c);
  out[9] = __fma_ru(a, b, -__dmul_rn(a, b));
  out[10] = __ddiv_rn(a, b);
  out[11] = __ddiv_rd(a, b);
  out[12] = __dsqrt_rn(a);
  out[13] = __drcp_rz(b);
}
