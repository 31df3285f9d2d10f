// What device code asks of the runtime: printf, malloc, free and assert. Beside it is what nvcc makes
// of it: nvcc -ptx -arch=compute_90 -std=c++17, of CUDA 12.4 and 13.0.
#include <cassert>
#include <cstdio>

__device__ int scale = 3;

extern "C" __global__ void print(const char* text, double real, long long wide, int n) {
  printf("%d %5u|%-4d|%+.2f %e %s %c %llx %%\n", n, 7u, n, real, real, text, 'x', wide);
  if (threadIdx.x == 1) printf("no arguments\n");
}

// Each thread keeps a number in a block of its own; null where there is no room.
extern "C" __global__ void allocate(int* out, int bytes) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  int* block = static_cast<int*>(malloc(bytes));
  if (block != nullptr) *block = i * scale;
  __syncthreads();
  out[i] = block == nullptr ? -1 : *block;
  free(block);
}

extern "C" __global__ void overrun(int* out) {
  int* block = static_cast<int*>(malloc(8));
  out[0] = block[2];
}

extern "C" __global__ void free_twice(int*) {
  int* block = static_cast<int*>(malloc(8));
  free(block);
  free(block);
}

extern "C" __global__ void check(int n) { assert(n < 100 && "too many"); }

extern "C" __global__ void use_after_free(int* out, int n) {
  int* block = static_cast<int*>(malloc(8));
  *block = 1;
#pragma unroll 1
  for (int i = 0; i < n; ++i) {
    out[i] = *block;
    if (i == 1) free(block);
  }
}
