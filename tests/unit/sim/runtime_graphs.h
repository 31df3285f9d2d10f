// For tests of graphs: one graph, and nodes that launch kernels which are told apart by a number.
#pragma once

#include <cstring>
#include <vector>

#include "unit/sim/runtime_fake.h"

namespace caesar::sim::test {

class RuntimeGraphs : public Runtime {
 protected:
  void SetUp() override {
    Runtime::SetUp();
    ASSERT_EQ(cudaGraphCreate(&graph_, 0), abi::kSuccess);
  }
  void TearDown() override {
    EXPECT_EQ(cudaGraphDestroy(graph_), abi::kSuccess);
    Runtime::TearDown();
  }
  // The number is the kernel's second parameter.
  abi::KernelNodeParams Params(int* number) {
    args_[1] = number;
    return {&kAdd, {1, 1, 1}, {32, 1, 1}, 0, args_, nullptr};
  }
  GraphNode* Add(void* graph, int number, std::vector<GraphNode*> after = {}) {
    void* node = nullptr;
    const abi::KernelNodeParams params = Params(&number);
    EXPECT_EQ(cudaGraphAddKernelNode(&node, graph, after.data(), after.size(), &params),
              abi::kSuccess);
    return static_cast<GraphNode*>(node);
  }

  void* graph_ = nullptr;
  void* pointer_ = nullptr;
  void* args_[2] = {&pointer_, nullptr};
};

// The numbers of the kernels that were launched, in order.
inline std::vector<int> NumbersSeen() {
  std::vector<int> numbers;
  for (const Seen& launch : seen) {
    numbers.emplace_back();
    std::memcpy(&numbers.back(), launch.params.data() + 8, 4);
  }
  return numbers;
}

}  // namespace caesar::sim::test
