// Floats to tf32: the 13 bits below its fraction are unspecified, and masked away.
// in: 1900
// fill: f32 mixed
// out: u32 950
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(float, 1, uint32_t, 2) {
  const float a = isnan(in[0]) ? 1.0f : in[0];
  out[0] = PTX1(uint32_t, "=r", "cvt.rna.tf32.f32", "f", a) & 0xffffe000u;
  out[1] = PTX1(uint32_t, "=r", "cvt.rn.tf32.f32", "f", a) & 0xffffe000u;
}
