// Arithmetic on signed and unsigned 8-bit and 16-bit values, and what wraps.
// in: 472
// fill: u8 bits
// out: i32 944
// compare: exact
#include "kit.cuh"

CORPUS_ROWS(int8_t, 4, int32_t, 8) {
  const int8_t a = in[0];
  const int8_t b = in[1];
  const uint8_t c = static_cast<uint8_t>(in[2]);
  const uint8_t d = static_cast<uint8_t>(in[3]);
  const int16_t x = static_cast<int16_t>(a << 8 | c);
  const uint16_t y = static_cast<uint16_t>(b << 8 | d);
  out[0] = static_cast<int8_t>(a + b);
  out[1] = static_cast<uint8_t>(c * d);
  out[2] = static_cast<int16_t>(x * y);
  out[3] = static_cast<uint16_t>(x - y);
  out[4] = x >> (d & 15);
  out[5] = static_cast<uint16_t>(y << (c & 7)) >> 3;
  out[6] = (a < b) + 2 * (c < d) + 4 * (x < static_cast<int16_t>(y)) + 8 * (y > d);
  out[7] = a / (b == 0 ? 1 : b) + c % (d == 0 ? 7 : d);
}
