// prmt in all its modes, selectors with and without the sign bit.
// in: 1416
// fill: u32 mixed
// out: u32 944
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 3, uint32_t, 8) {
  out[0] = __byte_perm(in[0], in[1], in[2]);
  out[1] = U32_3("prmt.b32", in[0], in[1], in[2]);
  out[2] = U32_3("prmt.b32.f4e", in[0], in[1], in[2]);
  out[3] = U32_3("prmt.b32.b4e", in[0], in[1], in[2]);
  out[4] = U32_3("prmt.b32.rc8", in[0], in[1], in[2]);
  out[5] = U32_3("prmt.b32.ecl", in[0], in[1], in[2]);
  out[6] = U32_3("prmt.b32.ecr", in[0], in[1], in[2]);
  out[7] = U32_3("prmt.b32.rc16", in[0], in[1], in[2]);
}
