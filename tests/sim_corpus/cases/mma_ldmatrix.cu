// ldmatrix, plain and transposed, stmatrix, and mma.sync on halves with float and half sums.
// in: 2048
// fill: f16 integers
// out: f32 512
// compare: exact
#include <cuda_fp16.h>

#include "kit.cuh"

__global__ void Multiply(const __half* in, float* out) {
  __shared__ __align__(16) __half a[16][24];
  __shared__ __align__(16) __half b[16][8];
  __shared__ __align__(16) __half d[16][8];
  const unsigned lane = threadIdx.x;
  for (unsigned i = lane; i < 256; i += 32) a[i / 16][i % 16] = in[i];
  for (unsigned i = lane; i < 128; i += 32) b[i / 8][i % 8] = in[256 + i];
  __syncwarp();
  uint32_t x[4];
  uint32_t y[2];
  const auto from = static_cast<uint32_t>(__cvta_generic_to_shared(&a[lane % 16][lane / 16 * 8]));
  const auto other = static_cast<uint32_t>(__cvta_generic_to_shared(&b[lane % 16][0]));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
               : "r"(from));
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
               : "=r"(y[0]), "=r"(y[1])
               : "r"(other));
  float c[4] = {1.0f, 2.0f, 3.0f, 4.0f};
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  for (unsigned i = 0; i < 4; ++i) out[lane * 4 + i] = c[i];
  uint32_t h[2] = {0, 0};
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%0, %1};"
      : "+r"(h[0]), "+r"(h[1])
      : "r"(x[0]), "r"(x[1]), "r"(y[0]));
  const auto to = static_cast<uint32_t>(__cvta_generic_to_shared(&d[lane % 16][0]));
  asm volatile("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" ::"r"(to), "r"(h[0]),
               "r"(h[1])
               : "memory");
  __syncwarp();
  for (unsigned i = 0; i < 4; ++i)
    out[128 + lane * 4 + i] = __half2float(d[lane / 2][lane % 2 * 4 + i]);
  uint32_t turned = 0;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(turned) : "r"(x[2]));
  const __half2 pair = *reinterpret_cast<const __half2*>(&turned);
  out[256 + 2 * lane] = __low2float(pair);
  out[257 + 2 * lane] = __high2float(pair);
}

CORPUS_RUN {
  TRY_CUDA(cudaMemsetAsync(out, 0, out_bytes, stream));
  Multiply<<<1, 32, 0, stream>>>(static_cast<const __half*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
