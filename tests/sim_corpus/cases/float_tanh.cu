// tanh.approx: a relative error of 2^-11 by PTX.
// in: 1024
// fill: f32 normal
// out: f32 256
// compare: relative 0.0006
#include "kit.cuh"

CORPUS_ROWS(float, 1, float, 1) { out[0] = F32_1("tanh.approx.f32", in[0]); }
