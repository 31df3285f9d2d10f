// Registration and launches, and what stays of a fault.
#include <algorithm>
#include <cstring>

#include "unit/sim/runtime_fake.h"

namespace caesar::sim::test {
namespace {

using Launches = Runtime;

TEST_F(Launches, PassParametersShapeAndStream) {
  int target = 0;
  ASSERT_EQ(Launch(&kAdd, &target, 7, nullptr, 96, 100), abi::kSuccess);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].kernel, "add");
  EXPECT_EQ(seen[0].shape.blocks.x, 2U);
  EXPECT_EQ(seen[0].shape.threads.x, 96U);
  EXPECT_EQ(seen[0].shape.dynamic_shared_bytes, 100U);
  void* pointer = nullptr;
  int number = 0;
  std::memcpy(&pointer, seen[0].params.data(), 8);
  std::memcpy(&number, seen[0].params.data() + 8, 4);
  EXPECT_EQ(pointer, &target);
  EXPECT_EQ(number, 7);
}

TEST_F(Launches, GoThroughTheStubsThatNvccWrites) {
  void* kernel = nullptr;
  ASSERT_EQ(__cudaGetKernel(&kernel, &kAdd), abi::kSuccess);
  ASSERT_EQ(__cudaPushCallConfiguration({3, 2, 1}, {64, 1, 1}, 16, nullptr), 0U);
  ASSERT_EQ(__cudaPushCallConfiguration({1, 1, 1}, {32, 1, 1}, 0, nullptr), 0U);
  cuda::Dim grid{}, block{};
  std::size_t shared = 1;
  void* stream = &grid;
  ASSERT_EQ(__cudaPopCallConfiguration(&grid, &block, &shared, &stream), abi::kSuccess);
  EXPECT_EQ(block.x, 32U) << "the last pushed comes first";
  ASSERT_EQ(__cudaPopCallConfiguration(&grid, &block, &shared, &stream), abi::kSuccess);
  EXPECT_EQ(grid.y, 2U);
  EXPECT_EQ(shared, 16U);
  EXPECT_EQ(stream, nullptr);
  EXPECT_EQ(__cudaPopCallConfiguration(&grid, &block, &shared, &stream),
            abi::kMissingConfiguration);
  void* pointer = nullptr;
  int number = 0;
  void* args[] = {&pointer, &number};
  EXPECT_EQ(__cudaLaunchKernel(kernel, grid, block, args, shared, nullptr), abi::kSuccess);
  EXPECT_EQ(seen.size(), 1U);
}

TEST_F(Launches, RefuseWhatIsNoKernel) {
  EXPECT_EQ(Launch(&kNobody), abi::kInvalidDeviceFunction);
  EXPECT_EQ(Launch(nullptr), abi::kInvalidDeviceFunction);
  void* kernel = nullptr;
  EXPECT_EQ(__cudaGetKernel(&kernel, &kNobody), abi::kInvalidDeviceFunction);
  EXPECT_EQ(cudaLaunchKernel(&kAdd, {1, 1, 1}, {1, 1, 1}, nullptr, 0, nullptr), abi::kInvalidValue);
  int not_a_stream = 0;
  EXPECT_EQ(Launch(&kAdd, nullptr, 0, &not_a_stream), abi::kInvalidResourceHandle);
  EXPECT_TRUE(seen.empty());
}

TEST_F(Launches, SayWhatIsNotSimulated) {
  EXPECT_EQ(Launch(&kUnknown), abi::kNotSupported);
  EXPECT_EQ(cudaGetLastError(), abi::kNotSupported);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, FindingKind::kNotSimulated);
  EXPECT_EQ(findings[0].text, "not simulated: wgmma at line 7");
  EXPECT_EQ(findings[0].kernel, "unknown");
  EXPECT_EQ(Launch(&kAdd), abi::kSuccess) << "it is no fault";
}

TEST_F(Launches, KeepTheLastErrorUntilItIsAskedFor) {
  EXPECT_EQ(Launch(&kNobody), abi::kInvalidDeviceFunction);
  EXPECT_EQ(cudaPeekAtLastError(), abi::kInvalidDeviceFunction);
  EXPECT_EQ(Launch(&kAdd), abi::kSuccess);
  EXPECT_EQ(cudaGetLastError(), abi::kInvalidDeviceFunction);
  EXPECT_EQ(cudaGetLastError(), abi::kSuccess);
  answer = abi::kInvalidConfiguration;  // as too many threads are
  EXPECT_EQ(Launch(&kAdd), abi::kInvalidConfiguration);
  answer = 0;
  EXPECT_EQ(cudaDeviceSynchronize(), abi::kSuccess) << "a launch that failed is no fault";
  EXPECT_STREQ(cudaGetErrorName(cudaGetLastError()), "cudaErrorInvalidConfiguration");
}

TEST_F(Launches, ObeyAttributes) {
  abi::LaunchAttribute attributes[3] = {};
  attributes[0].id = abi::kAttributeClusterDimension;
  attributes[0].value.dim = {2, 1, 1};
  attributes[1].id = abi::kAttributeCooperative;
  attributes[1].value.integer = 1;
  attributes[2].id = abi::kAttributePriority;
  const abi::LaunchConfig config{{4, 1, 1}, {32, 1, 1}, 64, nullptr, attributes, 3};
  void* pointer = nullptr;
  int number = 0;
  void* args[] = {&pointer, &number};
  ASSERT_EQ(cudaLaunchKernelExC(&config, &kAdd, args), abi::kSuccess);
  EXPECT_EQ(seen[0].shape.cluster.x, 2U);
  EXPECT_TRUE(seen[0].shape.clustered);
  EXPECT_TRUE(seen[0].shape.cooperative);
  EXPECT_EQ(seen[0].shape.dynamic_shared_bytes, 64U);
  EXPECT_EQ(cudaLaunchKernelExC(nullptr, &kAdd, args), abi::kInvalidValue);
  for (const unsigned count : {abi::kAttributesMax + 1, 4'000'000'000U}) {
    const abi::LaunchConfig many{{4, 1, 1}, {32, 1, 1}, 64, nullptr, attributes, count};
    EXPECT_EQ(cudaLaunchKernelExC(&many, &kAdd, args), abi::kInvalidValue) << count;
  }
  ASSERT_EQ(cudaLaunchCooperativeKernel(&kAdd, {1, 1, 1}, {32, 1, 1}, args, 0, nullptr),
            abi::kSuccess);
  EXPECT_TRUE(seen[1].shape.cooperative);
  EXPECT_FALSE(seen[1].shape.clustered);
}

TEST_F(Launches, PassOnWhatFunctionsWereGranted) {
  constexpr int kMax = 232448 - 1024;
  EXPECT_EQ(cudaFuncSetAttribute(&kAdd, abi::kMaxDynamicSharedMemorySize, kMax + 1),
            abi::kInvalidValue);
  EXPECT_EQ(cudaFuncSetAttribute(&kAdd, abi::kMaxDynamicSharedMemorySize, kMax), abi::kSuccess);
  EXPECT_EQ(cudaFuncSetAttribute(&kAdd, abi::kNonPortableClusterSizeAllowed, 1), abi::kSuccess);
  EXPECT_EQ(cudaFuncSetAttribute(&kAdd, 77, 1), abi::kInvalidValue);
  EXPECT_EQ(Launch(&kAdd), abi::kSuccess);
  EXPECT_EQ(seen[0].shape.dynamic_shared_max, static_cast<unsigned>(kMax));
  EXPECT_TRUE(seen[0].shape.nonportable_cluster);
  abi::FuncAttributes attributes{};
  ASSERT_EQ(cudaFuncGetAttributes(&attributes, &kAdd), abi::kSuccess);
  EXPECT_EQ(attributes.sharedSizeBytes, 1024U);
  EXPECT_EQ(attributes.maxDynamicSharedSizeBytes, kMax);
  EXPECT_EQ(attributes.maxThreadsPerBlock, 1024);
  int blocks = 0;
  ASSERT_EQ(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(&blocks, &kAdd, 256, 0, 0),
            abi::kSuccess);
  EXPECT_EQ(blocks, 8) << "2048 threads";
  ASSERT_EQ(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(&blocks, &kAdd, 2048, 0, 0),
            abi::kSuccess);
  EXPECT_EQ(blocks, 0);
}

TEST_F(Launches, AreReportedByKernelAndShape) {
  Launch(&kAdd);
  Launch(&kAdd);
  Launch(&kAdd, nullptr, 0, nullptr, 64);
  Launch(&kAdd, nullptr, 0, device().stream());
  const CallReport report = device().EndCall();
  ASSERT_EQ(report.kernels.size(), 2U);
  EXPECT_EQ(report.kernels[0].launches, 3U);
  EXPECT_EQ(report.kernels[0].record.counts[0].lanes, 96U);
  EXPECT_EQ(report.kernels[0].record.blocks_run, 6U);
  EXPECT_TRUE(report.kernels[0].other_stream);
  EXPECT_EQ(report.kernels[1].record.shape.threads.x, 64U);
  EXPECT_EQ(report.other_stream_records, 3);
  EXPECT_EQ(report.dropped, 0);
}

// What one launch touches stands for no more than itself.
TEST_F(Launches, OnDifferentMemoryCountByTheLargest) {
  const auto after = [&](std::vector<TouchedMemory> launches) {
    for (const TouchedMemory& each : launches) {
      touched = each;
      Launch(&kAdd);
    }
    return device().EndCall().kernels.at(0).record.touched.at(0);
  };
  EXPECT_EQ(after({{4096, 8192}, {4096, 8192}}).begin, 4096U);
  const TouchedMemory other = after({{4096, 4128}, {8192, 9192}, {0, 0}, {8192, 8200}});
  EXPECT_EQ(other.end - other.begin, 1000U);
  EXPECT_LT(other.begin, 4096U) << "an allocation's address";
  EXPECT_FALSE(other.several);
  EXPECT_TRUE(after({{4096, 8192}, {4096, 8192, true}, {4096, 8192}}).several);
}

TEST_F(Launches, PrintWhenTheHostSynchronises) {
  printed = "hello from the device\n";
  testing::internal::CaptureStdout();
  Launch(&kAdd);
  std::fflush(stdout);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  testing::internal::CaptureStdout();
  EXPECT_EQ(cudaDeviceSynchronize(), abi::kSuccess);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "hello from the device\n");

  ASSERT_EQ(cudaDeviceSetLimit(abi::kLimitPrintf, 30), abi::kSuccess);
  testing::internal::CaptureStdout();
  Launch(&kAdd);
  Launch(&kAdd);
  EXPECT_EQ(cudaDeviceSynchronize(), abi::kSuccess);
  EXPECT_EQ(testing::internal::GetCapturedStdout().size(), 30U);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, FindingKind::kPrintfOverflow);
  ASSERT_EQ(cudaDeviceSetLimit(abi::kLimitPrintf, 1 << 20), abi::kSuccess);
}

// A fault stays for the life of the process, so it gets one of its own.
TEST_F(Launches, LeaveADeviceWithAFaultUnusable) {
  const auto fault = [] {
    answer = 700;
    if (Launch(&kAdd) != abi::kSuccess) return 1;  // found later, as on a GPU
    answer = 0;
    if (cudaGetLastError() != abi::kSuccess) return 2;
    if (cudaDeviceSynchronize() != 700) return 3;
    if (Launch(&kAdd) != 700 || seen.size() != 1) return 4;
    void* memory = nullptr;
    if (cudaMalloc(&memory, 4) != 700) return 5;
    if (cudaGetLastError() != 700) return 6;
    if (cudaDeviceSynchronize() != 700) return 7;
    if (device().EndCall().error != 700) return 8;
    return 0;
  };
  EXPECT_EXIT(std::_Exit(fault()), testing::ExitedWithCode(0), "");
}

// A million empty kernels: each is over at once, all together are not.
TEST_F(Launches, EndWithTheTimeOfTheCall) {
  const auto late = [] {
    LaunchOptions options;
    options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    device().SetLaunchOptions(options);
    if (Launch(&kAdd) != abi::kSuccess) return 1;
    if (!seen.empty()) return 2;
    if (cudaDeviceSynchronize() != 702) return 3;
    const CallReport report = device().EndCall();
    if (report.findings.size() != 1) return 4;
    if (report.findings[0].text != "the call's time is over after 1 launches") return 5;
    return report.findings[0].kind == FindingKind::kWatchdog ? 0 : 6;
  };
  EXPECT_EXIT(std::_Exit(late()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace caesar::sim::test
