// The judge's kernels on the real device, held against the same text compiled by g++
// (device/elementwise.h).
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "build/toolkit.h"
#include "cuda/factory.h"
#include "device/device.h"

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

std::uint64_t HashOf(const std::vector<unsigned char>& bytes) {
  std::uint64_t sum = 0;
  const std::size_t words = bytes.size() / 8;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word;
    std::memcpy(&word, &bytes[i * 8], 8);
    sum += element::HashTerm(i, word);
  }
  for (std::size_t i = words * 8; i < bytes.size(); ++i)
    sum += element::HashTerm(~static_cast<std::uint64_t>(i), bytes[i]);
  return sum;
}

std::vector<unsigned char> OnHost(DType dtype, const element::FillOrder& order) {
  const auto size = static_cast<std::size_t>(SizeOf(dtype));
  std::vector<unsigned char> bytes(static_cast<std::size_t>(order.elements) * size);
  for (std::int64_t i = 0; i < order.elements; ++i) {
    const element::Random4 random = element::Philox(order.key, static_cast<std::uint64_t>(i / 4));
    unsigned char* at = &bytes[static_cast<std::size_t>(i) * size];
    if (dtype == DType::kF32) {
      const float value = element::FloatValue(order, i, random);
      std::memcpy(at, &value, size);
    } else if (dtype == DType::kF64) {
      const double value = element::WideValue(order, i, random);
      std::memcpy(at, &value, size);
    } else if (dtype == DType::kF16) {
      const std::uint16_t value = element::HalfOf(element::FloatValue(order, i, random));
      std::memcpy(at, &value, size);
    } else if (dtype == DType::kBf16) {
      const std::uint16_t value = element::Bf16Of(element::FloatValue(order, i, random));
      std::memcpy(at, &value, size);
    } else {
      const std::int64_t value = element::IntegerValue(order, i, random);
      std::memcpy(at, &value, size);
    }
  }
  return bytes;
}

TEST_F(JudgeDeviceTest, GeneratesBitForBitWhatTheHostDoes) {
  const std::vector<Fill> fills = {
      {Fill::Kind::kNormal, 0.5, 2},    {Fill::Kind::kUniform, -1, 1},
      {Fill::Kind::kIntegers, -5, 100}, {Fill::Kind::kConstant, 1.5, 0},
      {Fill::Kind::kRamp, -3, 0.25},    {Fill::Kind::kOneHot, 1, 0},
      {Fill::Kind::kPermutation, 0, 0}, {Fill::Kind::kMixedScale, -3, 3}};
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kF16, DType::kBf16, DType::kI8,
                            DType::kI32, DType::kI64, DType::kU16}) {
    for (const Fill& fill : fills) {
      const element::FillOrder order = FillOrderOf(fill, kKey, kRow, kElements);
      const auto want = OnHost(dtype, order);
      auto tensor = Tensor(want.size());
      ASSERT_TRUE(device_->Fill(*tensor, dtype, order).ok());
      EXPECT_EQ(device_->Hash(*tensor).value(), HashOf(want))
          << Name(dtype) << " " << Describe(fill);
    }
  }
}

TEST_F(JudgeDeviceTest, FindsEveryKindOfDifference) {
  auto got = Tensor(kElements * 4);
  auto want = Tensor(kElements * 4);
  const auto order = FillOrderOf({Fill::Kind::kNormal, 0, 1}, kKey, kRow, kElements);
  ASSERT_TRUE(device_->Fill(*want, DType::kF32, order).ok());
  ASSERT_TRUE(device_->Fill(*got, DType::kF32, order).ok());
  const auto compare = [&](std::int64_t from, std::uint64_t poison = 0) {
    return device_->Compare(*got, *want, DType::kF32, from, kElements, 1e-6, 1e-5, poison).value();
  };
  EXPECT_EQ(compare(0).mismatches, 0);
  EXPECT_EQ(compare(0).first_bad, -1);

  // Nothing written: everything differs, and is known to be unwritten.
  const std::uint64_t poison = PoisonPattern(DType::kF32, 0x1234567);
  ASSERT_TRUE(device_->Poison(*got, poison).ok());
  const ElementCompare nothing = compare(0, poison);
  EXPECT_EQ(nothing.mismatches, kElements);
  EXPECT_EQ(nothing.unwritten, kElements);
  EXPECT_EQ(nothing.first_bad, 0);
  EXPECT_TRUE(std::isnan(nothing.error_max));
  EXPECT_EQ(compare(kElements - 1, poison).mismatches, 1);
  EXPECT_EQ(compare(12'345, poison).first_bad, 12'345);

  // What the reference did not write passes nobody, not even the same NaN.
  ASSERT_TRUE(device_->Poison(*want, poison).ok());
  EXPECT_EQ(compare(0, poison).mismatches, kElements);
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

TEST_F(JudgeDeviceTest, MeasuresItsBandwidth) {
  const double gbs = device_->MeasureBandwidth().value();
  EXPECT_GT(gbs, 50);      // any GPU that CUDA 13 supports
  EXPECT_LT(gbs, 20'000);  // none yet
}

}  // namespace
}  // namespace caesar
