#include "sim/cost_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "sim/device_limits.h"
#include "sim/occupancy.h"

namespace caesar::sim {
namespace {

void Count(Activity& work, OpClass op_class, double warps, OpCounts each = {}) {
  OpCounts counts = each;
  counts.warps = static_cast<std::uint64_t>(warps);
  counts.lanes = counts.warps * 32;
  counts.sectors *= counts.warps;
  counts.bytes *= counts.warps;
  counts.waves *= counts.warps;
  counts.waves_ideal *= counts.warps;
  work.Add(op_class, counts, 0);
}

OpCounts Sectors(std::uint64_t sectors) {
  OpCounts counts;
  counts.sectors = sectors;
  counts.bytes = sectors * 32;
  return counts;
}

// An element-wise kernel with one float4 per thread, as the bundled baselines are.
KernelLoad Elementwise(double elements, double inputs, std::uint32_t registers) {
  KernelLoad load;
  load.threads = 256;
  load.blocks = elements / 4 / 256;
  load.resident = OccupancyOf(256, registers, 0).blocks;
  const double warps = elements / 128;
  Count(load.work, OpClass::kLoadGlobal, warps * inputs, Sectors(16));
  Count(load.work, OpClass::kStoreGlobal, warps, Sectors(16));
  Count(load.work, OpClass::kFloat32, warps * 4);
  Count(load.work, OpClass::kInteger, warps * 8);
  Count(load.work, OpClass::kControl, warps * 3);
  load.unique_load_sectors = load.work.load_sectors;
  load.unique_store_sectors = load.work.store_sectors;
  return load;
}

// Times that were measured on an H100 80GB HBM3: docs/measurements.md.
TEST(CostModel, ComesNearToMemoryBoundKernelsOnAGpu) {
  const Estimate add = EstimateOf(Elementwise(67108864, 2, 20));
  EXPECT_NEAR(add.us, 256.9, 0.15 * 256.9);
  EXPECT_EQ(add.bound, Bound::kDram);
  const Estimate relu = EstimateOf(Elementwise(4096.0 * 393216, 1, 16));
  EXPECT_NEAR(relu.us, 4342, 0.15 * 4342);
  EXPECT_EQ(relu.bound, Bound::kDram);
}

// Softmax of 16384 rows of 4096, a row in the registers of each block of 256 threads.
TEST(CostModel, ComesNearToSoftmaxOnAGpu) {
  KernelLoad load;
  load.threads = 256;
  load.blocks = 16384;
  load.resident = OccupancyOf(256, 40, 128).blocks;
  const double warps = load.blocks * 8;
  Count(load.work, OpClass::kLoadGlobal, warps * 4, Sectors(16));
  Count(load.work, OpClass::kStoreGlobal, warps * 4, Sectors(16));
  Count(load.work, OpClass::kFloat32, warps * 16 * 5);
  Count(load.work, OpClass::kSpecial, warps * 16);
  Count(load.work, OpClass::kWarpSync, warps * 20);
  Count(load.work, OpClass::kBarrier, warps * 4);
  load.unique_load_sectors = load.unique_store_sectors = load.work.load_sectors;
  EXPECT_NEAR(EstimateOf(load).us, 175.7, 0.2 * 175.7);
}

// 128 results a clock and multiprocessor: 66.9 TFLOP/s at 1980 MHz, NVIDIA's data sheet.
TEST(CostModel, ReachesThePeakOfArithmetic) {
  KernelLoad load;
  load.threads = 256;
  load.blocks = 132.0 * 8 * 100;
  load.resident = 8;
  Count(load.work, OpClass::kFloat32, 1e9);
  const Estimate estimate = EstimateOf(load);
  EXPECT_EQ(estimate.bound, Bound::kIssue);  // which equals what one pipe can take
  EXPECT_NEAR(64e9 / estimate.parts_us[static_cast<std::size_t>(Bound::kFloat32)], 66.9e6, 0.1e6);
}

TEST(CostModel, NamesWhatLimits) {
  const auto bound = [](OpClass op_class, OpCounts each) {
    KernelLoad load;
    load.threads = 1024;
    load.blocks = 132 * 20;
    load.resident = 2;
    Count(load.work, op_class, 1e9, each);
    return EstimateOf(load).bound;
  };
  EXPECT_EQ(bound(OpClass::kFloat64, {}), Bound::kFloat64);
  EXPECT_EQ(bound(OpClass::kInteger, {}), Bound::kInteger);
  EXPECT_EQ(bound(OpClass::kSpecial, {}), Bound::kSpecial);
  EXPECT_EQ(bound(OpClass::kConvert, {}), Bound::kConvert);
  EXPECT_EQ(bound(OpClass::kWarpSync, {}), Bound::kShared);
  EXPECT_EQ(bound(OpClass::kControl, {}), Bound::kIssue);
  OpCounts conflicts;
  conflicts.waves = 32;
  conflicts.waves_ideal = 1;
  EXPECT_EQ(bound(OpClass::kLoadShared, conflicts), Bound::kShared);
  EXPECT_EQ(bound(OpClass::kAtomic, Sectors(32)), Bound::kAtomics);
  EXPECT_EQ(bound(OpClass::kLoadGlobal, Sectors(32)), Bound::kL2);  // nothing is unique
  EXPECT_EQ(EstimateOf(KernelLoad()).bound, Bound::kLaunch);
}

TEST(CostModel, NamesLatencyWhereOneWarpWaits) {
  KernelLoad load;
  load.threads = 32;
  Count(load.work, OpClass::kLoadGlobal, 10'000, Sectors(1));
  EXPECT_EQ(EstimateOf(load).bound, Bound::kLatency);
  EXPECT_NEAR(EstimateOf(load).us, 2 + 10'000 * (480.0 / 4 + 2) / 1980, 20);
}

TEST(CostModel, CountsAPartlyFilledLastWave) {
  const auto us = [](double blocks) {
    KernelLoad load;
    load.threads = 1024;
    load.resident = 1;
    load.blocks = blocks;
    Count(load.work, OpClass::kFloat32, blocks * 1e6);
    return EstimateOf(load).us;
  };
  EXPECT_NEAR((us(133) - 2) / (us(132) - 2), 2, 1e-9);
  EXPECT_NEAR(us(1) / us(132), 1, 1e-9);
}

TEST(CostModel, TellsRepeatedSectorsFromNewOnes) {
  KernelLoad load = Elementwise(67108864, 2, 20);
  const double streaming = EstimateOf(load).us;
  load.unique_load_sectors /= 64;
  EXPECT_LT(EstimateOf(load).us, 0.7 * streaming);
  load.unique_load_sectors = 1e18;  // more than there are: all
  EXPECT_EQ(EstimateOf(load).us, streaming);
}

TEST(CostModel, CountsAtomicsThatReachDram) {
  KernelLoad load;
  load.threads = 256;
  load.blocks = 132 * 100;
  load.resident = 8;
  Count(load.work, OpClass::kAtomic, 1e6, Sectors(16));
  load.unique_load_sectors = load.unique_store_sectors = 1e18;  // more than there are: all
  const Estimate estimate = EstimateOf(load);
  EXPECT_EQ(estimate.bound, Bound::kDram);
  EXPECT_NEAR(estimate.parts_us[static_cast<std::size_t>(Bound::kDram)], 2 * 16e6 * 32 / 3.006e6,
              1e-6);
}

double RandomCount(std::mt19937_64& random) {
  return std::exp2(std::uniform_real_distribution<double>(0, 70)(random));
}

KernelLoad RandomLoad(std::mt19937_64& random) {
  KernelLoad load;
  for (double& warps : load.work.warps) warps = RandomCount(random);
  Activity& work = load.work;
  for (double* value :
       {&work.load_sectors, &work.store_sectors, &work.atomic_sectors, &work.local_sectors,
        &work.l1_passes, &work.shared_waves, &work.atomic_passes, &work.tensor_flops,
        &load.unique_load_sectors, &load.unique_store_sectors, &load.blocks}) {
    *value = RandomCount(random);
  }
  load.threads = static_cast<std::uint32_t>(random() % 1026);
  load.resident = static_cast<std::uint32_t>(random() % 34);
  return load;
}

TEST(CostModel, IsFiniteAndNeverLessForMore) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 300; ++i) {
    KernelLoad load = RandomLoad(random);
    const double us = EstimateOf(load).us;
    ASSERT_TRUE(std::isfinite(us) && us > 0) << i;
    Activity& work = load.work;
    std::vector<double*> counts = {&work.load_sectors,        &work.store_sectors,
                                   &work.atomic_sectors,      &work.local_sectors,
                                   &work.l1_passes,           &work.shared_waves,
                                   &work.atomic_passes,       &work.tensor_flops,
                                   &load.unique_load_sectors, &load.unique_store_sectors};
    for (double& warps : work.warps) counts.push_back(&warps);
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const double before = *counts[k];
      *counts[k] *= 3;
      EXPECT_GE(EstimateOf(load).us, us * (1 - 1e-12)) << k;
      *counts[k] = before;
    }
    load.resident += 1;
    EXPECT_LE(EstimateOf(load).us, us * (1 + 1e-12));
  }
}

TEST(CostModel, ToleratesNothingAndTooMuch) {
  KernelLoad nothing;
  nothing.blocks = 0;
  nothing.threads = nothing.resident = 0;
  EXPECT_EQ(EstimateOf(nothing).us, 2);
  OpCounts most;
  most.warps = most.lanes = most.sectors = most.local_sectors = most.waves = most.waves_ideal =
      most.bytes = ~std::uint64_t{0};
  KernelLoad load;
  for (std::size_t i = 0; i < kOpClasses; ++i) {
    load.work.Add(static_cast<OpClass>(i), most, 1e6);
  }
  EXPECT_TRUE(std::isfinite(EstimateOf(load).us));
  EXPECT_TRUE(std::isfinite(CyclesOf(load.work)));
}

TEST(CostModel, NamesItsBounds) {
  EXPECT_EQ(Name(Bound::kDram), "dram");
  EXPECT_EQ(Name(Bound::kTensor), "tensor");
  EXPECT_EQ(Name(Bound::kLaunch), "launch");
}

TEST(CyclesOf, MakesWastefulLinesCostly) {
  Activity coalesced, strided, conflicts, barrier;
  Count(coalesced, OpClass::kLoadGlobal, 100, Sectors(4));
  Count(strided, OpClass::kLoadGlobal, 100, Sectors(32));
  OpCounts waves;
  waves.waves = 32;
  Count(conflicts, OpClass::kLoadShared, 100, waves);
  Count(barrier, OpClass::kBarrier, 100);
  EXPECT_GT(CyclesOf(strided), 6 * CyclesOf(coalesced));
  EXPECT_GT(CyclesOf(conflicts), 3000);
  EXPECT_GT(CyclesOf(barrier), 100);
  EXPECT_EQ(CyclesOf(Activity()), 0);
}

}  // namespace
}  // namespace caesar::sim
