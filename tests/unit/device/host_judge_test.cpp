// The judge's side of a device in host memory: what is queued is late, what is read is right, what
// lies outside faults or is noticed.
#include "device/host_judge.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

// Tensors far larger than the device's memory, of which little is touched.
class SparseTensorsTest : public HostJudgeTest {
 protected:
  static constexpr std::int64_t kElements = std::int64_t{1} << 30;  // 4 GiB
  std::unique_ptr<DeviceTensor> MakeSparse() {
    auto tensor = sparse().AllocateSparse(static_cast<std::uint64_t>(kElements) * 4);
    EXPECT_TRUE(tensor.ok());
    return tensor.ok() ? std::move(tensor).value() : nullptr;
  }
  // As a runner would, through its own mapping.
  static void Write(const DeviceTensor& tensor, std::int64_t index, float value) {
    const auto at = static_cast<off_t>(tensor.memory().offset) + static_cast<off_t>(index) * 4;
    ASSERT_EQ(pwrite(tensor.memory().fd, &value, sizeof value, at), 4);
  }
  static std::int64_t BytesTaken(const DeviceTensor& tensor) {
    struct stat status {};
    EXPECT_EQ(fstat(tensor.memory().fd, &status), 0);
    return static_cast<std::int64_t>(status.st_blocks) * 512;
  }
  double At(DeviceTensor& tensor, std::int64_t index) {
    return judge_->Read(tensor, DType::kF32, index).value();
  }
  SparseTensors& sparse() { return *judge_->sparse(); }
};

TEST_F(SparseTensorsTest, FillsWhatWasTouched) {
  const std::int64_t all = judge_->FreeBytes();
  const auto tensor = MakeSparse();
  EXPECT_EQ(judge_->FreeBytes(), all);
  Write(*tensor, kElements / 2, 7);
  const auto order = FillOrderOf({Fill::Kind::kRamp, 0, 1}, {1, 2}, kElements, kElements);
  ASSERT_TRUE(sparse().FillTouched(*tensor, DType::kF32, order).ok());
  EXPECT_EQ(At(*tensor, kElements / 2), static_cast<double>(kElements / 2)) << "its own value";
  EXPECT_LT(BytesTaken(*tensor), 16 << 20) << "a few pages, however large they are";
  EXPECT_EQ(At(*tensor, kElements / 4), 0);
}

TEST_F(SparseTensorsTest, ComparesWhatBothWrote) {
  const auto want = MakeSparse(), got = MakeSparse();
  const std::uint64_t poison = PoisonPattern(DType::kF32, 77);
  const std::int64_t far = kElements - 5;
  for (const std::int64_t i : {std::int64_t{0}, far}) Write(*want, i, 0);
  ASSERT_TRUE(sparse().PoisonTouched(*want, *want, poison).ok());
  ASSERT_TRUE(sparse().PoisonTouched(*got, *want, poison).ok());
  const auto compare = [&] {
    return sparse().CompareTouched(*got, *want, DType::kF32, 1e-3, 0, poison).value();
  };
  EXPECT_EQ(compare().compared, 0) << "nobody wrote";
  Write(*want, 0, 1);
  Write(*want, 3, 2);
  Write(*want, far, 3);
  EXPECT_EQ(compare().compared, 0) << "one of them wrote";
  Write(*got, 2, 5);
  Write(*got, 3, 2);
  Write(*got, far, 3.5F);
  Write(*got, kElements / 2, 9);  // where the other was never touched
  const SparseCompare found = compare();
  EXPECT_EQ(found.compared, 2);
  EXPECT_EQ(found.mismatches, 1);
  EXPECT_LT(BytesTaken(*got) + BytesTaken(*want), 32 << 20);
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
