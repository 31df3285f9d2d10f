// Sixteen steps' inputs are read at once, so that the chain of steps takes the time, and not memory.
__global__ void reference(const float* x, float* y, int64_t t, int64_t r) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i >= r) return;
  float h = 0;
  float next[16];
  for (int64_t first = 0; first < t; first += 16) {
    for (int j = 0; j < 16; ++j)
      if (first + j < t) next[j] = x[(first + j) * r + i];
    for (int j = 0; j < 16; ++j)
      if (first + j < t) y[(first + j) * r + i] = h = next[j] + 0.9f * h / (1.0f + h * h);
  }
}

extern "C" void solve(const float* x, float* y, int64_t t, int64_t r, cudaStream_t stream) {
  reference<<<static_cast<unsigned>((r + 31) / 32), 32, 0, stream>>>(x, y, t, r);
}
