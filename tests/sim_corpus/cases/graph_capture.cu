// A graph captured from a stream (kernels, a copy, a fill) and launched three times.
// in: 2048
// fill: u32 bits
// out: u32 512
// compare: exact
#include "kit.cuh"

__global__ void Add(const uint32_t* in, uint32_t* sums, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  sums[i] += in[i];
  out[i] = sums[i] * 3 + out[i];
}

CORPUS_RUN {
  uint32_t* sums = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  TRY_CUDA(cudaMalloc(reinterpret_cast<void**>(&sums), 2048));
  TRY_CUDA(cudaMemsetAsync(sums, 1, 2048, stream));
  TRY_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  TRY_CUDA(cudaMemsetAsync(sums, 2, 64, stream));
  Add<<<4, 128, 0, stream>>>(static_cast<const uint32_t*>(in), sums, static_cast<uint32_t*>(out));
  TRY_CUDA(cudaMemcpyAsync(sums + 100, sums, 128, cudaMemcpyDeviceToDevice, stream));
  Add<<<4, 128, 0, stream>>>(static_cast<const uint32_t*>(in), sums, static_cast<uint32_t*>(out));
  TRY_CUDA(cudaStreamEndCapture(stream, &graph));
  TRY_CUDA(cudaGraphInstantiate(&executable, graph, 0));
  for (int i = 0; i < 3; ++i) TRY_CUDA(cudaGraphLaunch(executable, stream));
  TRY_CUDA(cudaStreamSynchronize(stream));
  TRY_CUDA(cudaGraphExecDestroy(executable));
  TRY_CUDA(cudaGraphDestroy(graph));
  return static_cast<int>(cudaFree(sums));
}
