// Graphs of work, made by stream capture or node by node, and what a launch of one carries out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "sim/runtime/abi.h"

namespace caesar::sim {

class Device;

// Something that a stream carries out. Called with the device's lock held; returns a CUDA error.
using Work = std::function<abi::Error(Device&)>;

struct Graph;

struct GraphNode {
  abi::GraphNodeType type = abi::kNodeEmpty;
  Work work;  // null: nothing to do
  std::vector<GraphNode*> dependencies;
  Graph* graph = nullptr;
};

struct Graph {
  static constexpr std::size_t kNodesMax = std::size_t{1} << 20;

  std::vector<std::unique_ptr<GraphNode>> nodes;  // in order of creation

  // Null: there are too many.
  GraphNode* Add(abi::GraphNodeType type, Work work, std::vector<GraphNode*> dependencies);
  bool Holds(const GraphNode* node) const;
};

struct GraphExec {
  struct Step {
    const GraphNode* origin = nullptr;  // of the graph it was made from; may be gone
    abi::GraphNodeType type = abi::kNodeEmpty;
    Work work;
  };
  std::vector<Step> steps;  // in an order that the dependencies allow
};

// The nodes in an order that the dependencies allow: where they leave a choice, that of creation.
// Empty for a graph with nodes: they form a cycle.
std::vector<GraphNode*> InOrder(const Graph& graph);

}  // namespace caesar::sim
