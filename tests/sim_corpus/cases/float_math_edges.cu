// The maths library at edge values and huge arguments (slow paths: long reductions, denormals).
// in: 760
// fill: f32 mixed
// out: f32 950
// compare: ulps 4
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 10) {
  const float a = in[0];
  const float b = in[1];
  out[0] = sinf(a);
  out[1] = cosf(a);
  out[2] = expf(a);
  out[3] = logf(a);
  out[4] = powf(a, b);
  out[5] = log2f(b);
  out[6] = exp10f(b);
  out[7] = asinf(a) + acosf(b);
  out[8] = erfcf(a);
  out[9] = rsqrtf(b);
}
