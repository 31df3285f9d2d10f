// What the cases share. A case owns its kernels and this entry point, which works on buffers of
// the device, in `stream`'s order, and returns a cudaError_t: 0 if all was accepted.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#define CORPUS_RUN                                                                             \
  extern "C" int corpus_run([[maybe_unused]] const void* in, [[maybe_unused]] size_t in_bytes, \
                            [[maybe_unused]] void* out, [[maybe_unused]] size_t out_bytes,     \
                            [[maybe_unused]] cudaStream_t stream)

#define TRY_CUDA(call)                                                                             \
  do {                                                                                             \
    if (const cudaError_t error_ = (call); error_ != cudaSuccess) return static_cast<int>(error_); \
  } while (false)

// A case of independent rows: the body that follows the macro reads kIn values of `in` and writes
// kOut values of `out`, one thread per row, as many rows as both buffers hold.
#define CORPUS_ROWS(In, kIn, Out, kOut)                                                           \
  __device__ void Row(const In* in, Out* out);                                                    \
  __global__ void Rows(const In* in, Out* out, unsigned rows) {                                   \
    const unsigned row = blockIdx.x * blockDim.x + threadIdx.x;                                   \
    if (row < rows) Row(in + row * (kIn), out + row * (kOut));                                    \
  }                                                                                               \
  CORPUS_RUN {                                                                                    \
    const size_t fed = in_bytes / (sizeof(In) * (kIn));                                           \
    const size_t asked = out_bytes / (sizeof(Out) * (kOut));                                      \
    const unsigned rows = static_cast<unsigned>(fed < asked ? fed : asked);                       \
    Rows<<<(rows + 95) / 96, 96, 0, stream>>>(static_cast<const In*>(in), static_cast<Out*>(out), \
                                              rows);                                              \
    return static_cast<int>(cudaGetLastError());                                                  \
  }                                                                                               \
  __device__ void Row(const In* in, Out* out)

// One PTX instruction as an expression: PTX2(uint32_t, "=r", "add.u32", "r", a, "r", b).
#define PTX1(Type, dst, op, c0, a)                  \
  [](auto a_) {                                     \
    Type d_;                                        \
    asm volatile(op " %0, %1;" : dst(d_) : c0(a_)); \
    return d_;                                      \
  }(a)
#define PTX2(Type, dst, op, c0, a, c1, b)                       \
  [](auto a_, auto b_) {                                        \
    Type d_;                                                    \
    asm volatile(op " %0, %1, %2;" : dst(d_) : c0(a_), c1(b_)); \
    return d_;                                                  \
  }(a, b)
#define PTX3(Type, dst, op, c0, a, c1, b, c2, c)                            \
  [](auto a_, auto b_, auto c_) {                                           \
    Type d_;                                                                \
    asm volatile(op " %0, %1, %2, %3;" : dst(d_) : c0(a_), c1(b_), c2(c_)); \
    return d_;                                                              \
  }(a, b, c)

// The usual operand classes.
#define U32_2(op, a, b) PTX2(uint32_t, "=r", op, "r", a, "r", b)
#define U32_3(op, a, b, c) PTX3(uint32_t, "=r", op, "r", a, "r", b, "r", c)
#define U64_2(op, a, b) PTX2(uint64_t, "=l", op, "l", a, "l", b)
#define F32_1(op, a) PTX1(float, "=f", op, "f", a)
#define F32_2(op, a, b) PTX2(float, "=f", op, "f", a, "f", b)
#define F32_3(op, a, b, c) PTX3(float, "=f", op, "f", a, "f", b, "f", c)
#define F64_1(op, a) PTX1(double, "=d", op, "d", a)
#define F64_2(op, a, b) PTX2(double, "=d", op, "d", a, "d", b)
#define F64_3(op, a, b, c) PTX3(double, "=d", op, "d", a, "d", b, "d", c)
