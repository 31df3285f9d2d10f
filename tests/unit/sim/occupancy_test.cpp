#include "sim/occupancy.h"

#include <gtest/gtest.h>

#include <tuple>

namespace caesar::sim {
namespace {

using Limit = Occupancy::Limit;

struct Case {
  std::uint32_t threads, registers;
  std::uint64_t shared;
  std::uint32_t blocks;
  Limit limit;
};

// Blocks as CUDA's cuda_occupancy.h gives them for an H100.
TEST(Occupancy, IsThatOfCudasCalculator) {
  for (const Case& c : {
           Case{256, 32, 0, 8, Limit::kThreads},
           Case{256, 33, 0, 6, Limit::kRegisters},
           Case{256, 40, 1024, 6, Limit::kRegisters},
           Case{256, 128, 0, 2, Limit::kRegisters},
           Case{256, 255, 0, 1, Limit::kRegisters},
           Case{1024, 32, 0, 2, Limit::kThreads},
           Case{1024, 64, 0, 1, Limit::kRegisters},
           Case{1024, 65, 0, 0, Limit::kRegisters},
           Case{32, 16, 0, 32, Limit::kBlocks},
           Case{33, 16, 0, 32, Limit::kThreads},
           Case{96, 16, 0, 21, Limit::kThreads},
           Case{128, 32, 49152, 4, Limit::kSharedMemory},
           Case{128, 32, 101376, 2, Limit::kSharedMemory},
           Case{128, 32, 232448, 1, Limit::kSharedMemory},
           Case{128, 32, 232449, 0, Limit::kSharedMemory},
           Case{768, 40, 0, 2, Limit::kThreads},
           Case{384, 168, 0, 1, Limit::kRegisters},
           Case{256, 0, 0, 8, Limit::kThreads},
       }) {
    const Occupancy got = OccupancyOf(c.threads, c.registers, c.shared);
    EXPECT_EQ(std::tuple(got.blocks, got.limit), std::tuple(c.blocks, c.limit))
        << c.threads << " threads, " << c.registers << " registers, " << c.shared
        << " bytes: " << Name(got.limit);
  }
}

TEST(Occupancy, IsNoneForWhatCannotBeLaunched) {
  EXPECT_EQ(OccupancyOf(0, 32, 0).blocks, 0U);
  EXPECT_EQ(OccupancyOf(1025, 32, 0).blocks, 0U);
  EXPECT_EQ(OccupancyOf(32, 256, 0).blocks, 0U);
  EXPECT_EQ(OccupancyOf(32, 32, ~std::uint64_t{0}).blocks, 0U);
}

TEST(Occupancy, NeverGrowsWithWhatABlockNeeds) {
  for (std::uint32_t threads = 32; threads <= 1024; threads += 32) {
    for (std::uint32_t registers = 1; registers <= 255; ++registers) {
      const auto blocks = OccupancyOf(threads, registers, 5000).blocks;
      EXPECT_LE(OccupancyOf(threads, registers + 1, 5000).blocks, blocks);
      EXPECT_LE(OccupancyOf(threads, registers, 5128).blocks, blocks);
      EXPECT_LE(OccupancyOf(threads + 32, registers, 5000).blocks, blocks);
      EXPECT_LE(ShareOf({blocks, Limit::kThreads}, threads), 1.0);
    }
  }
}

TEST(Occupancy, IsAShareOfAllWarps) {
  EXPECT_EQ(ShareOf(OccupancyOf(256, 32, 0), 256), 1.0);
  EXPECT_EQ(ShareOf(OccupancyOf(256, 128, 0), 256), 0.25);
  EXPECT_EQ(ShareOf(OccupancyOf(33, 16, 0), 33), 1.0);
  EXPECT_EQ(ShareOf(Occupancy(), 256), 0.0);
}

TEST(Occupancy, NamesItsLimits) {
  EXPECT_EQ(Name(Limit::kThreads), "threads");
  EXPECT_EQ(Name(Limit::kSharedMemory), "shared memory");
  EXPECT_EQ(Name(Limit::kBlocks), "blocks");
}

}  // namespace
}  // namespace caesar::sim
