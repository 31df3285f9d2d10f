// Quotients, reciprocals and roots of halves: computed in single precision, then rounded.
// in: 1900
// fill: f16 mixed
// out: f16 1900
// compare: ulps 1
#include <cuda_fp16.h>

#include "kit.cuh"

CORPUS_ROWS(__half, 2, __half, 4) {
  out[0] = __hdiv(in[0], in[1]);
  out[1] = hrcp(in[0]);
  out[2] = hsqrt(in[0]);
  out[3] = hrsqrt(in[1]);
}
