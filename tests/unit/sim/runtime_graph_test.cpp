// Graphs: order, launches, changes of what is instantiated.
#include "unit/sim/runtime_graphs.h"

namespace caesar::sim::test {
namespace {

class Graphs : public RuntimeGraphs {};

TEST_F(Graphs, RunInAnOrderThatTheirDependenciesAllow) {
  GraphNode* last = Add(graph_, 3);
  GraphNode* first = Add(graph_, 1);
  GraphNode* middle = Add(graph_, 2, {first});
  ASSERT_EQ(cudaGraphAddDependencies(graph_, &middle, &last, nullptr, 1), abi::kSuccess);
  void* exec = nullptr;
  ASSERT_EQ(cudaGraphInstantiate(&exec, graph_, 0), abi::kSuccess);
  EXPECT_TRUE(seen.empty());
  ASSERT_EQ(cudaGraphLaunch(exec, nullptr), abi::kSuccess);
  ASSERT_EQ(cudaGraphLaunch(exec, nullptr), abi::kSuccess);
  EXPECT_EQ(NumbersSeen(), (std::vector<int>{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(cudaGraphExecDestroy(exec), abi::kSuccess);
  EXPECT_EQ(cudaGraphExecDestroy(exec), abi::kInvalidValue);
  EXPECT_EQ(cudaGraphLaunch(exec, nullptr), abi::kInvalidValue);
}

TEST_F(Graphs, MayNotGoInCircles) {
  GraphNode* first = Add(graph_, 1);
  GraphNode* second = Add(graph_, 2, {first});
  ASSERT_EQ(cudaGraphAddDependencies(graph_, &second, &first, nullptr, 1), abi::kSuccess);
  void* exec = nullptr;
  EXPECT_EQ(cudaGraphInstantiate(&exec, graph_, 0), abi::kInvalidValue);
}

TEST_F(Graphs, RefuseNodesOfNobody) {
  int nobody = 0;
  auto* node = reinterpret_cast<GraphNode*>(&nobody);
  void* added = nullptr;
  EXPECT_EQ(cudaGraphAddEmptyNode(&added, graph_, &node, 1), abi::kInvalidValue);
  EXPECT_EQ(cudaGraphAddEmptyNode(&added, &nobody, nullptr, 0), abi::kInvalidValue);
  EXPECT_EQ(cudaGraphAddEmptyNode(&added, graph_, nullptr, 1), abi::kInvalidValue);
}

TEST_F(Graphs, TakeNewParametersWhereInstantiated) {
  GraphNode* node = Add(graph_, 1);
  void* exec = nullptr;
  ASSERT_EQ(cudaGraphInstantiate(&exec, graph_, 0), abi::kSuccess);
  int number = 9;
  const abi::KernelNodeParams params = Params(&number);
  ASSERT_EQ(cudaGraphExecKernelNodeSetParams(exec, node, &params), abi::kSuccess);
  ASSERT_EQ(cudaGraphLaunch(exec, nullptr), abi::kSuccess);
  EXPECT_EQ(NumbersSeen(), std::vector<int>{9});
  cudaGraphExecDestroy(exec);
}

TEST_F(Graphs, FillMemoryAndCallTheHost) {
  void* memory = nullptr;
  void* node = nullptr;
  int calls = 0;
  ASSERT_EQ(cudaMalloc(&memory, 16), abi::kSuccess);
  const abi::MemsetParams fill{memory, 0, 0x01020304, 4, 4, 1};
  const abi::HostNodeParams call{[](void* count) { ++*static_cast<int*>(count); }, &calls};
  ASSERT_EQ(cudaGraphAddMemsetNode(&node, graph_, nullptr, 0, &fill), abi::kSuccess);
  ASSERT_EQ(cudaGraphAddHostNode(&node, graph_, nullptr, 0, &call), abi::kSuccess);
  void* exec = nullptr;
  ASSERT_EQ(cudaGraphInstantiate(&exec, graph_, 0), abi::kSuccess);
  ASSERT_EQ(cudaGraphLaunch(exec, nullptr), abi::kSuccess);
  int back[4] = {};
  ASSERT_EQ(cudaMemcpy(back, memory, 16, abi::kDeviceToHost), abi::kSuccess);
  EXPECT_EQ(back[3], 0x01020304);
  EXPECT_EQ(calls, 1);
  cudaGraphExecDestroy(exec);
  cudaFree(memory);
}

}  // namespace
}  // namespace caesar::sim::test
