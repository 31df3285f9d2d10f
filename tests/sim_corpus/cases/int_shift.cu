// Shifts whose counts go beyond the width: PTX clamps them.
// in: 760
// fill: u32 mixed
// out: u64 475
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 2, uint64_t, 5) {
  const uint32_t count = in[1] % 80;
  const uint64_t wide = static_cast<uint64_t>(in[0]) << 32 | in[1];
  out[0] = U32_2("shl.b32", in[0], count) | static_cast<uint64_t>(U32_2("shr.u32", in[0], count))
                                                << 32;
  out[1] = U32_2("shr.s32", in[0], count) | static_cast<uint64_t>(U32_2("shr.s32", in[0], in[1]))
                                                << 32;
  out[2] = PTX2(uint64_t, "=l", "shl.b64", "l", wide, "r", count);
  out[3] = PTX2(uint64_t, "=l", "shr.s64", "l", wide, "r", count) ^
           PTX2(uint64_t, "=l", "shr.u64", "l", wide, "r", count);
  const uint16_t narrow = static_cast<uint16_t>(in[0]);
  out[4] = PTX2(uint16_t, "=h", "shl.b16", "h", narrow, "r", count % 20) |
           PTX2(uint16_t, "=h", "shr.s16", "h", narrow, "r", count % 20) << 16;
}
