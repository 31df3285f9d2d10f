__global__ void reference(const float* x, float* y, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) y[i] = static_cast<float>(1e-6 * x[i] * x[i]);
}

extern "C" void solve(const float* x, float* y, int64_t n, cudaStream_t stream) {
  reference<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(x, y, n);
}
