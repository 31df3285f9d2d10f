// Functions of halves.
// in: 948
// fill: f16 normal
// out: f16 1896
// compare: ulps 2
#include <cuda_fp16.h>

#include "kit.cuh"

CORPUS_ROWS(__half, 2, __half, 8) {
  const __half positive = __hadd(__habs(in[1]), __float2half(0.01f));
  out[0] = hexp(in[0]);
  out[1] = hexp2(in[1]);
  out[2] = hsin(in[0]);
  out[3] = hcos(in[1]);
  out[4] = hexp10(in[0]);
  out[5] = __float2half(__half2float(hlog(positive)) + 16.0f);  // ulps mean little near log's zero
  out[6] = __float2half(__half2float(hlog2(positive)) + 16.0f);
  out[7] = htanh(in[0]);
}
