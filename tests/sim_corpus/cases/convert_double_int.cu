// Doubles to integers in every rounding.
// in: 632
// fill: f64 mixed
// out: u64 474
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(double, 1, uint64_t, 6) {
  const double a = in[0];
  out[0] = static_cast<uint32_t>(__double2int_rn(a)) |
           static_cast<uint64_t>(static_cast<uint32_t>(__double2int_rd(a))) << 32;
  out[1] = __double2uint_rz(a) | static_cast<uint64_t>(__double2uint_ru(a)) << 32;
  out[2] = static_cast<uint64_t>(__double2ll_rn(a));
  out[3] = static_cast<uint64_t>(__double2ll_rd(a));
  out[4] = __double2ull_rz(a);
  out[5] = __double2ull_ru(a);
}
