// C = A B with cuBLAS SGEMM in float arithmetic: what a user would call.
#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

void Check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  std::fprintf(stderr, "%s: %s\n", call, cublasGetStatusString(status));
  std::abort();  // the launcher returns nothing, and a baseline that did not run must not be timed
}

cublasHandle_t MakeHandle() {
  cublasHandle_t handle = nullptr;
  Check(cublasCreate(&handle), "cublasCreate");
  Check(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH), "cublasSetMathMode");  // no TF32 for floats
  return handle;
}

}  // namespace

extern "C" void solve(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k,
                      cudaStream_t stream) {
  static const cublasHandle_t handle = MakeHandle();
  Check(cublasSetStream(handle, stream), "cublasSetStream");
  // cuBLAS is column-major and so sees the transposes: C^T [n, m] = B^T [n, k] A^T [k, m].
  const float one = 1.0f;
  const float zero = 0.0f;
  Check(cublasSgemm_64(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &one, b, n, a, k, &zero, c, n),
        "cublasSgemm_64");
}
