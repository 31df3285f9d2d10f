// Every comparison of floats, ordered and unordered, as set, setp and selp; classes of numbers.
// in: 1896
// fill: f32 mixed
// out: u32 948
// compare: exact
#include "kit.cuh"

#define SET(op) (PTX2(uint32_t, "=r", "set." op ".u32.f32", "f", a, "f", b) & 1u)

CORPUS_ROWS(float, 2, uint32_t, 4) {
  const float a = in[0];
  const float b = threadIdx.x % 5 == 0 ? in[0] : in[1];
  out[0] = SET("eq") | SET("ne") << 1 | SET("lt") << 2 | SET("le") << 3 | SET("gt") << 4 |
           SET("ge") << 5 | SET("equ") << 6 | SET("neu") << 7 | SET("ltu") << 8 | SET("leu") << 9 |
           SET("gtu") << 10 | SET("geu") << 11 | SET("num") << 12 | SET("nan") << 13 |
           SET("eq.ftz") << 14 | SET("lt.ftz") << 15;
  out[1] = static_cast<uint32_t>(isnan(a)) | static_cast<uint32_t>(isinf(a)) << 1 |
           static_cast<uint32_t>(isfinite(b)) << 2 | static_cast<uint32_t>(signbit(a) != 0) << 3 |
           static_cast<uint32_t>(!(a >= b)) << 4 |
           static_cast<uint32_t>((isnan(a) || isnan(b))) << 5;
  uint32_t classes = 0;
  asm volatile(
      "{.reg .pred p, q;\n .reg .u32 t;\n"
      " testp.finite.f32 p, %1;\n selp.u32 %0, 1, 0, p;\n"
      " testp.infinite.f32 p, %1;\n selp.u32 t, 2, 0, p;\n or.b32 %0, %0, t;\n"
      " testp.number.f32 p, %1;\n selp.u32 t, 4, 0, p;\n or.b32 %0, %0, t;\n"
      " testp.normal.f32 p, %1;\n selp.u32 t, 8, 0, p;\n or.b32 %0, %0, t;\n"
      " testp.subnormal.f32 p, %1;\n selp.u32 t, 16, 0, p;\n or.b32 %0, %0, t;\n"
      " setp.lt.and.f32 p|q, %1, %2, p;\n selp.u32 t, 32, 0, p;\n or.b32 %0, %0, t;\n"
      " selp.u32 t, 64, 0, q;\n or.b32 %0, %0, t;\n"
      " setp.ge.xor.f32 p, %1, 0f3F800000, q;\n selp.u32 t, 128, 0, p;\n or.b32 %0, %0, t;}"
      : "=&r"(classes)
      : "f"(a), "f"(b));
  out[2] = classes;
  out[3] = PTX3(uint32_t, "=r", "slct.u32.f32", "r", 17u, "r", 99u, "f", a) ^
           __float_as_uint(PTX2(float, "=f", "set.gtu.f32.f32", "f", a, "f", b));
}
