// Atomics of 128 bits and of vectors: exchange, compare and swap, sums and extrema of several elements at once.
// in: 4096
// fill: f32 integers
// out: u32 96
// compare: exact
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "kit.cuh"

struct alignas(16) Pair {
  unsigned long long low, high;
};

__global__ void Wide(const float* in, Pair* cells, float* sums, uint32_t* halves) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  // A counter of 128 bits: every thread adds its number to the low half and carries.
  const auto added = 0xf000000000000000ull + i;
  Pair old = cells[0], wanted = {};
  while (true) {
    wanted = {old.low + added, old.high + (old.low + added < added ? 1 : 0)};
    Pair seen = {};
    asm volatile(
        "{\n.reg .b128 c, n, o;\nmov.b128 c, {%3, %4};\nmov.b128 n, {%5, %6};\n"
        "atom.acq_rel.gpu.global.cas.b128 o, [%2], c, n;\nmov.b128 {%0, %1}, o;\n}"
        : "=l"(seen.low), "=l"(seen.high)
        : "l"(cells), "l"(old.low), "l"(old.high), "l"(wanted.low), "l"(wanted.high)
        : "memory");
    if (seen.low == old.low && seen.high == old.high) break;
    old = seen;
  }
  // What is exchanged is handed round: everything that went in is added up, whatever the order.
  __shared__ Pair cell;
  if (threadIdx.x == 0) cell = {0, 0};
  __syncthreads();
  Pair out = {};
  const auto at = static_cast<unsigned>(__cvta_generic_to_shared(&cell));
  asm volatile(
      "{\n.reg .b128 n, o;\nmov.b128 n, {%3, %4};\natom.shared.exch.b128 o, [%2], n;\nmov.b128 {%0, %1}, o;\n}"
      : "=l"(out.low), "=l"(out.high)
      : "r"(at), "l"(static_cast<unsigned long long>(i)), "l"(~static_cast<unsigned long long>(i))
      : "memory");
  atomicAdd(&cells[1].low, out.low);
  atomicXor(&cells[1].high, out.high);
  __syncthreads();
  if (threadIdx.x == 0) {
    atomicAdd(&cells[1].low, cell.low);
    atomicXor(&cells[1].high, cell.high);
  }
  const float4 v = reinterpret_cast<const float4*>(in)[i];
  atomicAdd(reinterpret_cast<float4*>(sums) + i % 2, v);
  atomicAdd(reinterpret_cast<float2*>(sums) + 4 + i % 2, make_float2(v.x, v.w));
  const __half2 h01 = __floats2half2_rn(v.x, v.y), h23 = __floats2half2_rn(v.z, v.w);
  const __nv_bfloat162 b01 = __floats2bfloat162_rn(v.x, v.y), b23 = __floats2bfloat162_rn(v.z, v.w);
  const auto word = [](const auto& two) { return *reinterpret_cast<const uint32_t*>(&two); };
  asm volatile("red.global.max.noftz.v2.f16x2 [%0], {%1, %2};" ::"l"(halves), "r"(word(h01)), "r"(word(h23)));
  asm volatile("red.global.min.noftz.v2.f16x2 [%0], {%1, %2};" ::"l"(halves + 4), "r"(word(h01)), "r"(word(h23)));
  asm volatile("red.global.max.noftz.v2.bf16x2 [%0], {%1, %2};" ::"l"(halves + 8), "r"(word(b01)), "r"(word(b23)));
  asm volatile("red.global.min.noftz.v2.bf16x2 [%0], {%1, %2};" ::"l"(halves + 12), "r"(word(b01)), "r"(word(b23)));
  if (i < 64) {
    asm volatile("red.global.add.noftz.v2.f16x2 [%0], {%1, %2};" ::"l"(halves + 16), "r"(word(h01)), "r"(word(h23)));
    asm volatile("red.global.add.noftz.v2.f16x2 [%0], {%1, %2};" ::"l"(halves + 20), "r"(word(h23)), "r"(word(h01)));
  }
}

CORPUS_RUN {
  auto* to = static_cast<unsigned char*>(out);
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Wide<<<4, 64, 0, stream>>>(static_cast<const float*>(in), reinterpret_cast<Pair*>(to),
                             reinterpret_cast<float*>(to + 64), reinterpret_cast<uint32_t*>(to + 128));
  return static_cast<int>(cudaGetLastError());
}
