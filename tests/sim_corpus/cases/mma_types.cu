// mma.sync on bfloat16, tf32, bytes of both signs, and doubles, from registers.
// in: 4096
// fill: u32 bits
// out: f64 512
// compare: exact
#include "kit.cuh"

// A small integer as bfloat16 (exact in 8 bits), as float, as double.
__device__ uint32_t Small(uint32_t bits) { return bits % 15; }
__device__ uint32_t Bf16Pair(uint32_t bits) {
  const uint32_t low = __float_as_uint(static_cast<float>(Small(bits)) - 7.0f) >> 16;
  return low | (__float_as_uint(static_cast<float>(Small(bits >> 9)) - 7.0f) & 0xffff0000u);
}
__device__ uint32_t Float(uint32_t bits) {
  return __float_as_uint(static_cast<float>(Small(bits)) - 7.0f);
}

__global__ void Multiply(const uint32_t* in, double* out) {
  const unsigned lane = threadIdx.x;
  const uint32_t* r = in + lane * 16;
  double* row = out + lane * 16;
  float c[4] = {0.5f, 0.25f, 0.0f, -1.0f};
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(Bf16Pair(r[0])), "r"(Bf16Pair(r[1])), "r"(Bf16Pair(r[2])), "r"(Bf16Pair(r[3])),
        "r"(Bf16Pair(r[4])), "r"(Bf16Pair(r[5])));
  for (int i = 0; i < 4; ++i) row[i] = c[i];
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(Float(r[0])), "r"(Float(r[1])), "r"(Float(r[2])), "r"(Float(r[3])), "r"(Float(r[4])),
        "r"(Float(r[5])));
  for (int i = 0; i < 4; ++i) row[4 + i] = c[i];
  int s[4] = {1, -2, 3, -4};
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+r"(s[0]), "+r"(s[1]), "+r"(s[2]), "+r"(s[3])
      : "r"(r[6]), "r"(r[7]), "r"(r[8]), "r"(r[9]), "r"(r[10]), "r"(r[11]));
  for (int i = 0; i < 4; ++i) row[8 + i] = s[i];
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.satfinite.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
      "{%0, %1, %2, %3};"
      : "+r"(s[0]), "+r"(s[1]), "+r"(s[2]), "+r"(s[3])
      : "r"(r[0]), "r"(r[1]), "r"(r[2]));
  row[12] = s[0] - s[3];
  row[13] = s[1] + s[2];
  double d[2] = {0.125, -0.5};
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
               : "+d"(d[0]), "+d"(d[1])
               : "d"(static_cast<double>(static_cast<int>(r[12]))),
                 "d"(static_cast<double>(Small(r[13]))));
  row[14] = d[0];
  row[15] = d[1];
}

CORPUS_RUN {
  Multiply<<<1, 32, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<double*>(out));
  return static_cast<int>(cudaGetLastError());
}
