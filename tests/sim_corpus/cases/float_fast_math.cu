// The fast intrinsics, whose errors CUDA states as absolute or relative ones.
// in: 944
// fill: f32 uniform
// out: f32 944
// compare: relative 4e-6 absolute 2e-6
#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 8) {
  const float a = in[0];
  const float positive = fabsf(in[1]) + 0.01f;
  out[0] = __expf(10.0f * a);
  out[1] = __logf(positive);
  out[2] = __sinf(3.0f * a);
  out[3] = __cosf(3.0f * a);
  out[4] = __powf(positive, a);
  out[5] = __fdividef(a, positive);
  out[6] = __exp10f(a) + __log10f(positive);
  out[7] = exp2f(5.0f * a) + __log2f(positive);
}
