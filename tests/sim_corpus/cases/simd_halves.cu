// The packed intrinsics on 16-bit halves, and those for dynamic programming (DPX).
// in: 1140
// fill: u32 mixed
// out: u32 950
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 3, uint32_t, 10) {
  const uint32_t a = in[0];
  const uint32_t b = in[1];
  const uint32_t c = in[2];
  const int x = static_cast<int>(a);
  const int y = static_cast<int>(b);
  const int z = static_cast<int>(c);
  out[0] = __vadd2(a, b) ^ __vaddss2(a, b);
  out[1] = __vsub2(a, b) ^ __vsubus2(a, b);
  out[2] = __vmaxs2(a, b) ^ __vminu2(b, c);
  out[3] = __vcmpgeu2(a, b) ^ __vsetlts2(a, b);
  out[4] = static_cast<uint32_t>(__vimax3_s32(x, y, z)) ^ __vimin3_u32(a, b, c);
  out[5] = static_cast<uint32_t>(__viaddmax_s32(x, y, z)) ^ __viaddmin_u32(a, b, c);
  out[6] = static_cast<uint32_t>(__vimax_s32_relu(x, y)) ^
           static_cast<uint32_t>(__viaddmin_s32_relu(x, y, z));
  out[7] = __vimax3_s16x2(a, b, c) ^ __viaddmax_s16x2_relu(a, b, c);
  out[8] = U32_2("add.u16x2", a, b) ^ U32_2("max.s16x2", a, c);
  bool first = false;
  out[9] = static_cast<uint32_t>(__vibmax_s32(x, y, &first)) ^ (first ? 0x55555555u : 0u);
}
