// Nodes of graphs: added, asked for their parameters, given others.
#include "sim/runtime/entry_graph.h"

using namespace caesar::sim;

namespace {

// Adds a node; `make` builds its task.
template <class Make>
int AddNode(void** node, void* graph, GraphNode* const* dependencies, std::size_t count,
            Make&& make) {
  return OnGraph(graph, [&](Device& device, Graph& into) {
    if (node == nullptr || (count != 0 && dependencies == nullptr)) return abi::kInvalidValue;
    for (std::size_t i = 0; i < count; ++i) {
      if (!into.Holds(dependencies[i])) return abi::kInvalidValue;
    }
    Task task;
    if (const abi::Error error = make(device, &task); error != abi::kSuccess) return error;
    GraphNode* added = into.Add(std::move(task), {dependencies, dependencies + count});
    if (added == nullptr) return device.NotSimulated(kGraphsTooLarge);
    *node = added;
    return abi::kSuccess;
  });
}

template <class Params>
auto From(const Params* params) {
  return [params](Device& device, Task* task) { return TaskOf(device, params, task); };
}

// Memory for an allocation node, from the default pool of the one device.
abi::Error AllocateNode(Device& device, abi::MemAllocNodeParams* params, Task* task) {
  if (params == nullptr || params->bytesize == 0) return abi::kInvalidValue;
  const abi::Error error =
      device.memory.Allocate(params->bytesize, "cudaGraphAddMemAllocNode", &params->dptr);
  if (error == abi::kSuccess) *task = AllocateTask{params->dptr, params->bytesize};
  return error;
}

// `make` builds another task of the node's kind.
template <class Make>
int SetParams(void* node, abi::GraphNodeType type, Make&& make) {
  return OnNode(node, [&](Device& device, GraphNode& found) {
    if (TypeOf(found.task) != type) return abi::kInvalidValue;
    Task task;
    if (const abi::Error error = make(device, &task); error != abi::kSuccess) return error;
    if (TypeOf(task) != type) return abi::kInvalidValue;
    const bool done = found.graph->Replace(found, std::move(task));
    return done ? abi::kSuccess : device.NotSimulated(kGraphsTooLarge);
  });
}

// `read` copies what a task of this kind says.
template <class Kind, class To, class Read>
int GetParams(void* node, To* to, Read&& read) {
  return OnNode(node, [&](Device&, GraphNode& found) {
    Kind* task = std::get_if<Kind>(&found.task);
    if (to == nullptr || task == nullptr) return abi::kInvalidValue;
    read(found, *task, to);
    return abi::kSuccess;
  });
}

void Describe(GraphNode& node, KernelTask& task, abi::KernelNodeParams* to) {
  *to = {};
  to->func = task.function;
  to->gridDim = {task.shape.blocks.x, task.shape.blocks.y, task.shape.blocks.z};
  to->blockDim = {task.shape.threads.x, task.shape.threads.y, task.shape.threads.z};
  to->sharedMemBytes = task.shape.dynamic_shared_bytes;
  node.pointers.clear();
  for (const ParameterSlot& slot : task.kernel->function->parameters) {
    node.pointers.push_back(task.params.data() + slot.offset);
  }
  to->kernelParams = node.pointers.data();
}

constexpr auto kCopyTheTask = [](GraphNode&, const auto& task, auto* to) { *to = task.what; };

}  // namespace

CAESAR_CUDA_API int cudaGraphAddKernelNode(void** node, void* graph, GraphNode* const* dependencies,
                                           std::size_t count, const abi::KernelNodeParams* params) {
  return AddNode(node, graph, dependencies, count, From(params));
}
CAESAR_CUDA_API int cudaGraphAddMemsetNode(void** node, void* graph, GraphNode* const* dependencies,
                                           std::size_t count, const abi::MemsetParams* params) {
  return AddNode(node, graph, dependencies, count, From(params));
}
CAESAR_CUDA_API int cudaGraphAddMemcpyNode(void** node, void* graph, GraphNode* const* dependencies,
                                           std::size_t count, const abi::Memcpy3D* params) {
  return AddNode(node, graph, dependencies, count, From(params));
}
CAESAR_CUDA_API int cudaGraphAddHostNode(void** node, void* graph, GraphNode* const* dependencies,
                                         std::size_t count, const abi::HostNodeParams* params) {
  return AddNode(node, graph, dependencies, count, From(params));
}
CAESAR_CUDA_API int cudaGraphAddMemcpyNode1D(void** node, void* graph,
                                             GraphNode* const* dependencies, std::size_t count,
                                             void* to, const void* from, std::size_t bytes,
                                             int kind) {
  return AddNode(node, graph, dependencies, count, [&](Device&, Task* task) {
    *task = CopyOf(to, from, bytes, kind);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphAddMemcpyNodeToSymbol(void** node, void* graph,
                                                   GraphNode* const* dependencies,
                                                   std::size_t count, const void* symbol,
                                                   const void* from, std::size_t bytes,
                                                   std::size_t offset, int kind) {
  return AddNode(node, graph, dependencies, count, [&](Device& device, Task* task) {
    void* to = nullptr;
    const abi::Error error = InSymbol(device, symbol, bytes, offset, &to);
    *task = CopyOf(to, from, bytes, kind);
    return error;
  });
}
CAESAR_CUDA_API int cudaGraphAddMemcpyNodeFromSymbol(void** node, void* graph,
                                                     GraphNode* const* dependencies,
                                                     std::size_t count, void* to,
                                                     const void* symbol, std::size_t bytes,
                                                     std::size_t offset, int kind) {
  return AddNode(node, graph, dependencies, count, [&](Device& device, Task* task) {
    void* from = nullptr;
    const abi::Error error = InSymbol(device, symbol, bytes, offset, &from);
    *task = CopyOf(to, from, bytes, kind);
    return error;
  });
}
CAESAR_CUDA_API int cudaGraphAddEmptyNode(void** node, void* graph, GraphNode* const* dependencies,
                                          std::size_t count) {
  return AddNode(node, graph, dependencies, count, [](Device&, Task*) { return abi::kSuccess; });
}
// A graph inside a graph: a copy of what it is now.
CAESAR_CUDA_API int cudaGraphAddChildGraphNode(void** node, void* graph,
                                               GraphNode* const* dependencies, std::size_t count,
                                               void* child) {
  return AddNode(node, graph, dependencies, count,
                 [&](Device& device, Task* task) { return ChildOf(device, child, task); });
}
CAESAR_CUDA_API int cudaGraphAddEventRecordNode(void** node, void* graph,
                                                GraphNode* const* dependencies, std::size_t count,
                                                void* event) {
  return AddNode(node, graph, dependencies, count, [&](Device& device, Task* task) {
    *task = RecordTask{event};
    return device.streams.FindEvent(event) == nullptr ? abi::kInvalidResourceHandle : abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphAddEventWaitNode(void** node, void* graph,
                                              GraphNode* const* dependencies, std::size_t count,
                                              void* event) {
  return AddNode(node, graph, dependencies, count, [&](Device& device, Task* task) {
    *task = WaitTask{event};
    return device.streams.FindEvent(event) == nullptr ? abi::kInvalidResourceHandle : abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphAddMemAllocNode(void** node, void* graph,
                                             GraphNode* const* dependencies, std::size_t count,
                                             abi::MemAllocNodeParams* params) {
  return AddNode(node, graph, dependencies, count,
                 [&](Device& device, Task* task) { return AllocateNode(device, params, task); });
}
CAESAR_CUDA_API int cudaGraphAddMemFreeNode(void** node, void* graph,
                                            GraphNode* const* dependencies, std::size_t count,
                                            void* address) {
  return AddNode(node, graph, dependencies, count, [&](Device& device, Task* task) {
    *task = FreeTask{address};
    return device.memory.Find(address) == nullptr ? abi::kInvalidValue : abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaGraphKernelNodeSetParams(void* node, const abi::KernelNodeParams* params) {
  return SetParams(node, abi::kNodeKernel, From(params));
}
CAESAR_CUDA_API int cudaGraphMemsetNodeSetParams(void* node, const abi::MemsetParams* params) {
  return SetParams(node, abi::kNodeMemset, From(params));
}
CAESAR_CUDA_API int cudaGraphMemcpyNodeSetParams(void* node, const abi::Memcpy3D* params) {
  return SetParams(node, abi::kNodeMemcpy, From(params));
}
CAESAR_CUDA_API int cudaGraphMemcpyNodeSetParams1D(void* node, void* to, const void* from,
                                                   std::size_t bytes, int kind) {
  return SetParams(node, abi::kNodeMemcpy, [&](Device&, Task* task) {
    *task = CopyOf(to, from, bytes, kind);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphHostNodeSetParams(void* node, const abi::HostNodeParams* params) {
  return SetParams(node, abi::kNodeHost, From(params));
}
CAESAR_CUDA_API int cudaGraphNodeSetParams(void* node, const abi::GraphNodeParams* params) {
  if (params == nullptr) return Remember(abi::kInvalidValue);
  return SetParams(node, static_cast<abi::GraphNodeType>(params->type), From(params));
}
CAESAR_CUDA_API int cudaGraphEventRecordNodeSetEvent(void* node, void* event) {
  return SetParams(node, abi::kNodeEventRecord, [&](Device&, Task* task) {
    *task = RecordTask{event};
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphEventWaitNodeSetEvent(void* node, void* event) {
  return SetParams(node, abi::kNodeWaitEvent, [&](Device&, Task* task) {
    *task = WaitTask{event};
    return abi::kSuccess;
  });
}

CAESAR_CUDA_API int cudaGraphKernelNodeGetParams(void* node, abi::KernelNodeParams* params) {
  return GetParams<KernelTask>(node, params, Describe);
}
CAESAR_CUDA_API int cudaGraphMemsetNodeGetParams(void* node, abi::MemsetParams* params) {
  return GetParams<FillTask>(node, params, kCopyTheTask);
}
CAESAR_CUDA_API int cudaGraphMemcpyNodeGetParams(void* node, abi::Memcpy3D* params) {
  return GetParams<CopyTask>(node, params, kCopyTheTask);
}
CAESAR_CUDA_API int cudaGraphHostNodeGetParams(void* node, abi::HostNodeParams* params) {
  return GetParams<HostTask>(node, params, [](GraphNode&, const HostTask& task, auto* to) {
    *to = {task.function, task.data};
  });
}
CAESAR_CUDA_API int cudaGraphChildGraphNodeGetGraph(void* node, void** graph) {
  return GetParams<ChildTask>(
      node, graph, [](GraphNode&, const ChildTask& task, void** to) { *to = task.graph.get(); });
}
CAESAR_CUDA_API int cudaGraphEventRecordNodeGetEvent(void* node, void** event) {
  return GetParams<RecordTask>(
      node, event, [](GraphNode&, const RecordTask& task, void** to) { *to = task.event; });
}
CAESAR_CUDA_API int cudaGraphEventWaitNodeGetEvent(void* node, void** event) {
  return GetParams<WaitTask>(node, event,
                             [](GraphNode&, const WaitTask& task, void** to) { *to = task.event; });
}
CAESAR_CUDA_API int cudaGraphMemAllocNodeGetParams(void* node, abi::MemAllocNodeParams* params) {
  return GetParams<AllocateTask>(node, params, [](GraphNode&, const AllocateTask& task, auto* to) {
    *to = {};
    to->poolProps.allocType = 1;  // pinned, the only one that there is
    to->poolProps.location = {abi::kLocationDevice, 0};
    to->bytesize = task.bytes;
    to->dptr = task.address;
  });
}
CAESAR_CUDA_API int cudaGraphMemFreeNodeGetParams(void* node, void* address) {
  return GetParams<FreeTask>(
      node, static_cast<void**>(address),
      [](GraphNode&, const FreeTask& task, void** to) { *to = task.address; });
}

// What a launch attribute is to a kernel's node: those that change what it computes.
namespace {
abi::Error GetAttribute(const LaunchShape& shape, int attribute, abi::LaunchAttributeValue* value) {
  *value = {};
  if (attribute == abi::kAttributeCooperative) value->integer = shape.cooperative ? 1 : 0;
  if (attribute == abi::kAttributeClusterDimension && shape.clustered) {
    value->dim = {shape.cluster.x, shape.cluster.y, shape.cluster.z};
  }
  return abi::kSuccess;
}
abi::Error SetAttribute(Device& device, LaunchShape& shape, int attribute,
                        const abi::LaunchAttributeValue& value) {
  if (attribute == abi::kAttributeDeviceUpdatableNode && value.integer != 0) {
    return device.NotSimulated("cudaLaunchAttributeDeviceUpdatableKernelNode");
  }
  if (attribute == abi::kAttributeCooperative) shape.cooperative = value.integer != 0;
  if (attribute == abi::kAttributeClusterDimension) {
    shape.cluster = {value.dim.x, value.dim.y, value.dim.z};
    shape.clustered = true;
  }
  return abi::kSuccess;
}
}  // namespace
CAESAR_CUDA_API int cudaGraphKernelNodeGetAttribute(void* node, int attribute,
                                                    abi::LaunchAttributeValue* value) {
  return OnNode(node, [&](Device&, const GraphNode& found) {
    const auto* task = std::get_if<KernelTask>(&found.task);
    if (task == nullptr || value == nullptr) return abi::kInvalidValue;
    return GetAttribute(task->shape, attribute, value);
  });
}
CAESAR_CUDA_API int cudaGraphKernelNodeSetAttribute(void* node, int attribute,
                                                    const abi::LaunchAttributeValue* value) {
  return OnNode(node, [&](Device& device, GraphNode& found) {
    auto* task = std::get_if<KernelTask>(&found.task);
    if (task == nullptr || value == nullptr) return abi::kInvalidValue;
    return SetAttribute(device, task->shape, attribute, *value);
  });
}
// CUDA 12 takes the source first, CUDA 13 the target.
CAESAR_CUDA_API int cudaGraphKernelNodeCopyAttributes(void* first, void* second) {
  if (CudaMajor() < 13) std::swap(first, second);
  return OnNode(first, [&](Device& device, GraphNode& target) {
    const GraphNode* source = device.graphs.FindNode(second);
    auto* to = std::get_if<KernelTask>(&target.task);
    const auto* from = source == nullptr ? nullptr : std::get_if<KernelTask>(&source->task);
    if (to == nullptr || from == nullptr) return abi::kInvalidValue;
    to->shape.cooperative = from->shape.cooperative;
    to->shape.cluster = from->shape.cluster;
    to->shape.clustered = from->shape.clustered;
    return abi::kSuccess;
  });
}

// Nodes of any kind by one call. CUDA 12's form has no edge data; its _v2 is CUDA 13's.
CAESAR_CUDA_API int cudaGraphAddNode_v2(void** node, void* graph, GraphNode* const* dependencies,
                                        const abi::GraphEdgeData* edges, std::size_t count,
                                        const abi::GraphNodeParams* params) {
  return AddNode(node, graph, dependencies, count, [&](Device& device, Task* task) {
    const abi::Error error = CheckEdges(device, edges, count);
    return error != abi::kSuccess ? error : TaskOf(device, params, task);
  });
}
CAESAR_CUDA_API int cudaGraphAddNode(void** node, void* graph, GraphNode* const* dependencies,
                                     const void* third, std::size_t fourth,
                                     const abi::GraphNodeParams* params) {
  if (CudaMajor() >= 13)
    return cudaGraphAddNode_v2(node, graph, dependencies,
                               static_cast<const abi::GraphEdgeData*>(third), fourth, params);
  return AddNode(node, graph, dependencies, std::size_t(third),
                 From(reinterpret_cast<const abi::GraphNodeParams*>(fourth)));
}
