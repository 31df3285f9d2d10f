// Recursion: Ackermann's function, and a quicksort of a local array.
// in: 1024
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__device__ __noinline__ unsigned Ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  if (n == 0) return Ackermann(m - 1, 1);
  return Ackermann(m - 1, Ackermann(m, n - 1));
}

__device__ __noinline__ void Sort(uint32_t* first, uint32_t* last) {
  if (last - first < 2) return;
  uint32_t* store = first;
  for (uint32_t* p = first; p != last - 1; ++p) {
    if (*p >= last[-1]) continue;
    const uint32_t held = *p;
    *p = *store;
    *store++ = held;
  }
  const uint32_t held = last[-1];
  last[-1] = *store;
  *store = held;
  Sort(first, store);
  Sort(store + 1, last);
}

__global__ void Recurse(const uint32_t* in, uint32_t* out) {
  const unsigned i = threadIdx.x;
  uint32_t values[12];
  for (unsigned k = 0; k < 12; ++k) values[k] = in[(i * 3 + k) % 256] % 1000;
  Sort(values, values + 12);
  for (unsigned k = 0; k < 3; ++k) out[i * 4 + k] = values[k * 4 + 1] << 16 | values[k * 4 + 3];
  out[i * 4 + 3] = Ackermann(i % 3, in[i] % 4);
}

CORPUS_RUN {
  TRY_CUDA(cudaDeviceSetLimit(cudaLimitStackSize, 8192));
  Recurse<<<1, 256, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
