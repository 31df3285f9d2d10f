// e4m3 and e5m2, both ways: from floats and halves with saturation, and every code back.
// in: 2048
// fill: f32 halflike
// out: u32 1536
// compare: exact
#include <cuda_fp8.h>

#include "kit.cuh"

CORPUS_ROWS(float, 2, uint32_t, 6) {
  const float2 pair = make_float2(in[0], in[1]);
  out[0] = __nv_cvt_float2_to_fp8x2(pair, __NV_SATFINITE, __NV_E4M3);
  out[1] = __nv_cvt_float2_to_fp8x2(pair, __NV_SATFINITE, __NV_E5M2);
  const __half2_raw halves = __floats2half2_rn(in[0], in[1]);
  out[2] = __nv_cvt_halfraw2_to_fp8x2(halves, __NV_SATFINITE, __NV_E4M3) |
           static_cast<uint32_t>(__nv_cvt_halfraw2_to_fp8x2(halves, __NV_SATFINITE, __NV_E5M2))
               << 16;
  const uint32_t code = blockIdx.x * blockDim.x + threadIdx.x;
  const __half2_raw e4m3 =
      __nv_cvt_fp8x2_to_halfraw2(static_cast<__nv_fp8x2_storage_t>(code * 257u), __NV_E4M3);
  const __half2_raw e5m2 = __nv_cvt_fp8x2_to_halfraw2(
      static_cast<__nv_fp8x2_storage_t>(code | (255 - code) << 8), __NV_E5M2);
  // NaN has many codes: one stands for all.
  const auto bits = [](__half_raw h) { return __hisnan(__half(h)) ? 0x7fffu : h.x; };
  out[3] = bits(__half_raw{e4m3.x}) | static_cast<uint32_t>(bits(__half_raw{e4m3.y})) << 16;
  out[4] = bits(__half_raw{e5m2.x});
  out[5] = bits(__half_raw{e5m2.y});
}
