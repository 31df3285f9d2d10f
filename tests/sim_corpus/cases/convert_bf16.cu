// Floats to bfloat16 and back, roundings, packed pairs, relu.
// in: 944
// fill: f32 mixed
// out: f32 944
// compare: exact
#include <cuda_bf16.h>

#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 8) {
  const float a = in[0];
  const float b = in[1];
  out[0] = __bfloat162float(__float2bfloat16_rn(a));
  out[1] = __bfloat162float(__float2bfloat16_rz(a));
  out[2] = __bfloat162float(__float2bfloat16_ru(a));
  out[3] = __bfloat162float(__float2bfloat16_rd(a));
  const __nv_bfloat162 pair = __floats2bfloat162_rn(a, b);
  out[4] = __low2float(pair);
  out[5] = __high2float(pair);
  const uint32_t packed = PTX2(uint32_t, "=r", "cvt.rn.relu.bf16x2.f32", "f", a, "f", b);
  out[6] = __uint_as_float(packed << 16);
  out[7] = __uint_as_float(packed & 0xffff0000u);
}
