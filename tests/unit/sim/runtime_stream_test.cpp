// Streams, events and capture.
#include <thread>

#include "unit/sim/runtime_fake.h"

namespace caesar::sim::test {
namespace {

class StreamsTest : public Runtime {
 protected:
  void SetUp() override {
    Runtime::SetUp();
    ASSERT_EQ(cudaStreamCreate(&a_), abi::kSuccess);
    ASSERT_EQ(cudaStreamCreateWithFlags(&b_, abi::kStreamNonBlocking), abi::kSuccess);
    ASSERT_EQ(cudaEventCreate(&event_), abi::kSuccess);
  }
  void TearDown() override {
    cudaStreamDestroy(a_);
    cudaStreamDestroy(b_);
    cudaEventDestroy(event_);
    Runtime::TearDown();
  }
  // Ends the capture of `a`; -1: the nodes could not be counted.
  int EndCapture(long* nodes = nullptr) {
    void* graph = nullptr;
    const int error = cudaStreamEndCapture(a_, &graph);
    std::size_t count = 0;
    if (graph != nullptr) {
      EXPECT_EQ(cudaGraphGetNodes(graph, nullptr, &count), abi::kSuccess);
      EXPECT_EQ(cudaGraphDestroy(graph), abi::kSuccess);
    }
    if (nodes != nullptr) *nodes = static_cast<long>(count);
    return error;
  }
  void *a_ = nullptr, *b_ = nullptr, *event_ = nullptr;
};

TEST_F(StreamsTest, AreCheckedBeforeTheyAreUsed) {
  int nobody = 0;
  EXPECT_EQ(cudaStreamSynchronize(&nobody), abi::kInvalidResourceHandle);
  EXPECT_EQ(cudaStreamDestroy(&nobody), abi::kInvalidResourceHandle);
  EXPECT_EQ(cudaStreamDestroy(nullptr), abi::kInvalidResourceHandle);
  EXPECT_EQ(cudaEventRecord(&nobody, a_), abi::kInvalidResourceHandle);
  EXPECT_EQ(cudaStreamWaitEvent(a_, &nobody, 0), abi::kInvalidResourceHandle);
  EXPECT_EQ(cudaStreamCreateWithFlags(&a_, 64), abi::kInvalidValue);
  EXPECT_EQ(cudaStreamQuery(nullptr), abi::kSuccess);
  EXPECT_EQ(cudaStreamQuery(reinterpret_cast<void*>(abi::kStreamPerThread)), abi::kSuccess);
}

TEST_F(StreamsTest, KnowTheTimeBetweenEvents) {
  void* later = nullptr;
  float ms = -1;
  ASSERT_EQ(cudaEventCreate(&later), abi::kSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&ms, event_, later), abi::kInvalidResourceHandle)
      << "not recorded";
  ASSERT_EQ(cudaEventRecord(event_, a_), abi::kSuccess);
  ASSERT_EQ(cudaEventRecord(later, a_), abi::kSuccess);
  ASSERT_EQ(cudaEventSynchronize(later), abi::kSuccess);
  ASSERT_EQ(cudaEventElapsedTime(&ms, event_, later), abi::kSuccess);
  EXPECT_GE(ms, 0);
  cudaEventDestroy(later);
}

TEST_F(StreamsTest, CallTheHostBackWithoutHoldingTheDevice) {
  int devices = 0;
  ASSERT_EQ(cudaLaunchHostFunc(
                a_,
                [](void* count) {
                  std::thread([&] { cudaGetDeviceCount(static_cast<int*>(count)); }).join();
                },
                &devices),
            abi::kSuccess);
  EXPECT_EQ(devices, 1) << "another thread may use it meanwhile";
}

TEST_F(StreamsTest, AnswerNothingWithinAFunctionOfTheHost) {
  struct Call {
    void* stream;
    int depth, error;
    static void Nest(void* at) {
      auto& call = *static_cast<Call*>(at);
      if (++call.depth < 100) call.error = cudaLaunchHostFunc(call.stream, Nest, at);
    }
  } call{a_, 0, 0};
  ASSERT_EQ(cudaLaunchHostFunc(a_, Call::Nest, &call), abi::kSuccess);
  EXPECT_EQ(call.depth, 1);
  EXPECT_EQ(call.error, abi::kNotPermitted);
  int devices = 0;
  EXPECT_EQ(cudaGetDeviceCount(&devices), abi::kSuccess) << "again, once it has returned";
}

TEST_F(StreamsTest, AreNotMadeWithoutEnd) {
  std::vector<void*> made;
  void* stream = nullptr;
  while (made.size() < 100'000 && cudaStreamCreate(&stream) == abi::kSuccess) {
    made.push_back(stream);
  }
  EXPECT_EQ(cudaGetLastError(), abi::kNotSupported);
  EXPECT_GT(made.size(), 60'000U);
  EXPECT_LT(made.size(), 70'000U);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].text, "not simulated: more than 65536 streams");
  for (void* each : made) cudaStreamDestroy(each);
  EXPECT_EQ(cudaStreamCreate(&stream), abi::kSuccess);
  cudaStreamDestroy(stream);
}

TEST_F(StreamsTest, TellWhatACaptureIsMadeOf) {
  int status = -1;
  unsigned long long id = 0;
  void* graph = nullptr;
  GraphNode* const* nodes = nullptr;
  std::size_t count = 7;
  ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureGlobal), abi::kSuccess);
  ASSERT_EQ(Launch(&kAdd, nullptr, 1, a_), abi::kSuccess);
  ASSERT_EQ(cudaStreamGetCaptureInfo(a_, &status, &id, &graph, &nodes, nullptr, &count),
            abi::kSuccess);
  EXPECT_EQ(status, abi::kCaptureActive);
  EXPECT_NE(id, 0U);
  ASSERT_EQ(count, 1U);
  // A node added by hand takes its place in the capture.
  void* added = nullptr;
  ASSERT_EQ(cudaGraphAddEmptyNode(&added, graph, nodes, count), abi::kSuccess);
  auto* behind = static_cast<GraphNode*>(added);
  ASSERT_EQ(cudaStreamUpdateCaptureDependencies(a_, &behind, nullptr, 1, abi::kSetDependencies),
            abi::kSuccess);
  ASSERT_EQ(cudaStreamGetCaptureInfo(a_, &status, &id, &graph, &nodes, nullptr, &count),
            abi::kSuccess);
  ASSERT_EQ(count, 1U);
  EXPECT_EQ(nodes[0], behind);
  EXPECT_EQ(cudaGraphDestroy(graph), abi::kIllegalState) << "while it is captured";
  EXPECT_EQ(cudaGraphDestroyNode(behind), abi::kIllegalState);
  long nodes_there = 0;
  EXPECT_EQ(EndCapture(&nodes_there), abi::kSuccess);
  EXPECT_EQ(nodes_there, 2);
}

TEST_F(StreamsTest, CaptureIntoAGraphThatIsThere) {
  void *graph = nullptr, *first = nullptr, *ended = nullptr;
  std::size_t count = 0;
  ASSERT_EQ(cudaGraphCreate(&graph, 0), abi::kSuccess);
  ASSERT_EQ(cudaGraphAddEmptyNode(&first, graph, nullptr, 0), abi::kSuccess);
  auto* behind = static_cast<GraphNode*>(first);
  ASSERT_EQ(cudaStreamBeginCaptureToGraph(a_, graph, &behind, nullptr, 1, abi::kCaptureGlobal),
            abi::kSuccess);
  ASSERT_EQ(Launch(&kAdd, nullptr, 1, a_), abi::kSuccess);
  ASSERT_EQ(cudaStreamEndCapture(a_, &ended), abi::kSuccess);
  EXPECT_EQ(ended, graph);
  ASSERT_EQ(cudaGraphGetNodes(graph, nullptr, &count), abi::kSuccess);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(cudaGraphDestroy(graph), abi::kSuccess);
}

TEST_F(StreamsTest, KeepWorkInsteadOfDoingItWhileTheyCapture) {
  int status = -1;
  ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureGlobal), abi::kSuccess);
  EXPECT_EQ(cudaStreamIsCapturing(a_, &status), abi::kSuccess);
  EXPECT_EQ(status, abi::kCaptureActive);
  EXPECT_EQ(Launch(&kAdd, nullptr, 0, a_), abi::kSuccess);
  EXPECT_EQ(Launch(&kAdd, nullptr, 0, b_), abi::kSuccess) << "another stream is free";
  EXPECT_EQ(seen.size(), 1U);
  long nodes = 0;
  EXPECT_EQ(EndCapture(&nodes), abi::kSuccess);
  EXPECT_EQ(nodes, 1);
  EXPECT_EQ(cudaStreamEndCapture(a_, nullptr), abi::kInvalidValue);
  EXPECT_EQ(EndCapture(), abi::kIllegalState);
}

TEST_F(StreamsTest, SpoilACaptureByWhatItForbids) {
  void* memory = nullptr;
  const std::pair<int, std::function<int()>> forbidden[] = {
      {abi::kStreamCaptureUnsupported, [&] { return cudaStreamSynchronize(a_); }},
      {abi::kStreamCaptureUnsupported, [&] { return cudaMalloc(&memory, 4); }},
      {abi::kStreamCaptureUnsupported, [] { return cudaDeviceSynchronize(); }},
      {abi::kStreamCaptureImplicit, [] { return Launch(&kAdd); }}};
  for (const auto& [error, call] : forbidden) {
    ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureGlobal), abi::kSuccess);
    EXPECT_EQ(call(), error);
    EXPECT_EQ(Launch(&kAdd, nullptr, 0, a_), abi::kStreamCaptureInvalidated);
    EXPECT_EQ(EndCapture(), abi::kStreamCaptureInvalidated);
  }
  ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureRelaxed), abi::kSuccess);
  EXPECT_EQ(cudaMalloc(&memory, 4), abi::kSuccess) << "a relaxed capture allows it";
  EXPECT_EQ(EndCapture(), abi::kSuccess);
  cudaFree(memory);
}

TEST_F(StreamsTest, ForkACaptureByEventsAndMustJoinIt) {
  for (const bool joined : {true, false}) {
    ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureGlobal), abi::kSuccess);
    ASSERT_EQ(Launch(&kAdd, nullptr, 1, a_), abi::kSuccess);
    ASSERT_EQ(cudaEventRecord(event_, a_), abi::kSuccess);
    ASSERT_EQ(cudaStreamWaitEvent(b_, event_, 0), abi::kSuccess);
    ASSERT_EQ(Launch(&kAdd, nullptr, 2, b_), abi::kSuccess);
    ASSERT_EQ(Launch(&kAdd, nullptr, 3, a_), abi::kSuccess);
    EXPECT_EQ(cudaEventSynchronize(event_) == abi::kSuccess, false);
    cudaGetLastError();
    // That spoilt it: once more without.
    EXPECT_EQ(EndCapture(), abi::kStreamCaptureInvalidated);
    ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureGlobal), abi::kSuccess);
    ASSERT_EQ(Launch(&kAdd, nullptr, 1, a_), abi::kSuccess);
    ASSERT_EQ(cudaEventRecord(event_, a_), abi::kSuccess);
    ASSERT_EQ(cudaStreamWaitEvent(b_, event_, 0), abi::kSuccess);
    ASSERT_EQ(Launch(&kAdd, nullptr, 2, b_), abi::kSuccess);
    if (joined) {
      ASSERT_EQ(cudaEventRecord(event_, b_), abi::kSuccess);
      ASSERT_EQ(cudaStreamWaitEvent(a_, event_, 0), abi::kSuccess);
    }
    long nodes = 0;
    EXPECT_EQ(EndCapture(&nodes), joined ? abi::kSuccess : abi::kStreamCaptureUnjoined);
    EXPECT_EQ(nodes, joined ? 2 : 0);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(cudaStreamSynchronize(b_), abi::kSuccess) << "it is free again";
  }
}

TEST_F(StreamsTest, DoNotWaitForUncapturedWorkInACapture) {
  ASSERT_EQ(cudaEventRecord(event_, b_), abi::kSuccess);
  ASSERT_EQ(cudaStreamBeginCapture(a_, abi::kCaptureGlobal), abi::kSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(a_, event_, 0), abi::kStreamCaptureIsolation);
  EXPECT_EQ(EndCapture(), abi::kStreamCaptureInvalidated);
}

}  // namespace
}  // namespace caesar::sim::test
