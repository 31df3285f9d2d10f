// What the entry points of graphs share: handles that are looked up, and tasks from the structures
// that describe nodes.
#pragma once

#include <memory>
#include <utility>

#include "sim/runtime/entry.h"
#include "sim/runtime/graph.h"

namespace caesar::sim {

template <class Body>
int OnGraph(void* handle, Body&& body) {
  return Call([&](Device& device) {
    Graph* graph = device.graphs.Find(handle);
    return graph == nullptr ? abi::kInvalidValue : body(device, *graph);
  });
}

template <class Body>
int OnNode(void* handle, Body&& body) {
  return Call([&](Device& device) {
    GraphNode* node = device.graphs.FindNode(handle);
    return node == nullptr ? abi::kInvalidValue : body(device, *node);
  });
}

template <class Body>
int OnExec(void* handle, Body&& body) {
  return Call([&](Device& device) {
    const std::shared_ptr<GraphExec> exec = device.graphs.FindExec(handle);
    return exec == nullptr ? abi::kInvalidValue : body(device, *exec);
  });
}

// Each makes the task of a node; the error where the description is none.
abi::Error TaskOf(Device& device, const abi::KernelNodeParams* params, Task* task);
abi::Error TaskOf(Device& device, const abi::Memcpy3D* params, Task* task);
abi::Error TaskOf(Device& device, const abi::MemsetParams* params, Task* task);
abi::Error TaskOf(Device& device, const abi::HostNodeParams* params, Task* task);
abi::Error TaskOf(Device& device, const abi::GraphNodeParams* params, Task* task);
abi::Error ChildOf(Device& device, void* graph, Task* task);
Task CopyOf(void* to, const void* from, std::size_t bytes, int kind);
// Edges whose data say anything but "after all of it" are not simulated: work is carried out node
// by node. Null: they have none.
abi::Error CheckEdges(Device& device, const abi::GraphEdgeData* edges, std::size_t count);
// A variable's range; kInvalidValue where it is not inside.
abi::Error InSymbol(Device& device, const void* symbol, std::size_t bytes, std::size_t offset,
                    void** address);

}  // namespace caesar::sim
