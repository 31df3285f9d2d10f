// Floats and integers to halves and back, all roundings.
// in: 512
// fill: f32 halflike
// out: f32 1024
// compare: exact
#include <cuda_fp16.h>

#include "kit.cuh"

CORPUS_ROWS(float, 2, float, 16) {
  const float a = in[0];
  const float b = in[1];
  out[0] = __half2float(__float2half_rn(a));
  out[1] = __half2float(__float2half_rz(a));
  out[2] = __half2float(__float2half_ru(a));
  out[3] = __half2float(__float2half_rd(a));
  const __half2 pair = __floats2half2_rn(a, b);
  out[4] = __low2float(pair);
  out[5] = __high2float(pair);
  const __half h = __float2half(a);
  out[6] = static_cast<float>(__half2int_rn(h));
  out[7] = static_cast<float>(__half2int_rd(h));
  out[8] = static_cast<float>(__half2uint_rz(h));
  out[9] = static_cast<float>(__half2short_ru(h));
  out[10] = static_cast<float>(__half2ll_rz(h));
  const int whole = isfinite(a) && fabsf(a) < 1e9f ? static_cast<int>(a) : 77;
  out[11] = __half2float(__int2half_rn(whole));
  out[12] = __half2float(__int2half_rz(whole));
  out[13] = __half2float(__ushort2half_ru(static_cast<unsigned short>(whole)));
  out[14] = __half2float(__double2half(static_cast<double>(a) * 1.0000001));
  out[15] = __half2float(hrint(h)) + __half2float(hfloor(h)) * 2.0f;
}
