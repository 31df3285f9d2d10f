// Integers to floats and doubles in every rounding.
// in: 512
// fill: u64 mixed
// out: f64 896
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint64_t, 1, double, 14) {
  const uint64_t a = in[0];
  const int narrow = static_cast<int>(a >> (a & 31));
  const unsigned count = static_cast<unsigned>(a);
  const long long wide = static_cast<long long>(a);
  out[0] = __int2float_rn(narrow);
  out[1] = __int2float_rz(narrow);
  out[2] = __int2float_ru(narrow);
  out[3] = __int2float_rd(narrow);
  out[4] = __uint2float_rn(count);
  out[5] = __uint2float_ru(count);
  out[6] = __ll2float_rn(wide);
  out[7] = __ll2float_rd(wide);
  out[8] = __ull2float_rz(a);
  out[9] = __ull2float_ru(a);
  out[10] = __ll2double_rn(wide);
  out[11] = __ull2double_rd(a);
  out[12] = __uint2double_rn(count) + __int2double_rn(narrow);
  out[13] = PTX1(float, "=f", "cvt.rn.f32.s16", "h", static_cast<uint16_t>(a)) +
            PTX1(float, "=f", "cvt.rn.f32.u8", "r", count);
}
