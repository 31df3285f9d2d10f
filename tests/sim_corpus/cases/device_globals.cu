// Variables of the device: initialised, pointing at each other, changed by kernels, read and
// written by the host through their symbols and their addresses.
// in: 1024
// fill: u32 bits
// out: u32 264
// compare: exact
#include "kit.cuh"

struct Node {
  int value;
  Node* next;
};

__device__ Node third = {30, nullptr};
__device__ Node second = {20, &third};
__device__ Node first = {10, &second};
__device__ uint32_t table[256];
__device__ uint32_t counter = 5;
__device__ uint32_t* cursor = table + 16;
__constant__ uint32_t factor = 3;

__global__ void Fill(const uint32_t* in) {
  const unsigned i = threadIdx.x;
  table[i] = in[i] * factor;
  if (i == 0) counter += 1;
}

__global__ void Walk(uint32_t* out) {
  const unsigned i = threadIdx.x;
  int sum = 0;
  for (const Node* node = &first; node != nullptr; node = node->next) sum = sum * 2 + node->value;
  out[i] = table[255 - i] + static_cast<uint32_t>(sum) + cursor[i % 8];
  if (i == 0) out[256] = counter;
}

CORPUS_RUN {
  const uint32_t start = 40;
  const uint32_t scale = 7;
  uint32_t* address = nullptr;
  size_t size = 0;
  auto* to = static_cast<uint32_t*>(out);
  TRY_CUDA(cudaMemcpyToSymbolAsync(counter, &start, 4, 0, cudaMemcpyHostToDevice, stream));
  TRY_CUDA(cudaMemcpyToSymbolAsync(factor, &scale, 4, 0, cudaMemcpyHostToDevice, stream));
  Fill<<<1, 256, 0, stream>>>(static_cast<const uint32_t*>(in));
  TRY_CUDA(cudaMemcpyToSymbolAsync(table, &scale, 4, 1020, cudaMemcpyHostToDevice, stream));
  Walk<<<1, 256, 0, stream>>>(to);
  TRY_CUDA(cudaGetSymbolAddress(reinterpret_cast<void**>(&address), table));
  TRY_CUDA(cudaGetSymbolSize(&size, table));
  TRY_CUDA(cudaMemcpyAsync(to + 257, address + 8, 16, cudaMemcpyDeviceToDevice, stream));
  uint32_t seen = 0;
  TRY_CUDA(cudaStreamSynchronize(stream));
  TRY_CUDA(cudaMemcpyFromSymbol(&seen, counter, 4));
  seen += static_cast<uint32_t>(size);
  TRY_CUDA(cudaMemcpyAsync(to + 262, &seen, 4, cudaMemcpyHostToDevice, stream));
  return static_cast<int>(cudaStreamSynchronize(stream));
}
