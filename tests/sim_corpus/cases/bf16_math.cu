// Functions of bfloat16 (single-precision functions, then rounded), and relu.
// in: 1264
// fill: bf16 normal
// out: bf16 1896
// compare: ulps 1
#include <cuda_bf16.h>

#include "kit.cuh"

CORPUS_ROWS(__nv_bfloat16, 2, __nv_bfloat16, 6) {
  out[0] = hexp(in[0]);
  out[1] = hsin(in[1]);
  out[2] = hrsqrt(__habs(in[0]));
  out[3] = __hdiv(in[0], in[1]);
  out[4] = __hfma_relu(in[0], in[1], in[0]);
  out[5] = hexp2(in[1]);
}
