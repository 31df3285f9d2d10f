// Comparisons of halves, scalar and packed, ordered and unordered; minimum and maximum.
// in: 1264
// fill: f16 mixed
// out: u32 948
// compare: exact
#include <cuda_fp16.h>

#include "kit.cuh"

CORPUS_ROWS(__half, 4, uint32_t, 6) {
  const __half2 a = __halves2half2(in[0], in[1]);
  const __half2 b = threadIdx.x % 4 == 0 ? a : __halves2half2(in[2], in[3]);
  const auto bits = [](__half2 h) {
    const auto one = [](__half x) { return __hisnan(x) ? 0x7fffu : __half_as_ushort(x); };
    return one(__low2half(h)) | static_cast<uint32_t>(one(__high2half(h))) << 16;
  };
  out[0] = __hlt2_mask(a, b) ^ (__heq2_mask(a, b) << 1) ^ (__hgeu2_mask(a, b) >> 1);
  out[1] = bits(__hne2(a, b)) ^ (bits(__hleu2(a, b)) << 1);
  out[2] = bits(__hmin2(a, b));
  out[3] = bits(__hmax2_nan(a, b));
  out[4] = bits(__habs2(a)) ^ bits(__hneg2(b));
  out[5] = static_cast<uint32_t>(__hgt(in[0], in[2])) + 2 * __hequ(in[0], in[2]) +
           4 * __hisnan(in[1]) + 8 * static_cast<uint32_t>(__hisinf(in[3])) + 16 * __hbne2(a, b) +
           32 * __hbltu2(a, b);
}
