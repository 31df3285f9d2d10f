// Row-wise softmax, one block per row, in double: maximum, sum of exponentials, quotient.
#include <cuda_runtime.h>

#include <cstdint>

namespace {

constexpr int kThreads = 256;

__global__ void Softmax(const float* x, float* y, int64_t rows, int64_t cols) {
  __shared__ double partial[kThreads];
  const int t = static_cast<int>(threadIdx.x);

  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    const float* in = x + row * cols;
    float* out = y + row * cols;

    double largest = in[0];
    for (int64_t c = t; c < cols; c += kThreads)
      largest = fmax(largest, static_cast<double>(in[c]));
    partial[t] = largest;
    __syncthreads();
    for (int half = kThreads / 2; half > 0; half /= 2) {
      if (t < half) partial[t] = fmax(partial[t], partial[t + half]);
      __syncthreads();
    }
    largest = partial[0];
    __syncthreads();

    double sum = 0;
    for (int64_t c = t; c < cols; c += kThreads) sum += exp(in[c] - largest);
    partial[t] = sum;
    __syncthreads();
    for (int half = kThreads / 2; half > 0; half /= 2) {
      if (t < half) partial[t] += partial[t + half];
      __syncthreads();
    }
    sum = partial[0];
    __syncthreads();

    for (int64_t c = t; c < cols; c += kThreads) {
      out[c] = static_cast<float>(exp(in[c] - largest) / sum);
    }
  }
}

}  // namespace

extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, cudaStream_t stream) {
  const int64_t blocks_max = 2147483647;
  const auto blocks = static_cast<unsigned>(rows < blocks_max ? rows : blocks_max);
  Softmax<<<blocks, kThreads, 0, stream>>>(x, y, rows, cols);
}
