// Floats to integers in every rounding: saturating at the ends, NaN to what is recorded.
// in: 256
// fill: f32 mixed
// out: u64 768
// compare: exact
#include "kit.cuh"

#define BITS(op) static_cast<uint64_t>(PTX1(uint32_t, "=r", op, "f", a))
#define WIDE(op) PTX1(uint64_t, "=l", op, "f", a)

CORPUS_ROWS(float, 1, uint64_t, 12) {
  const float a = in[0];
  out[0] = BITS("cvt.rni.s32.f32") | BITS("cvt.rzi.s32.f32") << 32;
  out[1] = BITS("cvt.rmi.s32.f32") | BITS("cvt.rpi.s32.f32") << 32;
  out[2] = BITS("cvt.rni.u32.f32") | BITS("cvt.rzi.u32.f32") << 32;
  out[3] = BITS("cvt.rmi.ftz.u32.f32") | BITS("cvt.rpi.ftz.u32.f32") << 32;
  out[4] = WIDE("cvt.rni.s64.f32");
  out[5] = WIDE("cvt.rzi.u64.f32");
  out[6] = WIDE("cvt.rpi.s64.f32");
  out[7] = WIDE("cvt.rmi.u64.f32");
  out[8] = BITS("cvt.rzi.s16.f32") & 0xffff;
  out[9] = BITS("cvt.rzi.u16.f32") & 0xffff;
  out[10] = BITS("cvt.rzi.sat.s8.f32") & 0xff;
  out[11] = BITS("cvt.rzi.sat.u8.f32") & 0xff;
}
