// The packed "video" intrinsics on bytes.
// in: 632
// fill: u32 mixed
// out: u32 948
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 2, uint32_t, 12) {
  const uint32_t a = in[0];
  const uint32_t b = in[1];
  out[0] = __vadd4(a, b);
  out[1] = __vaddss4(a, b) ^ __vaddus4(b, a);
  out[2] = __vsub4(a, b);
  out[3] = __vsubss4(a, b) ^ __vsubus4(a, b);
  out[4] = __vabsdiffu4(a, b) ^ __vabsdiffs4(a, b);
  out[5] = __vmaxs4(a, b) ^ __vminu4(a, b);
  out[6] = __vcmpgts4(a, b) ^ __vcmpeq4(a, b >> 8);
  out[7] = __vsetgtu4(a, b) ^ __vsetles4(a, b);
  out[8] = __vavgu4(a, b) ^ __vhaddu4(a, b);
  out[9] = __vsads4(a, b) + __vsadu4(a, b);
  out[10] = __vabs4(a) ^ __vabsss4(b);
  out[11] = __vneg4(a) ^ __vnegss4(b);
}
