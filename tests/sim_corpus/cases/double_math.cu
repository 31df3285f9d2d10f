// The device's maths library in double precision.
// in: 1024
// fill: f64 normal
// out: f64 640
// compare: ulps 3
#include "kit.cuh"

CORPUS_ROWS(double, 2, double, 10) {
  const double a = in[0];
  const double positive = fabs(in[1]) + 1e-9;
  out[0] = exp(a);
  out[1] = log(positive);
  out[2] = sin(a);
  out[3] = cos(100.0 * in[1]);
  out[4] = pow(positive, a);
  out[5] = tanh(a);
  out[6] = erf(a);
  out[7] = rsqrt(positive);
  out[8] = cbrt(a);
  out[9] = atan(a);
}
