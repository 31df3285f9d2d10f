#include "sim/runtime/graph.h"

#include <algorithm>
#include <map>
#include <queue>

#include "sim/runtime/device.h"

namespace caesar::sim {
namespace {

// About what a node needs, with its entries in tables.
std::size_t BytesOf(const Task& task) {
  constexpr std::size_t kTables = 128;
  const auto* kernel = std::get_if<KernelTask>(&task);
  return sizeof(GraphNode) + kTables + (kernel == nullptr ? 0 : kernel->params.size());
}

}  // namespace

UserObject::~UserObject() { CallHostFunction(destroy, data); }

Graph::~Graph() {
  for (const auto& node : nodes_) book_.nodes.erase(node.get());
  book_.bytes -= bytes_;
}

bool Graph::Charge(std::size_t bytes) {
  if (bytes > GraphBook::kBytesMax - std::min(book_.bytes, GraphBook::kBytesMax)) return false;
  book_.bytes += bytes;
  bytes_ += bytes;
  return true;
}

void Graph::Refund(std::size_t bytes) {
  book_.bytes -= bytes;
  bytes_ -= bytes;
}

// A graph within is a copy that has just been made, so that its depth is known.
bool Graph::TakeIn(const Task& task) {
  const auto* child = std::get_if<ChildTask>(&task);
  if (child == nullptr) return true;
  if (level_ + 1 + child->graph->depth_ > kDepthMax) return false;
  child->graph->SinkTo(level_ + 1);
  depth_ = std::max(depth_, child->graph->depth_ + 1);
  return true;
}

void Graph::SinkTo(int level) {
  level_ = level;
  for (const auto& node : nodes_) {
    if (const auto* child = std::get_if<ChildTask>(&node->task)) child->graph->SinkTo(level + 1);
  }
}

GraphNode* Graph::Add(Task task, std::vector<GraphNode*> dependencies) {
  if (!TakeIn(task) || !Charge(BytesOf(task) + dependencies.size() * sizeof(GraphNode*))) {
    return nullptr;
  }
  auto node = std::make_unique<GraphNode>();
  node->task = std::move(task);
  node->dependencies = std::move(dependencies);
  node->graph = this;
  node->id = ++book_.ids;
  book_.nodes.insert(node.get());
  nodes_.push_back(std::move(node));
  return nodes_.back().get();
}

bool Graph::Connect(GraphNode& from, GraphNode& to) {
  if (!Charge(sizeof(GraphNode*))) return false;
  to.dependencies.push_back(&from);
  return true;
}

bool Graph::Replace(GraphNode& node, Task task) {
  if (!TakeIn(task)) return false;
  const std::size_t before = BytesOf(node.task), after = BytesOf(task);
  if (after > before && !Charge(after - before)) return false;
  if (after < before) Refund(before - after);
  node.task = std::move(task);
  return true;
}

void Graph::Disconnect(GraphNode& from, GraphNode& to) {
  Refund(std::erase(to.dependencies, &from) * sizeof(GraphNode*));
}

void Graph::Remove(GraphNode* node) {
  std::size_t edges = node->dependencies.size();
  node->dependencies.clear();
  for (const auto& other : nodes_) edges += std::erase(other->dependencies, node);
  Refund(BytesOf(node->task) + edges * sizeof(GraphNode*));
  by_origin_.erase(node->origin);
  book_.nodes.erase(node);
  std::erase_if(nodes_, [&](const auto& held) { return held.get() == node; });
}

std::unique_ptr<Graph> Graph::Clone() const {
  auto copy = std::make_unique<Graph>(book_);
  copy->objects = objects;
  std::unordered_map<const GraphNode*, GraphNode*> twins;
  for (const auto& node : nodes_) {
    Task task = node->task;
    if (auto* child = std::get_if<ChildTask>(&task)) {
      child->graph = child->graph->Clone();
      if (child->graph == nullptr) return nullptr;
    }
    GraphNode* twin = copy->Add(std::move(task), {});
    if (twin == nullptr) return nullptr;
    twin->origin = node->id;
    twin->enabled = node->enabled;
    twins[node.get()] = twin;
    copy->by_origin_[node->id] = twin;
  }
  for (const auto& node : nodes_) {
    for (const GraphNode* needed : node->dependencies) {
      if (!copy->Connect(*twins.at(needed), *twins.at(node.get()))) return nullptr;
    }
  }
  return copy;
}

bool Graph::Order() {
  std::unordered_map<const GraphNode*, std::size_t> index;
  for (std::size_t i = 0; i < nodes_.size(); ++i) index[nodes_[i].get()] = i;
  std::vector<std::size_t> missing(nodes_.size());
  std::vector<std::vector<std::size_t>> dependents(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const GraphNode* needed : nodes_[i]->dependencies) {
      dependents[index.at(needed)].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  order_.clear();
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    order_.push_back(nodes_[next].get());
    if (auto* child = std::get_if<ChildTask>(&nodes_[next]->task)) {
      if (!child->graph->Order()) return false;
    }
    for (const std::size_t dependent : dependents[next]) {
      if (--missing[dependent] == 0) ready.push(dependent);
    }
  }
  return order_.size() == nodes_.size();
}

GraphNode* Graph::FindOrigin(std::uint64_t id) const {
  const auto found = by_origin_.find(id);
  return found == by_origin_.end() ? nullptr : found->second;
}

abi::Error CarryGraph(Device& device, const Graph& graph) {
  for (const GraphNode* node : graph.order()) {
    if (!node->enabled) continue;
    const abi::Error error = Carry(device, node->task);
    if (error != abi::kSuccess) return error;
    if (device.fault() != abi::kSuccess) break;
  }
  return abi::kSuccess;
}

namespace {

// Nodes are paired in order of creation, as those of a graph that was made anew in the same way.
UpdateProblem Compare(const Graph& instantiated, const Graph& from) {
  constexpr int kTopologyChanged = 2, kTypeChanged = 3, kNotSupported = 6;
  if (instantiated.nodes().size() != from.nodes().size()) return {kTopologyChanged};
  std::unordered_map<const GraphNode*, const GraphNode*> twins;
  for (std::size_t i = 0; i < from.nodes().size(); ++i) {
    GraphNode* node = from.nodes()[i].get();
    const GraphNode& ours = *instantiated.nodes()[i];
    twins[node] = &ours;
    if (TypeOf(node->task) != TypeOf(ours.task)) return {kTypeChanged, node};
    if (TypeOf(node->task) == abi::kNodeMemAlloc || TypeOf(node->task) == abi::kNodeMemFree) {
      return {kNotSupported, node};
    }
  }
  for (std::size_t i = 0; i < from.nodes().size(); ++i) {
    GraphNode* node = from.nodes()[i].get();
    std::vector<const GraphNode*> needed;
    for (const GraphNode* each : node->dependencies) needed.push_back(twins.at(each));
    std::vector<const GraphNode*> ours(instantiated.nodes()[i]->dependencies.begin(),
                                       instantiated.nodes()[i]->dependencies.end());
    std::sort(needed.begin(), needed.end());
    std::sort(ours.begin(), ours.end());
    if (needed != ours) return {kTopologyChanged, node};
    const auto* child = std::get_if<ChildTask>(&node->task);
    if (child == nullptr) continue;
    const UpdateProblem inside =
        Compare(*std::get<ChildTask>(instantiated.nodes()[i]->task).graph, *child->graph);
    if (inside.result != 0) return inside;
  }
  return {};
}

bool TakeTasks(Graph& instantiated, const Graph& from) {
  for (std::size_t i = 0; i < from.nodes().size(); ++i) {
    GraphNode& ours = *instantiated.nodes()[i];
    const Task& task = from.nodes()[i]->task;
    const auto* child = std::get_if<ChildTask>(&task);
    const bool done = child == nullptr
                          ? instantiated.Replace(ours, task)
                          : TakeTasks(*std::get<ChildTask>(ours.task).graph, *child->graph);
    if (!done) return false;
  }
  return true;
}

}  // namespace

UpdateProblem Update(Graph& instantiated, const Graph& from) {
  UpdateProblem problem = Compare(instantiated, from);
  constexpr int kError = 1;
  if (problem.result == 0 && !TakeTasks(instantiated, from)) problem.result = kError;
  return problem;
}

Graph* Graphs::Create() { return Adopt(std::make_unique<Graph>(book_)); }

Graph* Graphs::Adopt(std::unique_ptr<Graph> graph) {
  if (graphs_.size() >= kMax) return nullptr;
  Graph* made = graph.get();
  graphs_.emplace(made, std::move(graph));
  return made;
}

abi::Error Graphs::Destroy(void* handle) {
  const auto found = graphs_.find(handle);
  if (found == graphs_.end()) return abi::kInvalidValue;
  if (found->second->capturing) return abi::kIllegalState;
  graphs_.erase(found);
  return abi::kSuccess;
}

Graph* Graphs::Find(void* handle) {
  if (Graph* outermost = FindOutermost(handle)) return outermost;
  const auto within =
      std::find_if(book_.nodes.begin(), book_.nodes.end(), [&](const GraphNode* node) {
        const auto* child = std::get_if<ChildTask>(&node->task);
        return child != nullptr && child->graph.get() == handle;
      });
  return within == book_.nodes.end() ? nullptr : static_cast<Graph*>(handle);
}

Graph* Graphs::FindOutermost(void* handle) {
  const auto found = graphs_.find(handle);
  return found == graphs_.end() ? nullptr : found->second.get();
}

GraphNode* Graphs::FindNode(void* handle) {
  auto* node = static_cast<GraphNode*>(handle);
  return book_.nodes.contains(node) ? node : nullptr;
}

abi::Error Graphs::Instantiate(const Graph& graph, unsigned long long flags, void** exec) {
  std::shared_ptr<Graph> copy = graph.Clone();
  if (copy == nullptr || execs_.size() >= kMax) return abi::kMemoryAllocation;
  if (!copy->Order()) return abi::kInvalidValue;
  auto made = std::make_shared<GraphExec>(GraphExec{std::move(copy), flags});
  *exec = made.get();
  execs_.emplace(*exec, std::move(made));
  return abi::kSuccess;
}

abi::Error Graphs::DestroyExec(void* handle) {
  return execs_.erase(handle) == 1 ? abi::kSuccess : abi::kInvalidValue;
}

std::shared_ptr<GraphExec> Graphs::FindExec(void* handle) {
  const auto found = execs_.find(handle);
  return found == execs_.end() ? nullptr : found->second;
}

void* Graphs::AddObject(std::shared_ptr<UserObject> object) {
  void* handle = object.get();
  objects_.emplace(handle, std::move(object));
  return handle;
}

std::shared_ptr<UserObject> Graphs::FindObject(void* handle) {
  const auto found = objects_.find(handle);
  return found == objects_.end() ? nullptr : found->second;
}

abi::Error Graphs::ReleaseObject(void* handle, unsigned count) {
  const auto found = objects_.find(handle);
  if (found == objects_.end() || count == 0 || count > found->second->references) {
    return abi::kInvalidValue;
  }
  found->second->references -= count;
  if (found->second->references == 0) objects_.erase(found);
  return abi::kSuccess;
}

}  // namespace caesar::sim
