// Graphs in graphs, copies, updates, and graphs that would never end.
#include "unit/sim/runtime_graphs.h"

namespace caesar::sim::test {
namespace {

class GraphForms : public RuntimeGraphs {
 protected:
  void* Instantiate(void* graph) {
    void* exec = nullptr;
    EXPECT_EQ(cudaGraphInstantiate(&exec, graph, 0), abi::kSuccess);
    return exec;
  }
  using Numbers = std::vector<int>;
  Numbers Run(void* exec) {
    seen.clear();
    EXPECT_EQ(cudaGraphLaunch(exec, nullptr), abi::kSuccess);
    return NumbersSeen();
  }
};

TEST_F(GraphForms, AreCopiedWithTheirOrder) {
  GraphNode* last = Add(graph_, 2);
  GraphNode* first = Add(graph_, 1);
  ASSERT_EQ(cudaGraphAddDependencies(graph_, &first, &last, nullptr, 1), abi::kSuccess);
  void *clone = nullptr, *twin = nullptr, *needed = nullptr;
  ASSERT_EQ(cudaGraphClone(&clone, graph_), abi::kSuccess);
  ASSERT_EQ(cudaGraphNodeFindInClone(&twin, last, clone), abi::kSuccess);
  EXPECT_NE(twin, last);
  std::size_t count = 1;
  ASSERT_EQ(cudaGraphNodeGetDependencies(twin, &needed, nullptr, &count), abi::kSuccess);
  EXPECT_EQ(count, 1U);
  EXPECT_NE(needed, first);
  ASSERT_EQ(cudaGraphDestroyNode(first), abi::kSuccess);
  void* exec = Instantiate(clone);
  EXPECT_EQ(Run(exec), (Numbers{1, 2})) << "the original has changed, the copy has not";
  abi::KernelNodeParams params{};
  ASSERT_EQ(cudaGraphKernelNodeGetParams(twin, &params), abi::kSuccess);
  EXPECT_EQ(params.func, &kAdd);
  EXPECT_EQ(*static_cast<int*>(params.kernelParams[1]), 2);
  cudaGraphExecDestroy(exec);
  ASSERT_EQ(cudaGraphDestroyNode(twin), abi::kSuccess);
  EXPECT_EQ(cudaGraphNodeFindInClone(&twin, last, clone), abi::kInvalidValue) << "it is gone";
  EXPECT_EQ(cudaGraphDestroy(clone), abi::kSuccess);
  EXPECT_EQ(cudaGraphKernelNodeGetParams(needed, &params), abi::kInvalidValue) << "it is gone";
}

TEST_F(GraphForms, GiveBackTheRoomOfNodesThatAreDestroyed) {
  constexpr int kMoreThanFit = 200'000;
  void* node = nullptr;
  for (int i = 0; i < kMoreThanFit; ++i) {
    ASSERT_EQ(cudaGraphAddEmptyNode(&node, graph_, nullptr, 0), abi::kSuccess) << i;
    auto* const added = static_cast<GraphNode*>(node);
    ASSERT_EQ(cudaGraphAddDependencies(graph_, &added, &added, nullptr, 1), abi::kSuccess) << i;
    ASSERT_EQ(cudaGraphDestroyNode(node), abi::kSuccess);
  }
  for (int i = 0; i < kMoreThanFit; ++i) {
    if (cudaGraphAddEmptyNode(&node, graph_, nullptr, 0) == abi::kSuccess) continue;
    EXPECT_NE(Findings().at(0).text.find("64 MiB of their nodes"), std::string::npos);
    return;
  }
  FAIL() << "there is no limit";
}

TEST_F(GraphForms, HoldCopiesOfOtherGraphs) {
  void *child = nullptr, *node = nullptr, *inner = nullptr;
  ASSERT_EQ(cudaGraphCreate(&child, 0), abi::kSuccess);
  Add(child, 7);
  ASSERT_EQ(cudaGraphAddChildGraphNode(&node, graph_, nullptr, 0, child), abi::kSuccess);
  Add(child, 8);  // too late
  ASSERT_EQ(cudaGraphChildGraphNodeGetGraph(node, &inner), abi::kSuccess);
  Add(inner, 9);
  Add(graph_, 10, {static_cast<GraphNode*>(node)});
  ASSERT_EQ(cudaGraphDestroy(child), abi::kSuccess);
  void* exec = Instantiate(graph_);
  EXPECT_EQ(Run(exec), (Numbers{7, 9, 10}));
  EXPECT_EQ(cudaGraphDestroy(inner), abi::kInvalidValue) << "it belongs to the other";
  cudaGraphExecDestroy(exec);
}

TEST_F(GraphForms, TakeTheTasksOfAnother) {
  GraphNode* node = Add(graph_, 1);
  Add(graph_, 2, {node});
  void* exec = Instantiate(graph_);
  void* other = nullptr;
  ASSERT_EQ(cudaGraphCreate(&other, 0), abi::kSuccess);
  GraphNode* twin = Add(other, 3);
  Add(other, 4, {twin});
  abi::GraphExecUpdateResultInfo info{};
  ASSERT_EQ(cudaGraphExecUpdate(exec, other, &info), abi::kSuccess);
  EXPECT_EQ(info.result, 0);
  EXPECT_EQ(Run(exec), (Numbers{3, 4}));
  Add(other, 5);
  EXPECT_EQ(cudaGraphExecUpdate(exec, other, &info), abi::kGraphExecUpdateFailure);
  EXPECT_EQ(info.result, 2) << "the topology changed";
  EXPECT_EQ(Run(exec), (Numbers{3, 4}));
  ASSERT_EQ(cudaGraphNodeSetEnabled(exec, node, 0), abi::kSuccess);
  EXPECT_EQ(Run(exec), (Numbers{4}));
  EXPECT_EQ(cudaGraphNodeSetEnabled(exec, twin, 0), abi::kInvalidValue) << "of another graph";
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(other);
}

TEST_F(GraphForms, AreMadeOfNodesOfAnyKind) {
  void *memory = nullptr, *node = nullptr, *event = nullptr;
  int number = 6;
  ASSERT_EQ(cudaMalloc(&memory, 16), abi::kSuccess);
  ASSERT_EQ(cudaEventCreate(&event), abi::kSuccess);
  abi::GraphNodeParams params{};
  params.type = abi::kNodeMemset;
  params.of.memset = {memory, 0, 0x05, 1, 16, 1};
  ASSERT_EQ(cudaGraphAddNode(&node, graph_, nullptr, nullptr, 0, &params), abi::kSuccess);
  params = {};
  params.type = abi::kNodeKernel;
  params.of.kernel = Params(&number);
  auto* first = static_cast<GraphNode*>(node);
  ASSERT_EQ(cudaGraphAddNode(&node, graph_, &first, nullptr, 1, &params), abi::kSuccess);
  abi::LaunchAttributeValue cluster{};
  cluster.dim = {2, 1, 1};
  ASSERT_EQ(cudaGraphKernelNodeSetAttribute(node, abi::kAttributeClusterDimension, &cluster),
            abi::kSuccess);
  abi::LaunchAttributeValue updatable{};
  updatable.integer = 1;
  EXPECT_EQ(cudaGraphKernelNodeSetAttribute(node, abi::kAttributeDeviceUpdatableNode, &updatable),
            abi::kNotSupported);
  abi::GraphEdgeData edge{};
  edge.toPort = 1;
  EXPECT_EQ(cudaGraphAddNode(&node, graph_, &first, &edge, 1, &params), abi::kNotSupported);
  ASSERT_EQ(cudaGraphAddEventRecordNode(&node, graph_, nullptr, 0, event), abi::kSuccess);
  params = {};
  params.type = 99;
  EXPECT_EQ(cudaGraphAddNode(&node, graph_, nullptr, nullptr, 0, &params), abi::kNotSupported);
  void *from[4], *to[4];
  std::size_t count = 4;
  ASSERT_EQ(cudaGraphGetEdges(graph_, from, to, nullptr, &count), abi::kSuccess);
  ASSERT_EQ(count, 1U);
  EXPECT_EQ(from[0], first);
  void* exec = Instantiate(graph_);
  EXPECT_EQ(Run(exec), Numbers{6});
  EXPECT_EQ(seen[0].shape.cluster.x, 2U);
  char bytes[16] = {};
  cudaMemcpy(bytes, memory, 16, abi::kDeviceToHost);
  EXPECT_EQ(bytes[15], 5);
  float ms = -1;
  EXPECT_EQ(cudaEventElapsedTime(&ms, event, event), abi::kSuccess) << "it was recorded";
  cudaGraphExecDestroy(exec);
  cudaEventDestroy(event);
  cudaFree(memory);
}

TEST_F(GraphForms, KeepUserObjectsUntilTheyAreGone) {
  int destroyed = 0;
  void *object = nullptr, *graph = nullptr;
  const auto destroy = [](void* count) { ++*static_cast<int*>(count); };
  ASSERT_EQ(cudaUserObjectCreate(&object, &destroyed, destroy, 1, 1), abi::kSuccess);
  ASSERT_EQ(cudaGraphCreate(&graph, 0), abi::kSuccess);
  ASSERT_EQ(cudaGraphRetainUserObject(graph, object, 1, 1), abi::kSuccess);  // moved there
  EXPECT_EQ(cudaUserObjectRelease(object, 1), abi::kInvalidValue);
  void* exec = Instantiate(graph);
  cudaGraphDestroy(graph);
  EXPECT_EQ(destroyed, 0);
  cudaGraphExecDestroy(exec);
  EXPECT_EQ(destroyed, 1);
}

// Each graph holds the one before twice: what is launched would double without end.
TEST_F(GraphForms, DoNotGrowWithoutEnd) {
  Add(graph_, 1);
  std::vector<void*> graphs{graph_};
  int error = abi::kSuccess;
  while (graphs.size() < 64 && error == abi::kSuccess) {
    void *next = nullptr, *node = nullptr;
    ASSERT_EQ(cudaGraphCreate(&next, 0), abi::kSuccess);
    for (int i = 0; i < 2 && error == abi::kSuccess; ++i) {
      error = cudaGraphAddChildGraphNode(&node, next, nullptr, 0, graphs.back());
    }
    graphs.push_back(next);
  }
  EXPECT_EQ(error, abi::kNotSupported);
  EXPECT_LT(graphs.size(), 25U);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, FindingKind::kNotSimulated);
  for (std::size_t i = 1; i < graphs.size(); ++i) cudaGraphDestroy(graphs[i]);
  void* clone = nullptr;
  EXPECT_EQ(cudaGraphClone(&clone, graph_), abi::kSuccess) << "there is room again";
  cudaGraphDestroy(clone);
}

// By way of the innermost graph, which every call hands out.
TEST_F(GraphForms, DoNotNestWithoutEnd) {
  void *inner = graph_, *node = nullptr, *empty = nullptr;
  ASSERT_EQ(cudaGraphCreate(&empty, 0), abi::kSuccess);
  int depth = 0;
  while (depth < 1000 &&
         cudaGraphAddChildGraphNode(&node, inner, nullptr, 0, empty) == abi::kSuccess) {
    ASSERT_EQ(cudaGraphChildGraphNodeGetGraph(node, &inner), abi::kSuccess);
    ++depth;
  }
  EXPECT_EQ(depth, 31);
  cudaGraphExecDestroy(Instantiate(graph_));
  cudaGraphDestroy(empty);
}

}  // namespace
}  // namespace caesar::sim::test
