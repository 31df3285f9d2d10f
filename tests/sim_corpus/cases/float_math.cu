// The accurate functions of the device's maths library on common arguments.
// in: 632
// fill: f32 normal
// out: f32 948
// compare: ulps 4
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 12) {
  const float a = in[0];
  const float positive = fabsf(in[1]) + 1e-6f;
  out[0] = expf(a);
  out[1] = logf(positive);
  out[2] = sinf(a);
  out[3] = cosf(in[1]);
  out[4] = tanhf(a);
  out[5] = powf(positive, a);
  out[6] = erff(a);
  out[7] = expm1f(a);
  out[8] = log1pf(positive);
  out[9] = cbrtf(a);
  out[10] = atan2f(a, in[1]);
  out[11] = hypotf(a, in[1]);
}
