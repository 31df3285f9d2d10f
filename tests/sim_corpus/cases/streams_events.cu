// Work in two streams, ordered by events; copies both ways; times that are not negative.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Step(const uint32_t* in, uint32_t* out, uint32_t factor) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i] * factor + i;
}

CORPUS_RUN {
  cudaStream_t other = nullptr;
  cudaEvent_t ready = nullptr;
  cudaEvent_t done = nullptr;
  uint32_t* middle = nullptr;
  TRY_CUDA(cudaStreamCreateWithPriority(&other, cudaStreamNonBlocking, 0));
  TRY_CUDA(cudaEventCreate(&ready));
  TRY_CUDA(cudaEventCreateWithFlags(&done, cudaEventDefault));
  TRY_CUDA(cudaMalloc(reinterpret_cast<void**>(&middle), 8192));
  TRY_CUDA(cudaEventRecord(ready, stream));
  Step<<<8, 128, 0, stream>>>(static_cast<const uint32_t*>(in), middle, 3);
  TRY_CUDA(cudaEventRecord(done, stream));
  TRY_CUDA(cudaStreamWaitEvent(other, done, 0));
  Step<<<8, 128, 0, other>>>(middle, middle + 1024, 5);
  TRY_CUDA(cudaEventRecord(done, other));
  TRY_CUDA(cudaStreamWaitEvent(stream, done, 0));
  Step<<<8, 128, 0, stream>>>(middle + 1024, static_cast<uint32_t*>(out), 7);
  TRY_CUDA(cudaEventRecord(done, stream));
  TRY_CUDA(cudaEventSynchronize(done));
  if (cudaEventQuery(done) != cudaSuccess || cudaStreamQuery(other) != cudaSuccess) return 999;
  float ms = -1.0f;
  TRY_CUDA(cudaEventElapsedTime(&ms, ready, done));
  uint32_t host[4] = {};
  TRY_CUDA(cudaMemcpyAsync(host, middle, 16, cudaMemcpyDeviceToHost, stream));
  TRY_CUDA(cudaStreamSynchronize(stream));
  host[0] += ms >= 0.0f ? 1 : 2;
  TRY_CUDA(cudaMemcpy(out, host, 16, cudaMemcpyHostToDevice));
  TRY_CUDA(cudaEventDestroy(ready));
  TRY_CUDA(cudaEventDestroy(done));
  TRY_CUDA(cudaStreamDestroy(other));
  return static_cast<int>(cudaFree(middle));
}
