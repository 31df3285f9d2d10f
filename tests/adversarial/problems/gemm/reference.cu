__global__ void reference(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k) {
  const int64_t col = blockIdx.x * int64_t{16} + threadIdx.x;
  const int64_t row = blockIdx.y * int64_t{16} + threadIdx.y;
  if (row >= m || col >= n) return;
  double sum = 0;
  for (int64_t i = 0; i < k; ++i) sum += double(a[row * k + i]) * b[i * n + col];
  c[row * n + col] = static_cast<float>(sum);
}

extern "C" void solve(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k,
                      cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((n + 15) / 16), static_cast<unsigned>((m + 15) / 16));
  reference<<<grid, dim3(16, 16), 0, stream>>>(a, b, c, m, n, k);
}
