// Memory pools, memory that is registered, and copies in batches.
#include <cstring>

#include "unit/sim/runtime_fake.h"

namespace caesar::sim::test {
namespace {

class PoolTest : public Runtime {
 protected:
  void SetUp() override {
    Runtime::SetUp();
    abi::MemPoolProps properties{};
    properties.allocType = 1;
    properties.location = {abi::kLocationDevice, 0};
    properties.maxSize = 4096;
    ASSERT_EQ(cudaMemPoolCreate(&pool_, &properties), abi::kSuccess);
  }
  std::uint64_t Attribute(int which) {
    std::uint64_t value = 0;
    EXPECT_EQ(cudaMemPoolGetAttribute(pool_, which, &value), abi::kSuccess);
    return value;
  }
  void* pool_ = nullptr;
};

TEST_F(PoolTest, CountsWhatIsTakenFromIt) {
  void *a = nullptr, *b = nullptr;
  ASSERT_EQ(cudaMallocFromPoolAsync(&a, 3000, pool_, nullptr), abi::kSuccess);
  EXPECT_EQ(cudaMallocFromPoolAsync(&b, 1097, pool_, nullptr), abi::kMemoryAllocation);
  ASSERT_EQ(cudaMallocFromPoolAsync(&b, 1096, pool_, nullptr), abi::kSuccess);
  EXPECT_EQ(Attribute(abi::kPoolUsedCurrent), 4096U);
  ASSERT_EQ(cudaFreeAsync(a, nullptr), abi::kSuccess);
  EXPECT_EQ(Attribute(abi::kPoolUsedCurrent), 1096U);
  EXPECT_EQ(Attribute(abi::kPoolUsedHigh), 4096U);
  std::uint64_t value = 0;
  ASSERT_EQ(cudaMemPoolSetAttribute(pool_, abi::kPoolUsedHigh, &value), abi::kSuccess);
  EXPECT_EQ(Attribute(abi::kPoolUsedHigh), 1096U);
  value = 1 << 20;
  ASSERT_EQ(cudaMemPoolSetAttribute(pool_, abi::kPoolReleaseThreshold, &value), abi::kSuccess);
  EXPECT_EQ(Attribute(abi::kPoolReleaseThreshold), value);
  EXPECT_EQ(cudaMemPoolSetAttribute(pool_, 99, &value), abi::kInvalidValue);
  EXPECT_EQ(cudaMemPoolDestroy(pool_), abi::kSuccess);
  EXPECT_EQ(cudaMemPoolDestroy(pool_), abi::kInvalidValue);
  EXPECT_EQ(cudaFree(b), abi::kSuccess) << "what came from it is still there";
  EXPECT_EQ(cudaMallocFromPoolAsync(&b, 16, pool_, nullptr), abi::kInvalidValue);
}

TEST_F(PoolTest, ServesTheDeviceWhereItIsItsOwn) {
  void *a = nullptr, *current = nullptr;
  ASSERT_EQ(cudaDeviceSetMemPool(0, pool_), abi::kSuccess);
  ASSERT_EQ(cudaDeviceGetMemPool(&current, 0), abi::kSuccess);
  EXPECT_EQ(current, pool_);
  ASSERT_EQ(cudaMallocAsync(&a, 100, nullptr), abi::kSuccess);
  EXPECT_EQ(Attribute(abi::kPoolUsedCurrent), 100U);
  ASSERT_EQ(cudaFreeAsync(a, nullptr), abi::kSuccess);
  ASSERT_EQ(cudaMemPoolDestroy(pool_), abi::kSuccess);
  ASSERT_EQ(cudaDeviceGetMemPool(&current, 0), abi::kSuccess);
  EXPECT_NE(current, pool_) << "the default one again";
}

TEST_F(PoolTest, IsOfTheDevice) {
  abi::MemPoolProps properties{};
  properties.allocType = 1;
  properties.location = {2, 0};  // the host
  void* other = nullptr;
  EXPECT_EQ(cudaMemPoolCreate(&other, &properties), abi::kNotSupported);
  properties.location = {abi::kLocationDevice, 1};
  EXPECT_EQ(cudaMemPoolCreate(&other, &properties), abi::kInvalidDevice);
  EXPECT_EQ(cudaMemPoolCreate(&other, nullptr), abi::kInvalidValue);
  cudaMemPoolDestroy(pool_);
}

TEST_F(PoolTest, IsNotNeededForMemoryOfTheHost) {
  cudaMemPoolDestroy(pool_);
  char buffer[64] = "registered";
  void* on_device = buffer;
  ASSERT_EQ(cudaHostRegister(buffer, sizeof buffer, 0), abi::kSuccess);
  EXPECT_EQ(cudaHostRegister(buffer + 8, 8, 0), abi::kHostMemoryAlreadyRegistered);
  abi::PointerAttributes attributes{};
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, buffer + 63), abi::kSuccess);
  EXPECT_EQ(attributes.type, abi::kHost);
  EXPECT_EQ(attributes.devicePointer, nullptr);
  EXPECT_EQ(cudaHostGetDevicePointer(&on_device, buffer, 0), abi::kNotSupported);
  EXPECT_EQ(on_device, nullptr);
  EXPECT_EQ(Findings().size(), 1U);
  ASSERT_EQ(cudaHostUnregister(buffer), abi::kSuccess);
  EXPECT_EQ(cudaHostUnregister(buffer), abi::kHostMemoryNotRegistered);
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, buffer), abi::kSuccess);
  EXPECT_EQ(attributes.type, abi::kUnregistered);
}

TEST_F(PoolTest, IsFilledAndCopiedInPieces) {
  void *a = nullptr, *b = nullptr;
  ASSERT_EQ(cudaMallocFromPoolAsync(&a, 64, pool_, nullptr), abi::kSuccess);
  ASSERT_EQ(cudaMallocFromPoolAsync(&b, 64, pool_, nullptr), abi::kSuccess);
  // Two planes of two rows of 3 bytes in a pitch of 8, planes of 4 rows.
  ASSERT_EQ(cudaMemset3D({a, 8, 3, 4}, 7, {3, 2, 2}), abi::kSuccess);
  char bytes[64];
  ASSERT_EQ(cudaMemcpy(bytes, a, 64, abi::kDeviceToHost), abi::kSuccess);
  for (int i = 0; i < 64; ++i) {
    const bool filled = i % 8 < 3 && i / 8 % 4 < 2;
    EXPECT_EQ(bytes[i], filled ? 7 : 0) << i;
  }
  void* const to[] = {b, static_cast<char*>(b) + 32};
  const void* const from[] = {a, bytes};
  const std::size_t sizes[] = {32, 32};
  ASSERT_EQ(cudaMemcpyBatchAsync(to, from, sizes, 2, nullptr, nullptr, 0, nullptr, nullptr),
            abi::kSuccess);
  char back[64];
  ASSERT_EQ(cudaMemcpy(back, b, 64, abi::kDeviceToHost), abi::kSuccess);
  EXPECT_EQ(std::memcmp(back, bytes, 32), 0);
  EXPECT_EQ(std::memcmp(back + 32, bytes, 32), 0);
  cudaFree(a);
  cudaFree(b);
  cudaMemPoolDestroy(pool_);
}

}  // namespace
}  // namespace caesar::sim::test
