// Half precision, scalar and packed: sums, products, fma, saturation, relu.
// in: 1620
// fill: f16 mixed
// out: f16 1890
// compare: exact
#include <cuda_fp16.h>

#include "kit.cuh"

CORPUS_ROWS(__half, 6, __half, 14) {
  const __half2 a = __halves2half2(in[0], in[1]);
  const __half2 b = __halves2half2(in[2], in[3]);
  const __half2 c = __halves2half2(in[4], in[5]);
  out[0] = __hadd(in[0], in[1]);
  out[1] = __hmul(in[2], in[3]);
  out[2] = __hfma(in[0], in[2], in[4]);
  out[3] = __hsub(in[1], in[5]);
  const __half2 results[5] = {__hadd2(a, b), __hmul2_sat(a, b), __hfma2(a, b, c),
                              __hfma2_relu(a, b, c), __hsub2_sat(b, c)};
  for (int i = 0; i < 5; ++i) {
    out[4 + 2 * i] = __low2half(results[i]);
    out[5 + 2 * i] = __high2half(results[i]);
  }
}
