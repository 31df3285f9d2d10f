// High halves, wide products, 24-bit products, mad.
// in: 1024
// fill: u32 mixed
// out: u64 704
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 4, uint64_t, 11) {
  const uint32_t a = in[0];
  const uint32_t b = in[1];
  const uint32_t c = in[2];
  const uint64_t wide_a = static_cast<uint64_t>(a) << 32 | c;
  const uint64_t wide_b = static_cast<uint64_t>(b) << 32 | in[3];
  out[0] = __umulhi(a, b) | static_cast<uint64_t>(static_cast<uint32_t>(
                                __mulhi(static_cast<int>(a), static_cast<int>(b))))
                                << 32;
  out[1] = __umul64hi(wide_a, wide_b);
  out[2] = static_cast<uint64_t>(
      __mul64hi(static_cast<long long>(wide_a), static_cast<long long>(wide_b)));
  out[3] = __umul24(a, b) | static_cast<uint64_t>(static_cast<uint32_t>(
                                __mul24(static_cast<int>(a), static_cast<int>(b))))
                                << 32;
  out[4] = PTX2(uint64_t, "=l", "mul.wide.u32", "r", a, "r", b);
  out[5] = PTX2(uint64_t, "=l", "mul.wide.s32", "r", a, "r", b);
  out[6] = PTX3(uint64_t, "=l", "mad.wide.s32", "r", a, "r", b, "l", wide_b);
  out[7] = PTX3(uint64_t, "=l", "mad.lo.u64", "l", wide_a, "l", wide_b, "l", wide_b);
  out[8] = U32_3("mad.hi.s32", a, b, c) | static_cast<uint64_t>(U32_3("mad.hi.u32", a, b, c)) << 32;
  out[9] = U32_3("mad.hi.sat.s32", a, b, c) | static_cast<uint64_t>(U32_3("mad24.hi.u32", a, b, c))
                                                  << 32;
  out[10] = PTX2(uint32_t, "=r", "mul.wide.s16", "h", static_cast<uint16_t>(a), "h",
                 static_cast<uint16_t>(b)) |
            static_cast<uint64_t>(U32_3("mad24.lo.s32", a, b, c)) << 32;
}
