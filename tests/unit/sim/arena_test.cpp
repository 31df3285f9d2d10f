#include "sim/arena.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace caesar::sim {
namespace {

std::unique_ptr<Arena> MakeArena(std::uint64_t bytes_max = 1 << 20) {
  auto made = Arena::Make(bytes_max);
  EXPECT_TRUE(made.ok());
  return std::move(made).value();
}

TEST(Arena, AllocatesZeroedAlignedMemoryWithinItsLimit) {
  const auto arena = MakeArena();
  const std::uint64_t a = arena->Allocate(1000, "a"), b = arena->Allocate(0, "b");
  ASSERT_NE(a, 0U);
  ASSERT_NE(b, 0U);
  EXPECT_EQ(a % Arena::kAlignment, 0U);
  EXPECT_GE(b - a, 1000U + 4096U);
  EXPECT_EQ(static_cast<int>(arena->Host(a)[999]), 0);
  std::memset(arena->Host(a), 1, 1000);
  EXPECT_EQ(arena->Allocate((1 << 20) - 999, "too much"), 0U);
  EXPECT_EQ(arena->bytes_used(), 1000U);
  EXPECT_TRUE(arena->Free(a));
  EXPECT_FALSE(arena->Free(a));
  EXPECT_EQ(arena->bytes_used(), 0U);
  EXPECT_NE(arena->Allocate(1 << 20, "all"), 0U);
}

TEST(Arena, FindsToTheByte) {
  const auto arena = MakeArena();
  const std::uint64_t a = arena->Allocate(1000, "a");
  EXPECT_NE(arena->Find(a, 1000), nullptr);
  EXPECT_EQ(arena->Find(a, 1001), nullptr);
  EXPECT_EQ(arena->Find(a - 1), nullptr);
  EXPECT_NE(arena->Find(a + 999), nullptr);
  EXPECT_EQ(arena->Find(a + 1000), nullptr);
  EXPECT_EQ(arena->Find(a, ~std::uint64_t{0}), nullptr);
}

TEST(Arena, DescribesInWords) {
  const auto arena = MakeArena();
  const std::uint64_t a = arena->Allocate(4096, "tensor x");
  EXPECT_EQ(arena->Describe(a + 4096, 4), "right behind the end of tensor x (4096 bytes)");
  EXPECT_EQ(arena->Describe(a + 4100, 4), "4 bytes behind the end of tensor x (4096 bytes)");
  EXPECT_EQ(arena->Describe(a + 4094, 4),
            "the last 2 of them behind the end of tensor x (4096 bytes)");
  EXPECT_EQ(arena->Describe(a - 4, 4), "right before the beginning of tensor x (4096 bytes)");
  EXPECT_EQ(arena->Describe(a - 5, 4), "1 byte before the beginning of tensor x (4096 bytes)");
  EXPECT_EQ(arena->Describe(8, 4), "at 0x8: a null pointer");
}

TEST(Arena, MapsFilesWithGuards) {
  const auto arena = MakeArena();
  const int fd = memfd_create("tensor", 0);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(ftruncate(fd, 8192), 0);
  ASSERT_EQ(pwrite(fd, "hello", 5, 4096), 5);
  EXPECT_FALSE(arena->Map(fd, 12288, 0, 5, true, "beyond").ok());
  EXPECT_FALSE(arena->Map(fd, 8192, 8190, 5, true, "beyond").ok());
  const auto at = arena->Map(fd, 8192, 4096, 5, false, "tensor x");
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(std::memcmp(arena->Host(at.value()), "hello", 5), 0);
  EXPECT_EQ(arena->Find(at.value() - 1), nullptr);
  EXPECT_EQ(arena->Find(at.value() + 5), nullptr);
  EXPECT_FALSE(arena->Find(at.value())->writable);
  EXPECT_EQ(arena->Describe(at.value() - 4, 4), "right before the beginning of tensor x (5 bytes)");
  close(fd);
}

TEST(ArenaDeathTest, HostCodeFaultsOnDevicePointers) {
  const auto arena = MakeArena();
  const std::uint64_t a = arena->Allocate(64, "a");
  EXPECT_DEATH(*reinterpret_cast<volatile char*>(a) = 1, "");
}

// More than a process may have mappings (vm.max_map_count: 65530).
TEST(Arena, HoldsManySmallAllocations) {
  auto arena = std::move(Arena::Make(std::uint64_t{1} << 30)).value();
  std::vector<std::uint64_t> addresses;
  for (int i = 0; i < 100'000; ++i) {
    addresses.push_back(arena->Allocate(1, "one byte"));
    ASSERT_NE(addresses.back(), 0U) << i;
  }
  *arena->Host(addresses.back()) = std::byte{7};
  // Every other one, so that what is left lies in pieces.
  for (std::size_t i = 0; i < addresses.size(); i += 2) ASSERT_TRUE(arena->Free(addresses[i]));
  EXPECT_EQ(arena->bytes_used(), 50'000U);
  EXPECT_EQ(*arena->Host(addresses.back()), std::byte{7});
  EXPECT_EQ(arena->Find(addresses.front()), nullptr);
  int more = 0;
  while (more < 1'000'000 && arena->Allocate(1, "one more") != 0) ++more;
  EXPECT_EQ(more, (1 << 18) - 50'000) << "there is an end";
}

}  // namespace
}  // namespace caesar::sim
