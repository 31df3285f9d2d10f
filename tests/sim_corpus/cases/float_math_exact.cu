// Functions whose results are exact: rounding to integers, remainders, parts of the number.
// in: 632
// fill: f32 mixed
// out: f32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 12) {
  const float a = in[0];
  const float b = in[1];
  out[0] = floorf(a);
  out[1] = ceilf(a);
  out[2] = truncf(a);
  out[3] = rintf(a);
  out[4] = roundf(a);
  const float close = fabsf(a) < 1e6f * fabsf(b) ? a : b;  // keeps the loop of fmodf short
  out[5] = fmodf(close, b);
  out[6] = remainderf(close, b);
  out[7] = nextafterf(a, b);
  int exponent = 0;
  out[8] = frexpf(a, &exponent);
  out[9] = isfinite(a) && a != 0.0f ? static_cast<float>(exponent) : 0.0f;
  out[10] = ldexpf(a, static_cast<int>(threadIdx.x) - 48);
  out[11] = copysignf(a, b);
}
