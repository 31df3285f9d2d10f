// The judge's side of a device in host memory: what is queued is late, what is read is right, what
// lies outside faults or is noticed.
#include "device/host_judge.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <vector>

namespace caesar {
namespace {

class HostJudgeTest : public testing::Test {
 protected:
  static DeviceInfo Info() {
    DeviceInfo info;
    info.kind = "sim";
    info.memory_bytes = 1 << 20;
    info.bandwidth_gbs = 12;
    return info;
  }
  std::unique_ptr<DeviceTensor> Make(std::uint64_t bytes) {
    auto tensor = judge_->Allocate(bytes);
    EXPECT_TRUE(tensor.ok());
    return tensor.ok() ? std::move(tensor).value() : nullptr;
  }
  std::unique_ptr<JudgeDevice> judge_ = MakeHostJudge(Info(), "the image");
};

TEST_F(HostJudgeTest, GivesRunnersWhatTheyNeed) {
  EXPECT_EQ(judge_->RunnerImage().value(), "the image");
  EXPECT_EQ(judge_->MeasureBandwidth().value(), 12);
  EXPECT_EQ(judge_->info().kind, "sim");
}

TEST_F(HostJudgeTest, ATensorEndsWithItsMapping) {
  const auto tensor = Make(1000);
  const TensorMemory& memory = tensor->memory();
  EXPECT_EQ(memory.mapped_bytes % kHostGranule, 0U);
  EXPECT_EQ(memory.offset + 1024, memory.mapped_bytes) << "1000 bytes, in units of 256";
  EXPECT_EQ(memory.bytes, 1000U);
  EXPECT_NE(ftruncate(memory.fd, 0), 0) << "a runner that shrinks it would kill the judge";
}

TEST_F(HostJudgeTest, MemoryIsCountedAndComesBack) {
  const std::int64_t all = judge_->FreeBytes();
  EXPECT_EQ(all, 1 << 20);
  {
    const auto tensor = Make(100'000);
    EXPECT_EQ(judge_->FreeBytes(), all - std::int64_t{2 * kHostGranule});
    auto more = judge_->Allocate(1 << 20);
    ASSERT_TRUE(more.ok());
    EXPECT_EQ(more.value(), nullptr) << "no error, but no room";
  }
  EXPECT_EQ(judge_->FreeBytes(), all);
}

TEST_F(HostJudgeTest, FillsAndPoisonsWhenAskedToWait) {
  const auto tensor = Make(400);
  const Fill fill{Fill::Kind::kConstant, 2.5, 0};
  ASSERT_TRUE(judge_->Fill(*tensor, DType::kF32, FillOrderOf(fill, {1, 2}, 100, 100)).ok());
  EXPECT_EQ(judge_->Read(*tensor, DType::kF32, 99).value(), 0) << "not yet";
  ASSERT_TRUE(judge_->Synchronize().ok());
  EXPECT_EQ(judge_->Read(*tensor, DType::kF32, 99).value(), 2.5);
  ASSERT_TRUE(judge_->Poison(*tensor, PoisonPattern(DType::kF32, 77)).ok());
  EXPECT_EQ(judge_->Read(*tensor, DType::kF32, 0).value(), 2.5) << "not yet";
  ASSERT_TRUE(judge_->Synchronize().ok());
  for (std::int64_t i = 0; i < 100; ++i)
    EXPECT_TRUE(std::isnan(judge_->Read(*tensor, DType::kF32, i).value())) << i;
}

TEST_F(HostJudgeTest, ComparesAndHashes) {
  const auto got = Make(400), want = Make(400);
  const Fill ramp{Fill::Kind::kRamp, 1, 1};
  for (DeviceTensor* tensor : {got.get(), want.get()})
    ASSERT_TRUE(judge_->Fill(*tensor, DType::kF32, FillOrderOf(ramp, {}, 100, 100)).ok());
  ASSERT_TRUE(judge_->Synchronize().ok());
  EXPECT_EQ(judge_->Hash(*got).value(), judge_->Hash(*want).value());
  EXPECT_EQ(judge_->Compare(*got, *want, DType::kF32, 0, 100, 0, 1e-6, 0).value().mismatches, 0);
  auto mapping = HostMapping::Make(got->memory().fd, got->memory().mapped_bytes, true);
  ASSERT_TRUE(mapping.ok());
  reinterpret_cast<float*>(mapping.value().begin() + got->memory().offset)[42] = -1;
  EXPECT_NE(judge_->Hash(*got).value(), judge_->Hash(*want).value());
  const auto compared = judge_->Compare(*got, *want, DType::kF32, 0, 100, 0, 1e-6, 0).value();
  EXPECT_EQ(compared.mismatches, 1);
  EXPECT_EQ(compared.first_bad, 42);
}

TEST_F(HostJudgeTest, SeesWhatIsWrittenAroundATensor) {
  const auto tensor = Make(1000);
  const TensorMemory& memory = tensor->memory();
  constexpr std::uint64_t kPattern = 0x1122334455667788;
  ASSERT_TRUE(judge_->PoisonGuards(*tensor, kPattern).ok());
  EXPECT_EQ(judge_->GuardBytesChanged(*tensor, kPattern).value(), 0);
  auto mapping = HostMapping::Make(memory.fd, memory.mapped_bytes, true);
  ASSERT_TRUE(mapping.ok());
  unsigned char* const data = mapping.value().begin() + memory.offset;
  data[0] = data[999] = 1;  // its own
  EXPECT_EQ(judge_->GuardBytesChanged(*tensor, kPattern).value(), 0);
  data[-1] ^= 1;
  data[1000] ^= 1;
  data[1023] ^= 1;
  EXPECT_EQ(judge_->GuardBytesChanged(*tensor, kPattern).value(), 3);
}

using HostMappingDeathTest = HostJudgeTest;

TEST_F(HostMappingDeathTest, FaultsOutsideAndWhereItIsReadOnly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto tensor = Make(1000);
  auto mapping = HostMapping::Make(tensor->memory().fd, tensor->memory().mapped_bytes, false);
  ASSERT_TRUE(mapping.ok());
  volatile unsigned char* const begin = mapping.value().begin();
  EXPECT_EQ(begin[0], 0);
  EXPECT_DEATH(static_cast<void>(begin[-1]), "");
  EXPECT_DEATH(static_cast<void>(begin[tensor->memory().mapped_bytes]), "");
  EXPECT_DEATH(begin[0] = 1, "");
}

}  // namespace
}  // namespace caesar
