// One block for each row; sums in double.
__global__ void reference(const float* x, float* y, int64_t cols) {
  __shared__ double shared[128];
  const float* row = x + blockIdx.x * cols;
  double largest = -INFINITY;
  for (int64_t i = threadIdx.x; i < cols; i += 128) largest = fmax(largest, double(row[i]));
  shared[threadIdx.x] = largest;
  __syncthreads();
  for (int i = 0; i < 128; ++i) largest = fmax(largest, shared[i]);
  __syncthreads();
  double sum = 0;
  for (int64_t i = threadIdx.x; i < cols; i += 128) sum += exp(row[i] - largest);
  shared[threadIdx.x] = sum;
  __syncthreads();
  sum = 0;
  for (int i = 0; i < 128; ++i) sum += shared[i];
  for (int64_t i = threadIdx.x; i < cols; i += 128)
    y[blockIdx.x * cols + i] = static_cast<float>(exp(row[i] - largest) / sum);
}

extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, cudaStream_t stream) {
  reference<<<static_cast<unsigned>(rows), 128, 0, stream>>>(x, y, cols);
}
