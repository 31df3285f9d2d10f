// The judge's kernels on the real device, held against the same text compiled by g++
// (device/elementwise.h).
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>

#include "build/toolkit.h"
#include "cuda/factory.h"
#include "device/device.h"
#include "golden/elementwise_cases.h"

namespace caesar {
namespace {

constexpr std::int64_t kElements = 100'003;  // not a multiple of any vector width
constexpr std::int64_t kRow = 41;
const element::Key kKey{0x0123456789ABCDEFULL, 0xFEDCBA9876543210ULL};

class JudgeDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto toolkit = FindToolkit(RealFiles(), RealProcesses());
    auto opened = CudaDevices().OpenJudge("auto", toolkit.ok() ? toolkit.value().home : "");
    if (!opened.ok()) GTEST_SKIP() << opened.error().message;
    device_ = std::move(opened).value();
  }

  std::unique_ptr<DeviceTensor> Tensor(std::uint64_t bytes) {
    auto tensor = device_->Allocate(bytes);
    EXPECT_TRUE(tensor.ok());
    return std::move(tensor).value();
  }

  std::unique_ptr<JudgeDevice> device_;
};

TEST_F(JudgeDeviceTest, GeneratesBitForBitWhatTheHostDoes) {
  // One line for each case, as the host computed it (tests/unit/device holds the host to the same
  // file).
  std::ifstream file(CAESAR_GOLDEN_FOLDER "/elementwise.txt");
  std::set<std::string> golden;
  for (std::string line; std::getline(file, line);) golden.insert(line);
  for (const ElementwiseCase& fill : ElementwiseCases()) {
    auto tensor = Tensor(static_cast<std::uint64_t>(fill.elements * SizeOf(fill.dtype)));
    ASSERT_TRUE(device_->Fill(*tensor, fill.dtype, fill.Order()).ok());
    ASSERT_TRUE(device_->Synchronize().ok());
    const std::string line = fill.Line(device_->Hash(*tensor).value());
    EXPECT_TRUE(golden.contains(line)) << line;
  }
}

TEST_F(JudgeDeviceTest, FindsEveryKindOfDifference) {
  auto got = Tensor(kElements * 4);
  auto want = Tensor(kElements * 4);
  const auto order = FillOrderOf({Fill::Kind::kNormal, 0, 1}, kKey, kRow, kElements);
  ASSERT_TRUE(device_->Fill(*want, DType::kF32, order).ok());
  ASSERT_TRUE(device_->Fill(*got, DType::kF32, order).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  const auto compare = [&](std::int64_t from, std::uint64_t poison = 0) {
    return device_->Compare(*got, *want, DType::kF32, from, kElements, 1e-6, 1e-5, poison).value();
  };
  EXPECT_EQ(compare(0).mismatches, 0);
  EXPECT_EQ(compare(0).first_bad, -1);

  // Nothing written: everything differs, and is known to be unwritten.
  const std::uint64_t poison = PoisonPattern(DType::kF32, 0x1234567);
  ASSERT_TRUE(device_->Poison(*got, poison).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  const ElementCompare nothing = compare(0, poison);
  EXPECT_EQ(nothing.mismatches, kElements);
  EXPECT_EQ(nothing.unwritten, kElements);
  EXPECT_EQ(nothing.first_bad, 0);
  EXPECT_TRUE(std::isnan(nothing.error_max));
  EXPECT_EQ(compare(kElements - 1, poison).mismatches, 1);
  EXPECT_EQ(compare(12'345, poison).first_bad, 12'345);

  // What the reference did not write passes nobody, not even the same NaN.
  ASSERT_TRUE(device_->Poison(*want, poison).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  EXPECT_EQ(compare(0, poison).mismatches, kElements);
}

TEST_F(JudgeDeviceTest, MarksWhatComparesWrong) {
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kF16, DType::kI8}) {
    const auto bytes = static_cast<std::uint64_t>(kElements * SizeOf(dtype));
    auto got = Tensor(bytes);
    auto want = Tensor(bytes);
    // Rows of 41 with a one at some place: two keys differ at most at two places of a row.
    const element::Key other{1, 2};
    const Fill fill{Fill::Kind::kOneHot, 1, 0};
    ASSERT_TRUE(device_->Fill(*want, dtype, FillOrderOf(fill, kKey, kRow, kElements)).ok());
    ASSERT_TRUE(device_->Fill(*got, dtype, FillOrderOf(fill, other, kRow, kElements)).ok());
    ASSERT_TRUE(device_->Synchronize().ok());
    std::int64_t marked = 0;
    for (const auto& [from, count] :
         {std::pair<std::int64_t, std::int64_t>{0, 64'000}, {64'000, kElements - 64'000}}) {
      const auto marks = device_->Mark(*got, *want, dtype, from, count, 0.5, 0, 1).value();
      ASSERT_EQ(marks.size(), static_cast<std::size_t>((count + 63) / 64));
      for (std::int64_t i = 0; i < count; ++i) {
        if ((marks[static_cast<std::size_t>(i / 64)] >> (i % 64) & 1) == 0) continue;
        ++marked;
        if (marked % 97 != 0) continue;
        EXPECT_NE(device_->Read(*got, dtype, from + i).value(),
                  device_->Read(*want, dtype, from + i).value());
      }
    }
    const auto compared = device_->Compare(*got, *want, dtype, 0, kElements, 0.5, 0, 1).value();
    EXPECT_GT(marked, 1000);
    EXPECT_EQ(marked, compared.mismatches);
  }
}

TEST_F(JudgeDeviceTest, SeesEveryByteAroundATensor) {
  for (const std::uint64_t bytes :
       {std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{1'000'001}}) {
    auto tensor = Tensor(bytes);
    const std::uint64_t pattern = PoisonPattern(DType::kF32, 77);
    ASSERT_TRUE(device_->PoisonGuards(*tensor, pattern).ok());
    EXPECT_EQ(device_->GuardBytesChanged(*tensor, pattern).value(), 0) << bytes;
    EXPECT_EQ(device_->GuardBytesChanged(*tensor, ~pattern).value(),
              static_cast<std::int64_t>(tensor->memory().mapped_bytes - bytes))
        << bytes;
  }
}

TEST_F(JudgeDeviceTest, SaysWhenThereIsNoMemory) {
  const auto tensor = device_->Allocate(std::uint64_t{1} << 42);
  ASSERT_TRUE(tensor.ok()) << tensor.error().message;
  EXPECT_EQ(tensor.value(), nullptr);
  EXPECT_NE(Tensor(1 << 20), nullptr);  // and goes on
}

TEST_F(JudgeDeviceTest, HoldsTheDeviceUntilItIsReleased) {
  auto tensor = Tensor(kElements * 4);
  const auto order = FillOrderOf({Fill::Kind::kNormal, 0, 1}, kKey, kRow, kElements);
  // To load a kernel waits for all that runs; the judge has used its own before it holds the
  // device.
  ASSERT_TRUE(device_->Fill(*tensor, DType::kF32, order).ok());
  ASSERT_TRUE(device_->Poison(*tensor, 0x7FF8000000000001ULL).ok());
  ASSERT_TRUE(device_->FlushCache().ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(device_->Hold().ok());
    // The judge's own work goes on meanwhile.
    ASSERT_TRUE(device_->Fill(*tensor, DType::kF32, order).ok());
    ASSERT_TRUE(device_->Poison(*tensor, 0x7FF8000000000001ULL).ok());
    ASSERT_TRUE(device_->FlushCache().ok());
    ASSERT_TRUE(device_->Synchronize().ok());
    device_->Release();
    EXPECT_GT(device_->LongestPauseUs(), 0);
    EXPECT_LT(device_->LongestPauseUs(), 1000) << "nobody else is here";
  }
}

TEST_F(JudgeDeviceTest, AHoldEndsByItself) {
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(device_->Hold().ok());
  EXPECT_TRUE(std::isinf(device_->LongestPauseUs())) << "waits for the end, which nobody orders";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(5 * kHoldMaxMs));
  device_->Release();
  ASSERT_TRUE(device_->Hold().ok()) << "the next one";
  device_->Release();
  EXPECT_FALSE(std::isinf(device_->LongestPauseUs()));
}

TEST_F(JudgeDeviceTest, MeasuresWhatItReachesAtBest) {
  DeviceInfo info = device_->info();
  ASSERT_TRUE(device_->MeasureCeilings(info).ok());
  const double copy_gbs = device_->MeasureBandwidth().value();
  EXPECT_GT(info.read_gbs, 0.8 * copy_gbs);
  EXPECT_LT(info.read_gbs, 1.5 * copy_gbs);
  // Two operations a clock of 64 to 128 lanes a multiprocessor, at no more than the highest clock.
  const double per_lane = 2e-6 * info.clock_mhz * info.sm_count;
  EXPECT_GT(info.fp32_tflops, 0.5 * 64 * per_lane);
  EXPECT_LT(info.fp32_tflops, 1.05 * 128 * per_lane);
}

TEST_F(JudgeDeviceTest, ReadsItsClocks) {
  const auto health = device_->Health();
  if (!health.has_value()) GTEST_SKIP() << "NVML cannot be asked here";
  EXPECT_GT(health->sm_clock_mhz, 100);
  EXPECT_GT(health->memory_clock_mhz, 100);
  EXPECT_GT(health->temperature_c, 5);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) device_->Health();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  std::printf("one reading takes %.3f ms\n", took.count() / 20);
}

TEST_F(JudgeDeviceTest, MeasuresItsBandwidth) {
  const double gbs = device_->MeasureBandwidth().value();
  EXPECT_GT(gbs, 50);      // any GPU that CUDA 13 supports
  EXPECT_LT(gbs, 20'000);  // none yet
}

}  // namespace
}  // namespace caesar
