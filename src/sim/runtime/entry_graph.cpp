// Graphs: made by capture or node by node, instantiated, launched.
#include <algorithm>
#include <cstring>

#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

template <class Body>
int OnGraph(void* handle, Body&& body) {
  return Call([&](Device& device) {
    const auto found = device.graphs.find(handle);
    return found == device.graphs.end() ? abi::kInvalidValue : body(device, *found->second);
  });
}

// The graph that holds a node, or null.
Graph* GraphOf(Device& device, const void* node) {
  for (const auto& [handle, graph] : device.graphs) {
    if (graph->Holds(static_cast<const GraphNode*>(node))) return graph.get();
  }
  return nullptr;
}

// Adds a node; `make` builds its work.
template <class Make>
int AddNode(void** node, void* graph, GraphNode* const* dependencies, std::size_t count,
            abi::GraphNodeType type, Make&& make) {
  return OnGraph(graph, [&](Device& device, Graph& into) {
    if (node == nullptr || (count != 0 && dependencies == nullptr)) return abi::kInvalidValue;
    std::vector<GraphNode*> needed(dependencies, dependencies + count);
    for (const GraphNode* before : needed) {
      if (!into.Holds(before)) return abi::kInvalidValue;
    }
    Work work;
    if (const abi::Error error = make(device, &work); error != abi::kSuccess) return error;
    GraphNode* added = into.Add(type, std::move(work), std::move(needed));
    if (added == nullptr) return abi::kMemoryAllocation;
    *node = added;
    return abi::kSuccess;
  });
}

abi::Error KernelWork(Device& device, const abi::KernelNodeParams* params, Work* work) {
  if (params == nullptr) return abi::kInvalidValue;
  if (params->extra != nullptr) return device.NotSimulated("cudaKernelNodeParams::extra");
  LaunchShape shape;
  shape.blocks = {params->gridDim.x, params->gridDim.y, params->gridDim.z};
  shape.threads = {params->blockDim.x, params->blockDim.y, params->blockDim.z};
  shape.dynamic_shared_bytes = params->sharedMemBytes;
  return device.MakeLaunch(params->func, shape, params->kernelParams, work);
}

abi::Error MemsetWork(const abi::MemsetParams* params, Work* work) {
  if (params == nullptr) return abi::kInvalidValue;
  *work = [set = *params](Device& running) {
    return running.Fail(running.memory.Fill({set.dst, set.pitch}, set.value, set.elementSize,
                                            set.width, set.height, "a memset node"));
  };
  return abi::kSuccess;
}

Work CopyWork(void* to, const void* from, std::size_t bytes, int kind) {
  return [=](Device& running) {
    bool touches_host = false;
    const abi::Error error = running.memory.Copy({to, bytes}, {from, bytes}, bytes, 1, kind,
                                                 "a memcpy node", &touches_host);
    running.NoteCopy(touches_host);
    return running.Fail(error);
  };
}

abi::Error Instantiate(Device& device, void** exec, const Graph& graph) {
  if (exec == nullptr) return abi::kInvalidValue;
  const std::vector<GraphNode*> order = InOrder(graph);
  if (order.size() != graph.nodes.size()) return abi::kInvalidValue;
  auto made = std::make_unique<GraphExec>();
  for (const GraphNode* node : order) made->steps.push_back({node, node->type, node->work});
  *exec = made.get();
  device.execs.emplace(*exec, std::move(made));
  return abi::kSuccess;
}

int InstantiateGraph(void** exec, void* graph) {
  return OnGraph(graph,
                 [&](Device& device, Graph& from) { return Instantiate(device, exec, from); });
}

template <class Body>
int OnExec(void* handle, Body&& body) {
  return Call([&](Device& device) {
    const auto found = device.execs.find(handle);
    return found == device.execs.end() ? abi::kInvalidValue : body(device, *found->second);
  });
}

// Replaces what a node of an instantiated graph does.
template <class Make>
int Replace(void* exec, const void* node, abi::GraphNodeType type, Make&& make) {
  return OnExec(exec, [&](Device& device, GraphExec& in) {
    for (GraphExec::Step& step : in.steps) {
      if (step.origin != node || step.type != type) continue;
      return make(device, &step.work);
    }
    return abi::kInvalidValue;
  });
}

// Node pointers into an array of a size that the caller gave, which then holds how many there are.
abi::Error ListNodes(const std::vector<GraphNode*>& nodes, void** to, std::size_t* count) {
  if (count == nullptr) return abi::kInvalidValue;
  if (to != nullptr) {
    for (std::size_t i = 0; i < *count; ++i) to[i] = i < nodes.size() ? nodes[i] : nullptr;
    *count = std::min(*count, nodes.size());
  } else {
    *count = nodes.size();
  }
  return abi::kSuccess;
}

}  // namespace

CAESAR_CUDA_API int cudaGraphCreate(void** graph, unsigned flags) {
  return Call([&](Device& device) {
    if (graph == nullptr || flags != 0) return abi::kInvalidValue;
    auto made = std::make_unique<Graph>();
    *graph = made.get();
    device.graphs.emplace(*graph, std::move(made));
    return abi::kSuccess;
  });
}
// Memory of its allocation nodes stays: what was instantiated from it may still be launched.
CAESAR_CUDA_API int cudaGraphDestroy(void* graph) {
  return OnGraph(graph, [&](Device& device, Graph&) {
    device.graphs.erase(graph);
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaGraphAddKernelNode(void** node, void* graph, GraphNode* const* dependencies,
                                           std::size_t count, const abi::KernelNodeParams* params) {
  return AddNode(node, graph, dependencies, count, abi::kNodeKernel,
                 [&](Device& device, Work* work) { return KernelWork(device, params, work); });
}
CAESAR_CUDA_API int cudaGraphAddMemsetNode(void** node, void* graph, GraphNode* const* dependencies,
                                           std::size_t count, const abi::MemsetParams* params) {
  return AddNode(node, graph, dependencies, count, abi::kNodeMemset,
                 [&](Device&, Work* work) { return MemsetWork(params, work); });
}
CAESAR_CUDA_API int cudaGraphAddMemcpyNode1D(void** node, void* graph,
                                             GraphNode* const* dependencies, std::size_t count,
                                             void* to, const void* from, std::size_t bytes,
                                             int kind) {
  return AddNode(node, graph, dependencies, count, abi::kNodeMemcpy, [&](Device&, Work* work) {
    *work = CopyWork(to, from, bytes, kind);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphAddHostNode(void** node, void* graph, GraphNode* const* dependencies,
                                         std::size_t count, const abi::HostNodeParams* params) {
  return AddNode(node, graph, dependencies, count, abi::kNodeHost, [&](Device&, Work* work) {
    if (params == nullptr || params->fn == nullptr) return abi::kInvalidValue;
    *work = [host = *params](Device& running) {
      running.CallHost(host.fn, host.userData);
      return abi::kSuccess;
    };
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphAddEmptyNode(void** node, void* graph, GraphNode* const* dependencies,
                                          std::size_t count) {
  return AddNode(node, graph, dependencies, count, abi::kNodeEmpty,
                 [](Device&, Work*) { return abi::kSuccess; });
}
// A graph inside a graph: a copy of what it is now.
CAESAR_CUDA_API int cudaGraphAddChildGraphNode(void** node, void* graph,
                                               GraphNode* const* dependencies, std::size_t count,
                                               void* child) {
  return AddNode(node, graph, dependencies, count, abi::kNodeGraph,
                 [&](Device& device, Work* work) {
                   const auto found = device.graphs.find(child);
                   if (found == device.graphs.end()) return abi::kInvalidValue;
                   std::vector<Work> steps;
                   for (const GraphNode* step : InOrder(*found->second)) {
                     if (step->work) steps.push_back(step->work);
                   }
                   *work = [steps](Device& running) {
                     for (const Work& step : steps) {
                       const abi::Error error = step(running);
                       if (error != abi::kSuccess) return error;
                     }
                     return abi::kSuccess;
                   };
                   return abi::kSuccess;
                 });
}

// The edges have no data but in CUDA 13's signature, where it may be null.
CAESAR_CUDA_API int cudaGraphAddDependencies(void* graph, GraphNode* const* from,
                                             GraphNode* const* to, const void* edges,
                                             std::size_t count) {
  return OnGraph(graph, [&](Device& device, Graph& found) {
    if (count != 0 && (from == nullptr || to == nullptr)) return abi::kInvalidValue;
    if (edges != nullptr) return device.NotSimulated("edges of graphs with data");
    for (std::size_t i = 0; i < count; ++i) {
      if (!found.Holds(from[i]) || !found.Holds(to[i])) return abi::kInvalidValue;
    }
    for (std::size_t i = 0; i < count; ++i) to[i]->dependencies.push_back(from[i]);
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaGraphGetNodes(void* graph, void** nodes, std::size_t* count) {
  return OnGraph(graph, [&](Device&, const Graph& found) {
    std::vector<GraphNode*> all;
    for (const auto& node : found.nodes) all.push_back(node.get());
    return ListNodes(all, nodes, count);
  });
}
CAESAR_CUDA_API int cudaGraphGetRootNodes(void* graph, void** nodes, std::size_t* count) {
  return OnGraph(graph, [&](Device&, const Graph& found) {
    std::vector<GraphNode*> roots;
    for (const auto& node : found.nodes) {
      if (node->dependencies.empty()) roots.push_back(node.get());
    }
    return ListNodes(roots, nodes, count);
  });
}
CAESAR_CUDA_API int cudaGraphNodeGetType(void* node, int* type) {
  return Call([&](Device& device) {
    if (type == nullptr || GraphOf(device, node) == nullptr) return abi::kInvalidValue;
    *type = static_cast<const GraphNode*>(node)->type;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphKernelNodeSetParams(void* node, const abi::KernelNodeParams* params) {
  return Call([&](Device& device) {
    if (GraphOf(device, node) == nullptr) return abi::kInvalidValue;
    GraphNode& found = *static_cast<GraphNode*>(node);
    if (found.type != abi::kNodeKernel) return abi::kInvalidValue;
    return KernelWork(device, params, &found.work);
  });
}

CAESAR_CUDA_API int cudaGraphInstantiate(void** exec, void* graph, unsigned long long /*flags*/) {
  return InstantiateGraph(exec, graph);
}
CAESAR_CUDA_API int cudaGraphInstantiateWithFlags(void** exec, void* graph,
                                                  unsigned long long /*flags*/) {
  return InstantiateGraph(exec, graph);
}
CAESAR_CUDA_API int cudaGraphExecDestroy(void* exec) {
  return Call([&](Device& device) {
    return device.execs.erase(exec) == 1 ? abi::kSuccess : abi::kInvalidValue;
  });
}
CAESAR_CUDA_API int cudaGraphExecKernelNodeSetParams(void* exec, const void* node,
                                                     const abi::KernelNodeParams* params) {
  return Replace(exec, node, abi::kNodeKernel,
                 [&](Device& device, Work* work) { return KernelWork(device, params, work); });
}
CAESAR_CUDA_API int cudaGraphExecMemsetNodeSetParams(void* exec, const void* node,
                                                     const abi::MemsetParams* params) {
  return Replace(exec, node, abi::kNodeMemset,
                 [&](Device&, Work* work) { return MemsetWork(params, work); });
}
CAESAR_CUDA_API int cudaGraphExecMemcpyNodeSetParams1D(void* exec, const void* node, void* to,
                                                       const void* from, std::size_t bytes,
                                                       int kind) {
  return Replace(exec, node, abi::kNodeMemcpy, [&](Device&, Work* work) {
    *work = CopyWork(to, from, bytes, kind);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphUpload(void* exec, void* /*stream*/) {
  return OnExec(exec, [](Device&, const GraphExec&) { return abi::kSuccess; });
}
CAESAR_CUDA_API int cudaGraphLaunch(void* exec, void* stream) {
  return OnExec(exec, [&](Device& device, const GraphExec& found) {
    return device.LaunchGraph(found, stream);
  });
}
CAESAR_CUDA_API int cudaGraphLaunch_ptsz(void* exec, void* stream) {
  return cudaGraphLaunch(exec, stream);
}
