// Counting and finding bits, fields, funnel shifts, masks.
// in: 1024
// fill: u32 mixed
// out: u32 1280
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 4, uint32_t, 20) {
  const uint32_t a = in[0];
  const uint32_t b = in[1];
  const uint64_t wide = static_cast<uint64_t>(a) << 32 | b;
  out[0] = static_cast<uint32_t>(__popc(a) << 16 | __popcll(wide));
  out[1] = static_cast<uint32_t>(__clz(static_cast<int>(a)) << 16 |
                                 __clzll(static_cast<long long>(wide)));
  out[2] = static_cast<uint32_t>(__ffs(static_cast<int>(a)) << 16 |
                                 __ffsll(static_cast<long long>(wide >> (b % 64))));
  out[3] = __brev(a);
  out[4] = static_cast<uint32_t>(__brevll(wide) >> 7);
  out[5] = PTX1(uint32_t, "=r", "bfind.u32", "r", a);
  out[6] = PTX1(uint32_t, "=r", "bfind.s32", "r", a);
  out[7] = PTX1(uint32_t, "=r", "bfind.shiftamt.s32", "r", a);
  out[8] = PTX1(uint32_t, "=r", "bfind.shiftamt.u64", "l", wide);
  out[9] = U32_3("bfe.u32", a, b & 63, in[2] & 63);
  out[10] = U32_3("bfe.s32", a, b & 63, in[2] & 63);
  out[11] = static_cast<uint32_t>(
      PTX3(uint64_t, "=l", "bfe.s64", "l", wide, "r", b & 127, "r", in[2] & 127) >> 3);
  uint32_t inserted = 0;
  asm volatile("bfi.b32 %0, %1, %2, %3, %4;"
               : "=r"(inserted)
               : "r"(a), "r"(in[3]), "r"(b & 63), "r"(in[2] & 63));
  out[12] = inserted;
  out[13] = __funnelshift_l(a, b, in[2]);
  out[14] = __funnelshift_r(a, b, in[2]);
  out[15] = __funnelshift_lc(a, b, in[2] & 63);
  out[16] = __funnelshift_rc(a, b, in[2] & 63);
  out[17] = U32_2("bmsk.clamp.b32", b & 63, in[2] & 63);
  out[18] = U32_2("szext.clamp.s32", a, b & 63);
  uint32_t logic = 0;
  asm volatile("lop3.b32 %0, %1, %2, %3, 0x9A;" : "=r"(logic) : "r"(a), "r"(b), "r"(in[2]));
  out[19] = logic;
}
