#include "sim/activity.h"

#include <gtest/gtest.h>

namespace caesar::sim {
namespace {

OpCounts Counts(std::uint64_t warps, std::uint64_t lanes) {
  OpCounts counts;
  counts.warps = warps;
  counts.lanes = lanes;
  return counts;
}

double Flops(std::initializer_list<std::string_view> modifiers) {
  ptx::Instruction instruction;
  instruction.modifiers = modifiers;
  return TensorFlops(instruction);
}

TEST(Activity, AddsUpByKindOfMemory) {
  Activity activity;
  OpCounts load = Counts(10, 320);
  load.sectors = 180;
  load.bytes = 1280;
  activity.Add(OpClass::kLoadGlobal, load, 0);
  OpCounts store = Counts(2, 64);
  store.sectors = 2;  // one address for all lanes: still a pass for each request
  store.bytes = 256;
  activity.Add(OpClass::kStoreGlobal, store, 0);
  OpCounts local = Counts(4, 128);
  local.local_sectors = 16;
  activity.Add(OpClass::kLoadLocal, local, 0);
  OpCounts shared = Counts(5, 160);
  shared.waves = 80;
  shared.waves_ideal = 5;
  activity.Add(OpClass::kLoadShared, shared, 0);
  activity.Add(OpClass::kBarrier, Counts(3, 96), 0);

  EXPECT_EQ(activity.load_sectors, 180);
  EXPECT_EQ(activity.store_sectors, 2);
  EXPECT_EQ(activity.local_sectors, 16);
  EXPECT_EQ(activity.l1_passes, 45 + 2 + 4);
  const SimCounts counts = CountsOf(activity);
  EXPECT_EQ(counts.warp_instructions, 24);
  EXPECT_EQ(counts.lane_instructions, 320 + 64 + 128 + 160 + 96);
  EXPECT_EQ(counts.global_requests, 12);
  EXPECT_EQ(counts.global_sectors, 182);
  EXPECT_EQ(counts.global_bytes, 1536);
  EXPECT_EQ(counts.local_sectors, 16);
  EXPECT_EQ(counts.shared_requests, 5);
  EXPECT_EQ(counts.shared_waves, 80);
  EXPECT_EQ(counts.shared_waves_ideal, 5);
  EXPECT_EQ(counts.barriers, 3);
  const std::vector<std::pair<std::string, std::int64_t>> classes = {{"load_global", 10},
                                                                     {"store_global", 2},
                                                                     {"load_shared", 5},
                                                                     {"load_local", 4},
                                                                     {"barrier", 3}};
  EXPECT_EQ(counts.classes, classes);
}

TEST(Activity, CountsGenericAccessesUnderTheSpaceTheyReach) {
  Activity activity;
  OpCounts shared = Counts(5, 160), mixed = Counts(3, 96);
  shared.waves = 5;
  mixed.waves = mixed.sectors = 3;
  OpCounts local = Counts(2, 64);
  local.local_sectors = 64;
  activity.Add(OpClass::kLoadGlobal, shared, 0);
  activity.Add(OpClass::kStoreGlobal, shared, 0);
  activity.Add(OpClass::kLoadGlobal, mixed, 0);
  activity.Add(OpClass::kAtomic, shared, 0);
  activity.Add(OpClass::kLoadGlobal, local, 0);
  activity.Add(OpClass::kStoreGlobal, local, 0);
  const SimCounts counts = CountsOf(activity);
  const std::vector<std::pair<std::string, std::int64_t>> classes = {
      {"load_global", 3}, {"load_shared", 5}, {"store_shared", 5},
      {"load_local", 2},  {"store_local", 2}, {"atomic", 5}};
  EXPECT_EQ(counts.classes, classes);
  EXPECT_EQ(counts.global_requests, 3);
  EXPECT_EQ(counts.global_sectors, 3);
  EXPECT_EQ(counts.shared_requests, 18);
  EXPECT_EQ(counts.local_sectors, 128);
  EXPECT_EQ(activity.l1_passes, 3 + 16 + 16);
}

TEST(Activity, TellsAtomicsOfSharedMemoryFromThoseOfGlobal) {
  Activity activity;
  OpCounts global = Counts(1, 32);
  global.sectors = 1;  // all on one address
  activity.Add(OpClass::kAtomic, global, 0);
  OpCounts shared = Counts(1, 20);
  shared.waves = 3;
  activity.Add(OpClass::kAtomic, shared, 0);
  EXPECT_EQ(activity.atomics, 52);
  EXPECT_EQ(activity.atomic_passes, 4);
  EXPECT_EQ(activity.atomic_sectors, 1);
  EXPECT_EQ(activity.shared_waves, 3);
}

TEST(Activity, ScalesEverything) {
  Activity activity;
  OpCounts all = Counts(1, 1);
  all.sectors = all.local_sectors = all.waves = all.waves_ideal = all.bytes = 1;
  for (std::size_t i = 0; i < kOpClasses; ++i) activity.Add(static_cast<OpClass>(i), all, 1);
  const Activity before = activity;
  activity.Scale(3);
  const auto* from = reinterpret_cast<const double*>(&before);
  const auto* to = reinterpret_cast<const double*>(&activity);
  for (std::size_t i = 0; i < sizeof(Activity) / sizeof(double); ++i) {
    EXPECT_GT(from[i], 0) << i;
    EXPECT_EQ(to[i], 3 * from[i]) << i;
  }
}

TEST(Activity, NeverCountsBeyondWhatAReportHolds) {
  Activity activity;
  activity.Add(OpClass::kInteger, Counts(~std::uint64_t{0}, ~std::uint64_t{0}), 0);
  const SimCounts counts = CountsOf(activity);
  EXPECT_EQ(counts.warp_instructions, kSimCountMax);
  EXPECT_EQ(counts.classes[0].second, kSimCountMax);
}

TEST(Activity, NamesClasses) {
  EXPECT_EQ(Name(OpClass::kInteger), "integer");
  EXPECT_EQ(Name(OpClass::kLoadOther), "load_other");
  EXPECT_EQ(Name(OpClass::kOther), "other");
}

TEST(TensorFlops, AreThoseOfTheShape) {
  EXPECT_EQ(Flops({"sync", "aligned", "m16n8k16", "row", "col", "f32", "f16", "f16", "f32"}), 4096);
  EXPECT_EQ(Flops({"mma", "sync", "aligned", "row", "col", "m16n16k16", "f32", "f32"}), 8192);
  EXPECT_EQ(Flops({"sync", "aligned", "m16n8k16", "row", "col", "f32", "bf16", "bf16", "f32"}),
            4096);
}

TEST(TensorFlops, WeighTypesByTheirRate) {
  EXPECT_EQ(Flops({"sync", "aligned", "m16n8k8", "row", "col", "f32", "tf32", "tf32", "f32"}),
            4096);
  EXPECT_EQ(Flops({"sync", "aligned", "m16n8k32", "row", "col", "s32", "s8", "u8", "s32"}), 4096);
  EXPECT_EQ(Flops({"sync", "aligned", "m16n8k32", "row", "col", "f32", "e4m3", "e5m2", "f32"}),
            4096);
  EXPECT_NEAR(Flops({"sync", "aligned", "m8n8k4", "row", "col", "f64", "f64", "f64", "f64"}),
              512 * 989.4 / 66.9, 1e-9);
}

TEST(TensorFlops, AreNoneWithoutAProduct) {
  EXPECT_EQ(Flops({"sync", "aligned", "m8n8", "trans", "b16"}), 0);
  EXPECT_EQ(Flops({"m16n8", "m16n8k", "mnk", "m16n8k16x", "m99999n8k16", "m-1n8k16"}), 0);
  EXPECT_EQ(Flops({}), 0);
}

}  // namespace
}  // namespace caesar::sim
