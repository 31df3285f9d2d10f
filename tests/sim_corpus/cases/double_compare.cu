// Double precision: minimum, maximum, rounding to integers, comparisons, conversions.
// in: 1072
// fill: f64 mixed
// out: f64 469
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(double, 2, double, 7) {
  const double a = in[0];
  const double b = in[1];
  out[0] = fmin(a, b);
  out[1] = fmax(a, b);
  out[2] = rint(a) + trunc(b);
  out[3] = floor(a) - ceil(b);
  out[4] = (a < b) + 2 * (a == b) + 4 * (a >= b) + 8 * (isnan(a) || isnan(b)) + 16 * (a != b);
  out[5] = static_cast<double>(__double2ll_rn(a)) + static_cast<double>(__double2uint_ru(b));
  out[6] = static_cast<double>(__double2float_rd(a)) +
           static_cast<double>(__double2int_rz(b)) * copysign(1.0, a);
}
