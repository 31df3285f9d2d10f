// bfloat16, scalar and packed: sums, products, fma, comparisons, minimum and maximum.
// in: 1416
// fill: bf16 mixed
// out: bf16 1888
// compare: exact
#include <cuda_bf16.h>

#include "kit.cuh"

CORPUS_ROWS(__nv_bfloat16, 6, __nv_bfloat16, 16) {
  const __nv_bfloat162 a = __halves2bfloat162(in[0], in[1]);
  const __nv_bfloat162 b = __halves2bfloat162(in[2], in[3]);
  const __nv_bfloat162 c = __halves2bfloat162(in[4], in[5]);
  out[0] = __hadd(in[0], in[1]);
  out[1] = __hmul(in[2], in[3]);
  out[2] = __hfma(in[0], in[2], in[4]);
  out[3] = __hsub(in[1], in[5]);
  const __nv_bfloat162 results[6] = {__hadd2(a, b), __hmul2(a, c),     __hfma2(a, b, c),
                                     __hmin2(a, b), __hmax2_nan(b, c), __hge2(a, c)};
  for (int i = 0; i < 6; ++i) {
    out[4 + 2 * i] = __low2bfloat16(results[i]);
    out[5 + 2 * i] = __high2bfloat16(results[i]);
  }
}
