// Graphs of work, made by stream capture or node by node, and what is instantiated from them. All
// handles come from a candidate: they are looked up before they are used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/runtime/abi.h"
#include "sim/runtime/task.h"

namespace caesar::sim {

class Graph;

struct GraphNode {
  Task task;
  std::vector<GraphNode*> dependencies;
  Graph* graph = nullptr;
  std::uint64_t id = 0;           // never used again, unlike its address
  std::uint64_t origin = 0;       // the id of the node that it was copied from
  bool enabled = true;            // where instantiated: cudaGraphNodeSetEnabled
  std::vector<void*> pointers{};  // into the parameters, for cudaGraphKernelNodeGetParams
};

// What all graphs of a device together may need, and which nodes there are.
struct GraphBook {
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;
  std::size_t bytes = 0;
  std::uint64_t ids = 0;
  std::unordered_set<const GraphNode*> nodes;
};

// cudaUserObject_t: calls the destructor when neither the candidate nor a graph refers to it.
struct UserObject {
  UserObject(void* d, void (*f)(void*), unsigned n) : data(d), destroy(f), references(n) {}
  ~UserObject();
  UserObject(const UserObject&) = delete;
  UserObject& operator=(const UserObject&) = delete;
  void* data;
  void (*destroy)(void*);
  unsigned references;  // the candidate's own
};

class Graph {
 public:
  static constexpr int kDepthMax = 32;  // of graphs in graphs

  explicit Graph(GraphBook& book) : book_(book) {}
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // Null: there is no room (GraphBook::kBytesMax), or graphs nest too deep.
  GraphNode* Add(Task task, std::vector<GraphNode*> dependencies);
  bool Connect(GraphNode& from, GraphNode& to);  // false: no room
  void Disconnect(GraphNode& from, GraphNode& to);
  bool Replace(GraphNode& node, Task task);  // false: no room
  void Remove(GraphNode* node);
  bool Holds(const GraphNode* node) const {
    return book_.nodes.contains(node) && node->graph == this;
  }
  // A copy whose nodes know their origins, with copies of the graphs within. Null: no room.
  std::unique_ptr<Graph> Clone() const;
  // Puts the nodes, and those of graphs within, in an order that the dependencies allow: where they
  // leave a choice, that of creation. False: they form a cycle.
  bool Order();

  const std::vector<std::unique_ptr<GraphNode>>& nodes() const { return nodes_; }
  const std::vector<GraphNode*>& order() const { return order_; }
  GraphNode* FindOrigin(std::uint64_t id) const;

  bool capturing = false;                                   // a stream adds to it
  std::map<std::shared_ptr<UserObject>, unsigned> objects;  // cudaGraphRetainUserObject

 private:
  bool Charge(std::size_t bytes);
  void Refund(std::size_t bytes);
  bool TakeIn(const Task& task);  // a graph within; false: too deep
  void SinkTo(int level);

  GraphBook& book_;
  std::vector<std::unique_ptr<GraphNode>> nodes_;  // in order of creation
  std::vector<GraphNode*> order_;
  std::unordered_map<std::uint64_t, GraphNode*> by_origin_;
  std::size_t bytes_ = 0;  // charged to the book
  int level_ = 0;          // graphs around it
  int depth_ = 1;          // of this and the graphs within; exact in a copy
};

// Carries out what Order has put in order. Ends with the first fault or error.
abi::Error CarryGraph(Device& device, const Graph& graph);

struct GraphExec {
  std::shared_ptr<Graph> graph;
  unsigned long long flags = 0;
};

// Why two graphs do not match, as cudaGraphExecUpdateResult numbers it.
struct UpdateProblem {
  int result = 0;  // 0: they match
  GraphNode* node = nullptr;
};
// Gives what was instantiated the tasks of another graph of the same form.
UpdateProblem Update(Graph& instantiated, const Graph& from);

class Graphs {
 public:
  static constexpr std::size_t kMax = std::size_t{1}
                                      << 16;  // graphs; as many instantiated; objects

  // Null: there are too many.
  Graph* Create();
  Graph* Adopt(std::unique_ptr<Graph> graph);
  abi::Error Destroy(void* handle);
  // Null: no such graph. Those within others have handles too.
  Graph* Find(void* handle);
  Graph* FindOutermost(void* handle);
  GraphNode* FindNode(void* handle);

  // kInvalidValue: a cycle. kMemoryAllocation: no room.
  abi::Error Instantiate(const Graph& graph, unsigned long long flags, void** exec);
  abi::Error DestroyExec(void* handle);
  std::shared_ptr<GraphExec> FindExec(void* handle);

  bool FullOfObjects() const { return objects_.size() >= kMax; }
  void* AddObject(std::shared_ptr<UserObject> object);
  std::shared_ptr<UserObject> FindObject(void* handle);
  abi::Error ReleaseObject(void* handle, unsigned count);

 private:
  GraphBook book_;
  std::unordered_map<const void*, std::unique_ptr<Graph>> graphs_;
  std::unordered_map<const void*, std::shared_ptr<GraphExec>> execs_;
  std::unordered_map<const void*, std::shared_ptr<UserObject>> objects_;
};

}  // namespace caesar::sim
