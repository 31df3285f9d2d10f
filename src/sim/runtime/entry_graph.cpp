// Graphs: made, connected, asked for what they are made of.
#include <algorithm>

#include "sim/runtime/entry_graph.h"

namespace caesar::sim {

abi::Error CheckEdges(Device& device, const abi::GraphEdgeData* edges, std::size_t count) {
  for (std::size_t i = 0; edges != nullptr && i < count; ++i) {
    if (edges[i].toPort != 0) return device.NotSimulated("edges of graphs that lead to a port");
  }
  return abi::kSuccess;
}

}  // namespace caesar::sim

using namespace caesar::sim;

namespace {

// Pointers into an array of a size that the caller gave, which then holds how many there are.
template <class Get>
abi::Error List(std::size_t there, std::size_t* count, bool wanted, Get&& put) {
  if (count == nullptr) return abi::kInvalidValue;
  const std::size_t room = wanted ? *count : 0;
  for (std::size_t i = 0; i < room; ++i) put(i, i < there);
  *count = wanted ? std::min(room, there) : there;
  return abi::kSuccess;
}

abi::Error ListNodes(const std::vector<GraphNode*>& nodes, void** to, std::size_t* count) {
  return List(nodes.size(), count, to != nullptr,
              [&](std::size_t i, bool there) { to[i] = there ? nodes[i] : nullptr; });
}

void NoEdgeData(abi::GraphEdgeData* edges, const std::size_t* count) {
  if (edges != nullptr && count != nullptr) std::fill_n(edges, *count, abi::GraphEdgeData{});
}

std::vector<GraphNode*> Dependents(const GraphNode& of) {
  std::vector<GraphNode*> found;
  for (const auto& node : of.graph->nodes()) {
    const auto& needed = node->dependencies;
    if (std::find(needed.begin(), needed.end(), &of) != needed.end()) found.push_back(node.get());
  }
  return found;
}

int Connect(void* graph, GraphNode* const* from, GraphNode* const* to,
            const abi::GraphEdgeData* edges, std::size_t count) {
  return OnGraph(graph, [&](Device& device, Graph& found) {
    if (count != 0 && (from == nullptr || to == nullptr)) return abi::kInvalidValue;
    if (const abi::Error error = CheckEdges(device, edges, count); error != 0) return error;
    for (std::size_t i = 0; i < count; ++i) {
      if (!found.Holds(from[i]) || !found.Holds(to[i])) return abi::kInvalidValue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!found.Connect(*from[i], *to[i])) return device.NotSimulated(kGraphsTooLarge);
    }
    return abi::kSuccess;
  });
}

int Disconnect(void* graph, GraphNode* const* from, GraphNode* const* to, std::size_t count) {
  return OnGraph(graph, [&](Device&, Graph& found) {
    if (count != 0 && (from == nullptr || to == nullptr)) return abi::kInvalidValue;
    for (std::size_t i = 0; i < count; ++i) {
      if (!found.Holds(from[i]) || !found.Holds(to[i])) return abi::kInvalidValue;
    }
    for (std::size_t i = 0; i < count; ++i) found.Disconnect(*from[i], *to[i]);
    return abi::kSuccess;
  });
}

int Edges(void* graph, void** from, void** to, abi::GraphEdgeData* edges, std::size_t* count) {
  return OnGraph(graph, [&](Device&, const Graph& found) {
    std::vector<std::pair<GraphNode*, GraphNode*>> all;
    for (const auto& node : found.nodes()) {
      for (GraphNode* needed : node->dependencies) all.emplace_back(needed, node.get());
    }
    if ((from == nullptr) != (to == nullptr)) return abi::kInvalidValue;
    NoEdgeData(from == nullptr ? nullptr : edges, count);
    return List(all.size(), count, from != nullptr, [&](std::size_t i, bool there) {
      from[i] = there ? all[i].first : nullptr;
      to[i] = there ? all[i].second : nullptr;
    });
  });
}

template <class Get>
int Neighbours(void* node, void** to, abi::GraphEdgeData* edges, std::size_t* count, Get&& get) {
  return OnNode(node, [&](Device&, const GraphNode& found) {
    NoEdgeData(to == nullptr ? nullptr : edges, count);
    return ListNodes(get(found), to, count);
  });
}
int Dependencies(void* node, void** to, abi::GraphEdgeData* edges, std::size_t* count) {
  return Neighbours(node, to, edges, count, [](const GraphNode& of) { return of.dependencies; });
}
int DependentNodes(void* node, void** to, abi::GraphEdgeData* edges, std::size_t* count) {
  return Neighbours(node, to, edges, count, Dependents);
}

}  // namespace

CAESAR_CUDA_API int cudaGraphCreate(void** graph, unsigned flags) {
  return Call([&](Device& device) {
    if (graph == nullptr || flags != 0) return abi::kInvalidValue;
    *graph = device.graphs.Create();
    return *graph == nullptr ? device.NotSimulated(kGraphsTooLarge) : abi::kSuccess;
  });
}
// Memory of its allocation nodes stays: what was instantiated from it may still be launched.
CAESAR_CUDA_API int cudaGraphDestroy(void* graph) {
  return Call([&](Device& device) { return device.graphs.Destroy(graph); });
}
CAESAR_CUDA_API int cudaGraphClone(void** clone, void* graph) {
  return OnGraph(graph, [&](Device& device, const Graph& found) {
    if (clone == nullptr) return abi::kInvalidValue;
    std::unique_ptr<Graph> copy = found.Clone();
    if (copy == nullptr) return device.NotSimulated(kGraphsTooLarge);
    *clone = device.graphs.Adopt(std::move(copy));
    return *clone == nullptr ? device.NotSimulated(kGraphsTooLarge) : abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphNodeFindInClone(void** node, void* original, void* clone) {
  return OnGraph(clone, [&](Device& device, const Graph& found) {
    const GraphNode* first = device.graphs.FindNode(original);
    if (node == nullptr || first == nullptr) return abi::kInvalidValue;
    *node = found.FindOrigin(first->id);
    return *node == nullptr ? abi::kInvalidValue : abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphDestroyNode(void* node) {
  return OnNode(node, [](Device&, GraphNode& found) {
    if (found.graph->capturing) return abi::kIllegalState;
    found.graph->Remove(&found);
    return abi::kSuccess;
  });
}

// Where CUDA 12 and 13 give one name to calls with and without data of edges, the toolkit that
// compiled the candidate says which it means.
CAESAR_CUDA_API int cudaGraphAddDependencies_v2(void* graph, GraphNode* const* from,
                                                GraphNode* const* to,
                                                const abi::GraphEdgeData* edges,
                                                std::size_t count) {
  return Connect(graph, from, to, edges, count);
}
CAESAR_CUDA_API int cudaGraphAddDependencies(void* graph, GraphNode* const* from,
                                             GraphNode* const* to, const void* third,
                                             std::size_t count) {
  if (CudaMajor() < 13) return Connect(graph, from, to, nullptr, std::size_t(third));
  return Connect(graph, from, to, static_cast<const abi::GraphEdgeData*>(third), count);
}
CAESAR_CUDA_API int cudaGraphRemoveDependencies_v2(void* graph, GraphNode* const* from,
                                                   GraphNode* const* to, const void* /*edges*/,
                                                   std::size_t count) {
  return Disconnect(graph, from, to, count);
}
CAESAR_CUDA_API int cudaGraphRemoveDependencies(void* graph, GraphNode* const* from,
                                                GraphNode* const* to, const void* third,
                                                std::size_t count) {
  return Disconnect(graph, from, to, CudaMajor() < 13 ? std::size_t(third) : count);
}
CAESAR_CUDA_API int cudaGraphGetEdges_v2(void* graph, void** from, void** to,
                                         abi::GraphEdgeData* edges, std::size_t* count) {
  return Edges(graph, from, to, edges, count);
}
CAESAR_CUDA_API int cudaGraphGetEdges(void* graph, void** from, void** to, void* third,
                                      std::size_t* count) {
  if (CudaMajor() < 13) return Edges(graph, from, to, nullptr, static_cast<std::size_t*>(third));
  return Edges(graph, from, to, static_cast<abi::GraphEdgeData*>(third), count);
}
#define CAESAR_NEIGHBOURS(name, list)                                                       \
  CAESAR_CUDA_API int name##_v2(void* node, void** to, abi::GraphEdgeData* edges,           \
                                std::size_t* count) {                                       \
    return list(node, to, edges, count);                                                    \
  }                                                                                         \
  CAESAR_CUDA_API int name(void* node, void** to, void* third, std::size_t* count) {        \
    if (CudaMajor() < 13) return list(node, to, nullptr, static_cast<std::size_t*>(third)); \
    return list(node, to, static_cast<abi::GraphEdgeData*>(third), count);                  \
  }
CAESAR_NEIGHBOURS(cudaGraphNodeGetDependencies, Dependencies)
CAESAR_NEIGHBOURS(cudaGraphNodeGetDependentNodes, DependentNodes)

CAESAR_CUDA_API int cudaGraphGetNodes(void* graph, void** nodes, std::size_t* count) {
  return OnGraph(graph, [&](Device&, const Graph& found) {
    std::vector<GraphNode*> all;
    for (const auto& node : found.nodes()) all.push_back(node.get());
    return ListNodes(all, nodes, count);
  });
}
CAESAR_CUDA_API int cudaGraphGetRootNodes(void* graph, void** nodes, std::size_t* count) {
  return OnGraph(graph, [&](Device&, const Graph& found) {
    std::vector<GraphNode*> roots;
    for (const auto& node : found.nodes()) {
      if (node->dependencies.empty()) roots.push_back(node.get());
    }
    return ListNodes(roots, nodes, count);
  });
}
CAESAR_CUDA_API int cudaGraphNodeGetType(void* node, int* type) {
  return OnNode(node, [&](Device&, const GraphNode& found) {
    if (type == nullptr) return abi::kInvalidValue;
    *type = TypeOf(found.task);
    return abi::kSuccess;
  });
}

// Objects that live as long as the graphs that use them.
CAESAR_CUDA_API int cudaUserObjectCreate(void** object, void* data, void (*destroy)(void*),
                                         unsigned references, unsigned flags) {
  return Call([&](Device& device) {
    constexpr unsigned kNoDestructorSync = 1;
    if (object == nullptr || destroy == nullptr || references == 0 || references > 0x7FFFFFFF ||
        flags != kNoDestructorSync) {
      return abi::kInvalidValue;
    }
    if (device.graphs.FullOfObjects()) return device.NotSimulated("more than 65536 user objects");
    *object = device.graphs.AddObject(std::make_shared<UserObject>(data, destroy, references));
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaUserObjectRetain(void* object, unsigned count) {
  return Call([&](Device& device) {
    const std::shared_ptr<UserObject> found = device.graphs.FindObject(object);
    if (found == nullptr || count == 0 || count > 0x7FFFFFFF - found->references) {
      return abi::kInvalidValue;
    }
    found->references += count;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaUserObjectRelease(void* object, unsigned count) {
  return Call([&](Device& device) { return device.graphs.ReleaseObject(object, count); });
}
CAESAR_CUDA_API int cudaGraphRetainUserObject(void* graph, void* object, unsigned count,
                                              unsigned flags) {
  return OnGraph(graph, [&](Device& device, Graph& found) {
    constexpr unsigned kMove = 1;
    std::shared_ptr<UserObject> held = device.graphs.FindObject(object);
    if (held == nullptr || count == 0 || count > 0x7FFFFFFF || (flags & ~kMove) != 0) {
      return abi::kInvalidValue;
    }
    if ((flags & kMove) != 0 && held->references < count) return abi::kInvalidValue;
    unsigned& owned = found.objects[held];
    if (count > 0x7FFFFFFF - owned) return abi::kInvalidValue;
    owned += count;
    return (flags & kMove) != 0 ? device.graphs.ReleaseObject(object, count) : abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaGraphReleaseUserObject(void* graph, void* object, unsigned count) {
  return OnGraph(graph, [&](Device&, Graph& found) {
    const auto held = std::find_if(found.objects.begin(), found.objects.end(),
                                   [&](const auto& entry) { return entry.first.get() == object; });
    if (held == found.objects.end() || count == 0 || count > held->second) {
      return abi::kInvalidValue;
    }
    held->second -= count;
    if (held->second == 0) found.objects.erase(held);
    return abi::kSuccess;
  });
}
