// A switch of many arms (a table of branches), some falling through; a small interpreter.
// in: 3800
// fill: u32 bits
// out: u32 950
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(uint32_t, 1, uint32_t, 1) {
  uint32_t a = in[0];
  uint32_t b = 1;
  for (int step = 0; step < 10; ++step) {
    switch (a % 12) {
      case 0:
        a = a / 3 + b;
        break;
      case 1:
        a ^= b << 7;
        b += 3;
        break;
      case 2:
        b = __brev(b) | 1;
        [[fallthrough]];
      case 3:
        a += b * 17;
        break;
      case 4:
        a = __popc(a) * 0x01010101u + b;
        break;
      case 5:
        if (b > 1000) {
          b /= 2;
          break;
        }
        [[fallthrough]];
      case 6:
        a = a * 1664525u + 1013904223u;
        break;
      case 7:
        a -= b;
        b ^= a >> 5;
        break;
      case 8:
        a = __byte_perm(a, b, 0x2431);
        break;
      case 9:
        step += 2;
        a += 5;
        break;
      case 10:
        a = ~a;
        break;
      default:
        out[0] = a ^ b;
        return;
    }
  }
  out[0] = a + b;
}
