// Sectors and waves against theory.
#include "sim/memory_traffic.h"

#include <gtest/gtest.h>

namespace caesar::sim {
namespace {

struct Addresses {
  std::uint64_t of[kLanes];
};
Addresses Stride(std::uint64_t first, std::uint64_t bytes) {
  Addresses addresses{};
  for (std::uint64_t i = 0; i < kLanes; ++i) addresses.of[i] = first + i * bytes;
  return addresses;
}

TEST(MemoryTraffic, Sectors) {
  EXPECT_EQ(SectorsOf(Stride(0, 4).of, kAllLanes, 4), 4U);
  EXPECT_EQ(SectorsOf(Stride(4, 4).of, kAllLanes, 4), 5U);
  EXPECT_EQ(SectorsOf(Stride(0, 1).of, kAllLanes, 1), 1U);
  EXPECT_EQ(SectorsOf(Stride(0, 16).of, kAllLanes, 16), 16U);
  EXPECT_EQ(SectorsOf(Stride(0, 0).of, kAllLanes, 4), 1U);
  EXPECT_EQ(SectorsOf(Stride(0, 4096).of, 0x0000FFFF, 4), 16U);
}

TEST(MemoryTraffic, LocalMemoryIsInterleaved) {
  EXPECT_EQ(LocalSectorsOf(Stride(64, 0).of, kAllLanes, 4), 4U);
  EXPECT_EQ(LocalSectorsOf(Stride(64, 0).of, kAllLanes, 16), 16U);
  EXPECT_EQ(LocalSectorsOf(Stride(0, 4).of, kAllLanes, 4), 32U);
}

std::uint32_t Taken(const Addresses& offsets, Mask lanes, std::uint32_t bytes,
                    Touch touch = Touch::kRead) {
  return WavesOf(offsets.of, lanes, bytes, touch).taken;
}

TEST(MemoryTraffic, Waves) {
  for (std::uint32_t degree = 1; degree <= 32; degree *= 2) {
    EXPECT_EQ(Taken(Stride(0, 4 * degree), kAllLanes, 4), degree);
  }
  EXPECT_EQ(Taken(Stride(0, 12), kAllLanes, 4), 1U);
  EXPECT_EQ(Taken(Stride(0, 132), kAllLanes, 4), 1U);
  EXPECT_EQ(Taken(Stride(0, 0), kAllLanes, 4), 1U);
  EXPECT_EQ(Taken(Stride(0, 0), kAllLanes, 4, Touch::kAtomic), 32U);
  EXPECT_EQ(Taken(Stride(0, 8), kAllLanes, 8), 2U);
  EXPECT_EQ(Taken(Stride(0, 16), kAllLanes, 16), 4U);
  EXPECT_EQ(Taken(Stride(0, 128), kAllLanes, 16), 32U);
  EXPECT_EQ(Taken(Stride(0, 16), 0x000000FF, 16), 1U);
  EXPECT_EQ(WavesOf(Stride(0, 128).of, kAllLanes, 16, Touch::kRead).ideal, 4U);
  EXPECT_EQ(WavesOf(Stride(0, 16).of, 0x0000FFFF, 8, Touch::kWrite).ideal, 1U);
}

// 16 bytes further every `same` lanes.
Addresses InGroups(std::uint64_t same) {
  Addresses addresses{};
  for (std::uint64_t i = 0; i < kLanes; ++i) addresses.of[i] = i / same * 16;
  return addresses;
}

TEST(MemoryTraffic, LanesThatReadTheSameInPairsTakeHalfAsManyWaves) {
  const Addresses same = Stride(64, 0), pairs = InGroups(2), halves = InGroups(16);
  for (const Addresses& each : {same, pairs, halves}) {
    const Waves waves = WavesOf(each.of, kAllLanes, 16, Touch::kRead);
    EXPECT_EQ(waves.taken, 2U);
    EXPECT_EQ(waves.ideal, 2U);
    EXPECT_EQ(Taken(each, kAllLanes, 16, Touch::kWrite), 4U);
  }
  EXPECT_EQ(Taken(same, kAllLanes, 8), 1U);
  EXPECT_EQ(Taken(same, kAllLanes, 8, Touch::kWrite), 2U);
  // Each lane and the next but one: 0 1 0 1 2 3 2 3 ...
  Addresses crossed{};
  for (std::uint64_t i = 0; i < kLanes; ++i) crossed.of[i] = (i / 4 * 2 + i % 2) * 16;
  EXPECT_EQ(Taken(crossed, kAllLanes, 16), 2U);
  // Both ways of pairing, but neither for all; and quarters that read the same.
  crossed.of[31] = crossed.of[30] = 0;
  EXPECT_EQ(Taken(crossed, kAllLanes, 16), 4U);
  Addresses quarters{};
  for (std::uint64_t i = 0; i < kLanes; ++i) quarters.of[i] = i % 16 * 16;
  EXPECT_EQ(Taken(quarters, kAllLanes, 16), 4U);
  // A lane whose partner takes no part; a half in which nobody does.
  EXPECT_EQ(Taken(pairs, 0x7FFFFFFF, 16), 2U);
  EXPECT_EQ(Taken(same, 0x80000000, 16), 1U);
  EXPECT_EQ(Taken(same, 0x00018000, 16), 2U);
  // Conflicts within a half count as ever.
  Addresses far{};
  for (std::uint64_t i = 0; i < kLanes; ++i) far.of[i] = i / 2 * 128;
  EXPECT_EQ(Taken(far, kAllLanes, 16), 16U);
}

}  // namespace
}  // namespace caesar::sim
