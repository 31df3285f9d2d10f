#include "sim/runtime/graph.h"

#include <algorithm>
#include <map>
#include <queue>

namespace caesar::sim {

GraphNode* Graph::Add(abi::GraphNodeType type, Work work, std::vector<GraphNode*> dependencies) {
  if (nodes.size() >= kNodesMax) return nullptr;
  auto node = std::make_unique<GraphNode>();
  *node = {type, std::move(work), std::move(dependencies), this};
  nodes.push_back(std::move(node));
  return nodes.back().get();
}

bool Graph::Holds(const GraphNode* node) const {
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](const auto& held) { return held.get() == node; });
}

std::vector<GraphNode*> InOrder(const Graph& graph) {
  std::map<const GraphNode*, std::size_t> index;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) index[graph.nodes[i].get()] = i;
  std::vector<std::size_t> missing(graph.nodes.size());
  std::vector<std::vector<std::size_t>> dependents(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const GraphNode* needed : graph.nodes[i]->dependencies) {
      dependents[index.at(needed)].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<GraphNode*> order;
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    order.push_back(graph.nodes[next].get());
    for (const std::size_t dependent : dependents[next]) {
      if (--missing[dependent] == 0) ready.push(dependent);
    }
  }
  if (order.size() != graph.nodes.size()) order.clear();
  return order;
}

}  // namespace caesar::sim
