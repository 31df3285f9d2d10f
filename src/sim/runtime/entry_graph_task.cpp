// Tasks of graphs' nodes, from the structures that describe them.
#include "sim/runtime/entry_graph.h"

namespace caesar::sim {

abi::Error TaskOf(Device& device, const abi::KernelNodeParams* params, Task* task) {
  if (params == nullptr) return abi::kInvalidValue;
  if (params->extra != nullptr) return device.NotSimulated("cudaKernelNodeParams::extra");
  LaunchShape shape;
  shape.blocks = {params->gridDim.x, params->gridDim.y, params->gridDim.z};
  shape.threads = {params->blockDim.x, params->blockDim.y, params->blockDim.z};
  shape.dynamic_shared_bytes = params->sharedMemBytes;
  KernelTask kernel;
  const abi::Error error = device.MakeLaunch(params->func, shape, params->kernelParams, &kernel);
  if (error == abi::kSuccess) *task = std::move(kernel);
  return error;
}

abi::Error TaskOf(Device& device, const abi::Memcpy3D* params, Task* task) {
  if (params == nullptr) return abi::kInvalidValue;
  if (params->srcArray != nullptr || params->dstArray != nullptr) {
    return device.NotSimulated("CUDA arrays");
  }
  *task = CopyTask{*params, "a memcpy node"};
  return abi::kSuccess;
}

abi::Error TaskOf(Device&, const abi::MemsetParams* params, Task* task) {
  if (params == nullptr) return abi::kInvalidValue;
  *task = FillTask{*params, 1, 0, "a memset node"};
  return abi::kSuccess;
}

abi::Error TaskOf(Device&, const abi::HostNodeParams* params, Task* task) {
  if (params == nullptr || params->fn == nullptr) return abi::kInvalidValue;
  *task = HostTask{params->fn, params->userData};
  return abi::kSuccess;
}

abi::Error ChildOf(Device& device, void* graph, Task* task) {
  const Graph* found = device.graphs.Find(graph);
  if (found == nullptr) return abi::kInvalidValue;
  std::shared_ptr<Graph> copy = found->Clone();
  if (copy == nullptr) return device.NotSimulated(kGraphsTooLarge);
  *task = ChildTask{std::move(copy)};
  return abi::kSuccess;
}

Task CopyOf(void* to, const void* from, std::size_t bytes, int kind) {
  return CopyOfRows(to, bytes, from, bytes, bytes, 1, kind, "a memcpy node");
}

abi::Error InSymbol(Device& device, const void* symbol, std::size_t bytes, std::size_t offset,
                    void** address) {
  Refusal refusal;
  const GlobalVariable* variable = device.program.FindVariable(symbol, &refusal);
  if (variable == nullptr) return device.Refuse(refusal);
  if (offset > variable->bytes || bytes > variable->bytes - offset) return abi::kInvalidValue;
  *address = reinterpret_cast<void*>(variable->address + offset);
  return abi::kSuccess;
}

abi::Error TaskOf(Device& device, const abi::GraphNodeParams* params, Task* task) {
  if (params == nullptr) return abi::kInvalidValue;
  switch (params->type) {
    case abi::kNodeKernel:
      return TaskOf(device, &params->of.kernel, task);
    case abi::kNodeMemcpy:
      return TaskOf(device, &params->of.memcpy.copyParams, task);
    case abi::kNodeMemset:
      return TaskOf(device, &params->of.memset, task);
    case abi::kNodeHost:
      return TaskOf(device, &params->of.host, task);
    case abi::kNodeGraph:
      return ChildOf(device, params->of.handle, task);
    case abi::kNodeEmpty:
      *task = EmptyTask{};
      return abi::kSuccess;
    case abi::kNodeEventRecord:
      *task = RecordTask{params->of.handle};
      return abi::kSuccess;
    case abi::kNodeWaitEvent:
      *task = WaitTask{params->of.handle};
      return abi::kSuccess;
    default:
      return device.NotSimulated("this type of node in cudaGraphAddNode or cudaGraphNodeSetParams");
  }
}

}  // namespace caesar::sim
