// Streams, events and capture.
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
  int calls = 0;
  ASSERT_EQ(cudaLaunchHostFunc(
                a_,
                [](void* count) {
                  int devices = 0;
                  cudaGetDeviceCount(&devices);
                  *static_cast<int*>(count) += devices;
                },
                &calls),
            abi::kSuccess);
  EXPECT_EQ(calls, 1);
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
