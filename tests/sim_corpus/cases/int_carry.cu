// Chains of carries: 128-bit arithmetic as nvcc writes it, and as inline PTX.
// in: 2048
// fill: u64 mixed
// out: u64 768
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint64_t, 4, uint64_t, 12) {
  using Wide = unsigned __int128;
  const Wide a = static_cast<Wide>(in[0]) << 64 | in[1];
  const Wide b = static_cast<Wide>(in[2]) << 64 | in[3];
  const Wide results[5] = {a + b, a - b, a * b, a >> (in[3] % 128),
                           static_cast<Wide>(static_cast<__int128>(a) >> (in[1] % 128))};
  for (int i = 0; i < 5; ++i) {
    out[2 * i] = static_cast<uint64_t>(results[i]);
    out[2 * i + 1] = static_cast<uint64_t>(results[i] >> 64);
  }
  uint32_t low = 0;
  uint32_t mid = 0;
  uint32_t high = 0;
  const uint32_t x = static_cast<uint32_t>(in[0]);
  const uint32_t y = static_cast<uint32_t>(in[2]);
  asm volatile(
      "{mad.lo.cc.u32 %0, %3, %4, %5;\n"
      " madc.hi.cc.u32 %1, %3, %4, %6;\n"
      " addc.u32 %2, 0, 0;\n"
      " sub.cc.u32 %0, %0, %6;\n"
      " subc.cc.u32 %1, %1, %5;\n"
      " subc.u32 %2, %2, 7;}"
      : "=&r"(low), "=&r"(mid), "=&r"(high)
      : "r"(x), "r"(y), "r"(static_cast<uint32_t>(in[1])), "r"(static_cast<uint32_t>(in[3])));
  out[10] = static_cast<uint64_t>(mid) << 32 | low;
  out[11] = high;
}
