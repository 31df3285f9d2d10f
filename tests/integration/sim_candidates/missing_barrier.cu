// expect: wrong, race, of the block read at line 11 with no barrier
#include <cuda_runtime.h>

#include <cstdint>

__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  __shared__ float tile[256];
  const int64_t first = blockIdx.x * int64_t{blockDim.x};
  const unsigned me = threadIdx.x, other = blockDim.x - 1 - me;
  tile[me] = first + me < n ? a[first + me] + b[first + me] : 0;  // here
  const float sum = tile[other];
  if (first + other < n) c[first + other] = sum;
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(a, b, c, n);
}
