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

TEST(MemoryTraffic, Waves) {
  for (std::uint32_t degree = 1; degree <= 32; degree *= 2) {
    EXPECT_EQ(WavesOf(Stride(0, 4 * degree).of, kAllLanes, 4), degree);
  }
  EXPECT_EQ(WavesOf(Stride(0, 12).of, kAllLanes, 4), 1U);
  EXPECT_EQ(WavesOf(Stride(0, 132).of, kAllLanes, 4), 1U);
  EXPECT_EQ(WavesOf(Stride(0, 0).of, kAllLanes, 4), 1U);
  EXPECT_EQ(WavesOf(Stride(0, 0).of, kAllLanes, 4, true), 32U);
  EXPECT_EQ(WavesOf(Stride(0, 8).of, kAllLanes, 8), 2U);
  EXPECT_EQ(WavesOf(Stride(0, 16).of, kAllLanes, 16), 4U);
  EXPECT_EQ(WavesOf(Stride(0, 128).of, kAllLanes, 16), 32U);
  EXPECT_EQ(WavesOf(Stride(0, 16).of, 0x000000FF, 16), 1U);
  EXPECT_EQ(IdealWavesOf(kAllLanes, 16), 4U);
  EXPECT_EQ(IdealWavesOf(0x0000FFFF, 8), 1U);
}

}  // namespace
}  // namespace caesar::sim
