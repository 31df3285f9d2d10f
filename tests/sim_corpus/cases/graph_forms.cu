// Graphs in graphs, clones, updates of what is instantiated, nodes switched off; what calls answer within a function of
// the host; pools. The last words are errors and counts.
// in: 2048
// fill: u32 bits
// out: u32 512
// compare: exact
#include "kit.cuh"

__global__ void Add(const uint32_t* in, uint32_t* out, uint32_t factor) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = out[i] * 5 + in[i] * factor;
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  uint32_t factor = 3;
  void* args[] = {&from, &to, &factor};
  cudaKernelNodeParams kernel = {};
  kernel.func = reinterpret_cast<void*>(Add);
  kernel.gridDim = dim3(1);
  kernel.blockDim = dim3(128);
  kernel.kernelParams = args;
  cudaGraph_t child, graph, clone;
  cudaGraphNode_t inner, within, last, twin;
  cudaGraphExec_t exec;
  TRY_CUDA(cudaGraphCreate(&child, 0));
  TRY_CUDA(cudaGraphAddKernelNode(&inner, child, nullptr, 0, &kernel));
  TRY_CUDA(cudaGraphCreate(&graph, 0));
  TRY_CUDA(cudaGraphAddChildGraphNode(&within, graph, nullptr, 0, child));
  factor = 7;
  TRY_CUDA(cudaGraphAddKernelNode(&last, graph, &within, 1, &kernel));
  TRY_CUDA(cudaGraphInstantiate(&exec, graph, 0));
  TRY_CUDA(cudaGraphLaunch(exec, stream));  // 3, 7
  TRY_CUDA(cudaGraphClone(&clone, graph));
  TRY_CUDA(cudaGraphNodeFindInClone(&twin, last, clone));
  factor = 11;
  TRY_CUDA(cudaGraphKernelNodeSetParams(twin, &kernel));
  cudaGraphExecUpdateResultInfo info = {};
  TRY_CUDA(cudaGraphExecUpdate(exec, clone, &info));
  TRY_CUDA(cudaGraphLaunch(exec, stream));  // 3, 11
  TRY_CUDA(cudaGraphNodeSetEnabled(exec, last, 0));
  TRY_CUDA(cudaGraphLaunch(exec, stream));  // 3
  TRY_CUDA(cudaStreamSynchronize(stream));

  uint32_t said[8] = {static_cast<uint32_t>(info.result)};
  cudaGraphNode_t extra;
  TRY_CUDA(cudaGraphAddEmptyNode(&extra, clone, nullptr, 0));
  said[1] = static_cast<uint32_t>(cudaGraphExecUpdate(exec, clone, &info));
  said[2] = static_cast<uint32_t>(info.result);
  (void)cudaGetLastError();
  TRY_CUDA(cudaLaunchHostFunc(
      stream, [](void* at) { *static_cast<uint32_t*>(at) = static_cast<uint32_t>(cudaFree(nullptr)); }, &said[3]));
  TRY_CUDA(cudaStreamSynchronize(stream));
  size_t nodes = 0;
  TRY_CUDA(cudaGraphGetNodes(clone, nullptr, &nodes));
  said[4] = static_cast<uint32_t>(nodes);
  cudaMemPoolProps properties = {};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location = {cudaMemLocationTypeDevice, 0};
  cudaMemPool_t pool;
  void* memory = nullptr;
  uint64_t used = 0;
  TRY_CUDA(cudaMemPoolCreate(&pool, &properties));
  TRY_CUDA(cudaMallocFromPoolAsync(&memory, 1 << 20, pool, stream));
  TRY_CUDA(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
  said[5] = static_cast<uint32_t>(used);
  TRY_CUDA(cudaFreeAsync(memory, stream));
  TRY_CUDA(cudaStreamSynchronize(stream));
  TRY_CUDA(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
  said[6] = static_cast<uint32_t>(used);
  TRY_CUDA(cudaMemPoolDestroy(pool));
  char buffer[64];
  TRY_CUDA(cudaHostRegister(buffer, sizeof buffer, 0));
  said[7] = static_cast<uint32_t>(cudaHostRegister(buffer, sizeof buffer, 0));
  (void)cudaGetLastError();
  TRY_CUDA(cudaHostUnregister(buffer));
  TRY_CUDA(cudaMemcpyAsync(to + 504, said, sizeof said, cudaMemcpyHostToDevice, stream));
  TRY_CUDA(cudaStreamSynchronize(stream));
  TRY_CUDA(cudaGraphExecDestroy(exec));
  TRY_CUDA(cudaGraphDestroy(clone));
  TRY_CUDA(cudaGraphDestroy(graph));
  return static_cast<int>(cudaGraphDestroy(child));
}
