// Graphs that have been instantiated: launched, and given other parameters.
#include "sim/runtime/entry_graph.h"

using namespace caesar::sim;

namespace {

abi::Error Instantiate(Device& device, const Graph& graph, unsigned long long flags, void** exec) {
  if (exec == nullptr) return abi::kInvalidValue;
  constexpr unsigned long long kDeviceLaunch = 4;
  if ((flags & kDeviceLaunch) != 0) return device.NotSimulated("graphs launched by kernels");
  const abi::Error error = device.graphs.Instantiate(graph, flags, exec);
  return error == abi::kMemoryAllocation ? device.NotSimulated(kGraphsTooLarge) : error;
}

int InstantiateGraph(void** exec, void* graph, unsigned long long flags) {
  return OnGraph(graph, [&](Device& device, const Graph& from) {
    return Instantiate(device, from, flags, exec);
  });
}

// The node of an instantiated graph that stands for one of the graph that it was made from.
template <class Body>
int OnTwin(void* exec, void* node, Body&& body) {
  return OnExec(exec, [&](Device& device, GraphExec& in) {
    const GraphNode* origin = device.graphs.FindNode(node);
    GraphNode* twin = origin == nullptr ? nullptr : in.graph->FindOrigin(origin->id);
    return twin == nullptr ? abi::kInvalidValue : body(device, *in.graph, *twin);
  });
}

template <class Make>
int Replace(void* exec, void* node, abi::GraphNodeType type, Make&& make) {
  return OnTwin(exec, node, [&](Device& device, Graph& in, GraphNode& twin) {
    if (TypeOf(twin.task) != type) return abi::kInvalidValue;
    Task task;
    if (const abi::Error error = make(device, &task); error != abi::kSuccess) return error;
    if (TypeOf(task) != type) return abi::kInvalidValue;
    if (auto* child = std::get_if<ChildTask>(&task)) {
      // As for a whole graph: of the same form.
      Graph& within = *std::get<ChildTask>(twin.task).graph;
      return Update(within, *child->graph).result == 0 ? abi::kSuccess : abi::kInvalidValue;
    }
    const bool done = in.Replace(twin, std::move(task));
    return done ? abi::kSuccess : device.NotSimulated(kGraphsTooLarge);
  });
}

template <class Params>
int ReplaceBy(void* exec, void* node, abi::GraphNodeType type, const Params* params) {
  return Replace(exec, node, type,
                 [&](Device& device, Task* task) { return TaskOf(device, params, task); });
}

}  // namespace

CAESAR_CUDA_API int cudaGraphInstantiate(void** exec, void* graph, unsigned long long flags) {
  return InstantiateGraph(exec, graph, flags);
}
CAESAR_CUDA_API int cudaGraphInstantiateWithFlags(void** exec, void* graph,
                                                  unsigned long long flags) {
  return InstantiateGraph(exec, graph, flags);
}
CAESAR_CUDA_API int cudaGraphInstantiateWithParams(void** exec, void* graph,
                                                   abi::GraphInstantiateParams* params) {
  return OnGraph(graph, [&](Device& device, const Graph& from) {
    if (params == nullptr) return abi::kInvalidValue;
    const abi::Error error = Instantiate(device, from, params->flags, exec);
    constexpr int kSuccess = 0, kError = 1;
    params->result = error == abi::kSuccess ? kSuccess : kError;
    params->errNode = nullptr;
    return error;
  });
}
CAESAR_CUDA_API int cudaGraphInstantiateWithParams_ptsz(void** exec, void* graph,
                                                        abi::GraphInstantiateParams* params) {
  return cudaGraphInstantiateWithParams(exec, graph, params);
}
CAESAR_CUDA_API int cudaGraphExecDestroy(void* exec) {
  return Call([&](Device& device) { return device.graphs.DestroyExec(exec); });
}
CAESAR_CUDA_API int cudaGraphExecGetFlags(void* exec, unsigned long long* flags) {
  return OnExec(exec, [&](Device&, const GraphExec& found) {
    if (flags == nullptr) return abi::kInvalidValue;
    *flags = found.flags;
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaGraphExecUpdate(void* exec, void* graph,
                                        abi::GraphExecUpdateResultInfo* info) {
  return OnExec(exec, [&](Device& device, GraphExec& found) {
    const Graph* from = device.graphs.Find(graph);
    if (from == nullptr || info == nullptr) return abi::kInvalidValue;
    const UpdateProblem problem = Update(*found.graph, *from);
    *info = {problem.result, problem.node, nullptr};
    return problem.result == 0 ? abi::kSuccess : abi::kGraphExecUpdateFailure;
  });
}
CAESAR_CUDA_API int cudaGraphExecKernelNodeSetParams(void* exec, void* node,
                                                     const abi::KernelNodeParams* params) {
  return ReplaceBy(exec, node, abi::kNodeKernel, params);
}
CAESAR_CUDA_API int cudaGraphExecMemsetNodeSetParams(void* exec, void* node,
                                                     const abi::MemsetParams* params) {
  return ReplaceBy(exec, node, abi::kNodeMemset, params);
}
CAESAR_CUDA_API int cudaGraphExecMemcpyNodeSetParams(void* exec, void* node,
                                                     const abi::Memcpy3D* params) {
  return ReplaceBy(exec, node, abi::kNodeMemcpy, params);
}
CAESAR_CUDA_API int cudaGraphExecMemcpyNodeSetParams1D(void* exec, void* node, void* to,
                                                       const void* from, std::size_t bytes,
                                                       int kind) {
  return Replace(exec, node, abi::kNodeMemcpy, [&](Device&, Task* task) {
    *task = CopyOf(to, from, bytes, kind);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphExecHostNodeSetParams(void* exec, void* node,
                                                   const abi::HostNodeParams* params) {
  return ReplaceBy(exec, node, abi::kNodeHost, params);
}
CAESAR_CUDA_API int cudaGraphExecNodeSetParams(void* exec, void* node,
                                               const abi::GraphNodeParams* params) {
  if (params == nullptr) return Remember(abi::kInvalidValue);
  return ReplaceBy(exec, node, static_cast<abi::GraphNodeType>(params->type), params);
}
CAESAR_CUDA_API int cudaGraphExecChildGraphNodeSetParams(void* exec, void* node, void* child) {
  return Replace(exec, node, abi::kNodeGraph,
                 [&](Device& device, Task* task) { return ChildOf(device, child, task); });
}
CAESAR_CUDA_API int cudaGraphExecEventRecordNodeSetEvent(void* exec, void* node, void* event) {
  return Replace(exec, node, abi::kNodeEventRecord, [&](Device&, Task* task) {
    *task = RecordTask{event};
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphExecEventWaitNodeSetEvent(void* exec, void* node, void* event) {
  return Replace(exec, node, abi::kNodeWaitEvent, [&](Device&, Task* task) {
    *task = WaitTask{event};
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphNodeSetEnabled(void* exec, void* node, unsigned enabled) {
  return OnTwin(exec, node, [&](Device&, Graph&, GraphNode& twin) {
    const abi::GraphNodeType type = TypeOf(twin.task);
    if (type != abi::kNodeKernel && type != abi::kNodeMemset && type != abi::kNodeMemcpy) {
      return abi::kInvalidValue;
    }
    twin.enabled = enabled != 0;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphNodeGetEnabled(void* exec, void* node, unsigned* enabled) {
  return OnTwin(exec, node, [&](Device&, Graph&, const GraphNode& twin) {
    if (enabled == nullptr) return abi::kInvalidValue;
    *enabled = twin.enabled ? 1 : 0;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphUpload(void* exec, void* /*stream*/) {
  return OnExec(exec, [](Device&, const GraphExec&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaGraphUpload_ptsz(void* exec, void* stream) {
  return cudaGraphUpload(exec, stream);
}
CAESAR_CUDA_API int cudaGraphLaunch(void* exec, void* stream) {
  return OnExec(exec, [&](Device& device, const GraphExec& found) {
    return device.LaunchGraph(found, stream);
  });
}
CAESAR_CUDA_API int cudaGraphLaunch_ptsz(void* exec, void* stream) {
  return cudaGraphLaunch(exec, stream);
}
