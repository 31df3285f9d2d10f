// Inline PTX of the kind that kernels contain: predicates, blocks with registers and labels of
// their own, packed moves, vectors, address arithmetic, selections.
// in: 2048
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Inline(const uint32_t* in, uint32_t* out) {
  __shared__ __align__(16) uint32_t shared[512];
  const unsigned t = threadIdx.x;
  const auto base = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
  uint32_t r[4];
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "l"(in + (blockIdx.x * 128 + t) * 4));
  asm volatile("st.shared.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(base + t * 16), "r"(r[3]),
               "r"(r[2]), "r"(r[1]), "r"(r[0])
               : "memory");
  __syncthreads();
  uint64_t wide = 0;
  uint32_t high = 0;
  asm("{.reg .b32 lo, hi;\n mov.b64 %0, {%2, %3};\n mov.b64 {lo, hi}, %0;\n xor.b32 %1, lo, hi;}"
      : "=&l"(wide), "=r"(high)
      : "r"(r[0]), "r"(r[1]));
  uint32_t counted = 0;
  asm volatile(
      "{.reg .pred p;\n .reg .u32 i;\n mov.u32 i, 0;\n mov.u32 %0, 0;\n"
      "loop: mad.lo.u32 %0, %0, 3, i;\n add.u32 i, i, 1;\n setp.lt.u32 p, i, %1;\n @p bra loop;}"
      : "=&r"(counted)
      : "r"(r[2] % 9 + 1));
  uint32_t picked = 0;
  asm volatile(
      "{.reg .pred p, q;\n setp.gt.s32 p|q, %1, %2;\n @p ld.shared.u32 %0, [%3+8];\n"
      "@q ld.shared.u32 %0, [%3+-0];\n}"
      : "=r"(picked)
      : "r"(r[1]), "r"(r[3]), "r"(base + ((t + 1) % 128) * 16));
  uint16_t low = 0;
  uint16_t top = 0;
  asm("mov.b32 {%0, %1}, %2;" : "=h"(low), "=h"(top) : "r"(r[3]));
  uint32_t flags = 0;
  asm("{.reg .pred a, b, c;\n setp.ne.u32 a, %1, 0;\n setp.lo.u32 b, %1, %2;\n xor.pred c, a, b;\n"
      " not.pred a, c;\n selp.u32 %0, %1, %2, a;}"
      : "=r"(flags)
      : "r"(r[0]), "r"(r[2]));
  uint32_t* row = out + (blockIdx.x * 128 + t) * 8;
  row[0] = high;
  row[1] = static_cast<uint32_t>(wide >> 11);
  row[2] = counted;
  row[3] = picked;
  row[4] = static_cast<uint32_t>(low) * 3 + top;
  row[5] = flags;
  row[6] = r[0];
  row[7] = shared[(t * 4 + 5) % 512];
}

CORPUS_RUN {
  Inline<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
