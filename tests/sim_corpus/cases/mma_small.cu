// mma on 8-bit floats, nibbles, bits, and the four products of m8n8k4; whole numbers, so that every sum is exact.
// in: 8192
// fill: u32 bits
// out: u32 896
// compare: exact
#include "kit.cuh"

#define OUT4(d) "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
#define IN4(a) "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3])

// Bytes that are 0, +-1, +-2 or +-4 in the format whose 1 is `one` and whose exponent begins at bit `shift`.
__device__ uint32_t Bytes(uint32_t bits, uint32_t one, uint32_t shift) {
  uint32_t word = 0;
  for (int i = 0; i < 4; ++i) {
    const uint32_t byte = bits >> (8 * i) & 0xff;
    word |= ((byte & 0x80) | ((byte & 0x40) != 0 ? one + ((byte & 3) % 3 << shift) : 0)) << (8 * i);
  }
  return word;
}
__device__ uint32_t Halves(uint32_t bits) {
  const auto half = [](uint32_t part) { return (part & 0x8000) | (0x3c00 + ((part & 1) << 10)); };
  return half(bits >> 16) << 16 | half(bits & 0xffff);
}

__global__ void Multiply(const uint32_t* in, uint32_t* out) {
  const unsigned lane = threadIdx.x;
  uint32_t x[16];
  for (int i = 0; i < 16; ++i) x[i] = in[64 * lane + i];
  uint32_t* row = out + 28 * lane;

  uint32_t a[4], b[2], d[4];
  for (int i = 0; i < 4; ++i) a[i] = Bytes(x[i], 0x38, 3);
  for (int i = 0; i < 2; ++i) b[i] = Bytes(x[4 + i], 0x3c, 2);
  const uint32_t none[4] = {};
  asm volatile("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e5m2.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%10, %11, %12, %13};"
               : OUT4(d)
               : IN4(a), "r"(b[0]), "r"(b[1]), IN4(none));
  for (int i = 0; i < 4; ++i) row[i] = d[i];
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.e4m3.e5m2.f16 {%0, %1}, {%2, %3}, {%4}, {%5, %6};"
               : "=r"(row[4]), "=r"(row[5])
               : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(none[0]), "r"(none[1]));

  asm volatile("mma.sync.aligned.m16n8k64.row.col.satfinite.s32.s4.u4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
               "{%8, %9}, {%10, %11, %12, %13};"
               : OUT4(d)
               : IN4(x), "r"(x[4]), "r"(x[5]), "r"(0x7fffff00), "r"(0x80000100), "r"(x[6]), "r"(x[7]));
  for (int i = 0; i < 4; ++i) row[6 + i] = d[i];
  asm volatile("mma.sync.aligned.m8n8k32.row.col.s32.u4.s4.s32 {%0, %1}, {%2}, {%3}, {%4, %5};"
               : "=r"(row[10]), "=r"(row[11])
               : "r"(x[8]), "r"(x[9]), "r"(x[10]), "r"(x[11]));

  asm volatile("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
               "{%8, %9}, {%10, %11, %12, %13};"
               : OUT4(d)
               : IN4(x), "r"(x[4]), "r"(x[5]), "r"(x[6]), "r"(x[7]), "r"(x[8]), "r"(x[9]));
  for (int i = 0; i < 4; ++i) row[12 + i] = d[i];
  asm volatile("mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor.popc {%0, %1}, {%2}, {%3}, {%4, %5};"
               : "=r"(row[16]), "=r"(row[17])
               : "r"(x[8]), "r"(x[9]), "r"(x[10]), "r"(x[11]));

  uint32_t h[4];
  for (int i = 0; i < 4; ++i) h[i] = Halves(x[12 + i]);
  uint32_t f[8];
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {%0, %1, %2, %3, %4, %5, %6, %7}, {%8, %9}, "
               "{%10, %11}, {%12, %12, %12, %12, %12, %12, %12, %12};"
               : OUT4(f), "=r"(f[4]), "=r"(f[5]), "=r"(f[6]), "=r"(f[7])
               : "r"(h[0]), "r"(h[1]), "r"(h[2]), "r"(h[3]), "r"(0x3f800000));
  for (int i = 0; i < 8; ++i) row[18 + i] = f[i];
  asm volatile("mma.sync.aligned.m8n8k4.col.row.f16.f16.f16.f16 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, "
               "{%8, %8, %8, %8};"
               : OUT4(d)
               : "r"(h[0]), "r"(h[1]), "r"(h[2]), "r"(h[3]), "r"(0));
  row[26] = d[0] ^ d[1] << 1;
  row[27] = d[2] ^ d[3] << 1;
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
