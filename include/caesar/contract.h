/* The contract between caesar and the shared objects that it builds and runs. For programs that
 * want to load such an object themselves, or to make one. C and C++.
 *
 * A candidate, reference or baseline is one .cu file that defines the launcher of its problem. Its
 * prototype follows from problem.json (problem.schema.json): pointers to the inputs (const),
 * pointers to the outputs, dims (int64_t), scalars (their own type), and the stream, each group in
 * the file's order:
 *
 *     extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, float eps,
 * cudaStream_t stream);
 *
 * Pointers are device pointers to contiguous row-major tensors, aligned to 256 bytes. All work must
 * be ordered on `stream`. dtypes are f32 float, f64 double, f16 __half, bf16 __nv_bfloat16, i8 to
 * i64 and u8 to u64 the types of <stdint.h>, bool.
 *
 * caesar compiles the file together with a generated entry point, which every such object exports:
 */
#ifndef CAESAR_CONTRACT_H
#define CAESAR_CONTRACT_H

/* Changes when the entry's signature or meaning does. */
#define CAESAR_CONTRACT_VERSION 1

/* The exported symbol. */
#define CAESAR_ENTRY_SYMBOL "caesar_entry"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls the launcher once and returns cudaGetLastError() of the object's own (static) CUDA runtime:
 * 0 is success.
 *
 * args        args[i] points to the value of the launcher's i-th argument: to a device pointer for
 * a tensor, to an int64_t for a dim, to the scalar's own type for a scalar. The stream is not among
 * them. stream      a cudaStream_t (CUstream). error_name  receives "cudaErrorName: description" as
 * static text, valid until the next call, or null on success.
 *
 * It does not wait for the work. Not thread-safe. The caller makes a CUDA context current first. */
typedef int (*caesar_entry_function)(void* const* args, void* stream, const char** error_name);

#ifdef __cplusplus
}
#endif

#endif
