// What the special registers that stay the same while a block runs hold.
#include <algorithm>
#include <iterator>

#include "sim/device_limits.h"
#include "sim/frames.h"

namespace caesar::sim {
namespace {

using Special = SlotValue::Special;

std::uint32_t Thread(const Warp& warp, std::uint32_t lane) { return warp.index * kLanes + lane; }

std::uint64_t EnvironmentRegister(const Grid& grid, std::uint64_t number) {
  // cooperative_groups.h: %envreg1 and %envreg2 hold the address of the grid's workspace.
  if (number == 1) return grid.workspace >> 32;
  if (number == 2) return grid.workspace & 0xffffffffu;
  return 0;
}

}  // namespace

Lifetime LifetimeOf(const SlotValue& slot) {
  constexpr Special kByBlock[] = {
      Special::kCtaIdX,        Special::kCtaIdY,        Special::kCtaIdZ,
      Special::kSmId,          Special::kClusterIdX,    Special::kClusterIdY,
      Special::kClusterIdZ,    Special::kClusterCtaIdX, Special::kClusterCtaIdY,
      Special::kClusterCtaIdZ, Special::kClusterCtaRank};
  if (slot.kind == SlotValue::Kind::kZero) return Lifetime::kCall;
  if (slot.kind != SlotValue::Kind::kSpecial) return Lifetime::kWarp;
  if (slot.special == Special::kLocalBase) return Lifetime::kCall;
  const auto* found = std::find(std::begin(kByBlock), std::end(kByBlock), slot.special);
  return found == std::end(kByBlock) ? Lifetime::kWarp : Lifetime::kBlock;
}

std::uint64_t SpecialValue(const Warp& warp, const Frame& frame, const SlotValue& slot,
                           std::uint32_t lane) {
  const Grid& grid = *warp.grid;
  const Block& block = *warp.block;
  const std::uint32_t thread = Thread(warp, lane);
  const Mask bit = Mask{1} << lane;
  switch (slot.special) {
    case Special::kTidX:
      return thread % grid.threads.x;
    case Special::kTidY:
      return thread / grid.threads.x % grid.threads.y;
    case Special::kTidZ:
      return thread / grid.threads.x / grid.threads.y;
    case Special::kLaneId:
      return lane;
    case Special::kLaneMaskEq:
      return bit;
    case Special::kLaneMaskLt:
      return bit - 1;
    case Special::kLaneMaskLe:
      return bit | (bit - 1);
    case Special::kLaneMaskGe:
      return ~(bit - 1);
    case Special::kLaneMaskGt:
      return ~(bit | (bit - 1));
    case Special::kWarpId:
      return warp.index;
    case Special::kNWarpId:
      return DeviceLimits::kWarpsPerSm;
    case Special::kCtaIdX:
      return block.index.x;
    case Special::kCtaIdY:
      return block.index.y;
    case Special::kCtaIdZ:
      return block.index.z;
    case Special::kSmId:
      return block.linear % DeviceLimits::kSms;
    case Special::kClusterIdX:
      return block.index.x / grid.cluster.x;
    case Special::kClusterIdY:
      return block.index.y / grid.cluster.y;
    case Special::kClusterIdZ:
      return block.index.z / grid.cluster.z;
    case Special::kClusterCtaIdX:
      return block.index.x % grid.cluster.x;
    case Special::kClusterCtaIdY:
      return block.index.y % grid.cluster.y;
    case Special::kClusterCtaIdZ:
      return block.index.z % grid.cluster.z;
    case Special::kClusterCtaRank:
      return block.cluster_rank;
    case Special::kNTidX:
      return grid.threads.x;
    case Special::kNTidY:
      return grid.threads.y;
    case Special::kNTidZ:
      return grid.threads.z;
    case Special::kNCtaIdX:
      return grid.blocks.x;
    case Special::kNCtaIdY:
      return grid.blocks.y;
    case Special::kNCtaIdZ:
      return grid.blocks.z;
    case Special::kNSmId:
      return DeviceLimits::kSms;
    case Special::kGridId:
      return grid.grid_id;
    case Special::kNClusterIdX:
      return grid.blocks.x / grid.cluster.x;
    case Special::kNClusterIdY:
      return grid.blocks.y / grid.cluster.y;
    case Special::kNClusterIdZ:
      return grid.blocks.z / grid.cluster.z;
    case Special::kClusterNCtaIdX:
      return grid.cluster.x;
    case Special::kClusterNCtaIdY:
      return grid.cluster.y;
    case Special::kClusterNCtaIdZ:
      return grid.cluster.z;
    case Special::kClusterNCtaRank:
      return grid.cluster.count();
    case Special::kIsExplicitCluster:
      return grid.explicit_cluster ? 1 : 0;
    case Special::kDynamicSharedSize:
      return grid.dynamic_shared_bytes;
    case Special::kTotalSharedSize:
      return DynamicSharedOffset(*grid.kernel) + grid.dynamic_shared_bytes + slot.value;
    case Special::kReservedSharedOffset:
      return ReservedSharedOffset(*grid.kernel, grid.dynamic_shared_bytes) + slot.value;
    case Special::kEnvReg:
      return EnvironmentRegister(grid, slot.value);
    case Special::kDynamicSharedOffset:
      return DynamicSharedOffset(*grid.kernel) + slot.value;
    case Special::kLocalBase:
      return frame.local_base + slot.value;
  }
  return 0;
}

}  // namespace caesar::sim
