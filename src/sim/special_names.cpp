// The special registers whose value stays the same while a block runs. PTX ISA 9.0, section 10.
#include <algorithm>
#include <iterator>

#include "sim/presets.h"

namespace caesar::sim {
namespace {

using Special = SlotValue::Special;

// Sorted by name.
constexpr SpecialRegister kRegisters[] = {
    {"%aggr_smem_size", Special::kTotalSharedSize, 32, kReservedSharedBytes},
    {"%cluster_ctaid.x", Special::kClusterCtaIdX, 32, 0},
    {"%cluster_ctaid.y", Special::kClusterCtaIdY, 32, 0},
    {"%cluster_ctaid.z", Special::kClusterCtaIdZ, 32, 0},
    {"%cluster_ctarank", Special::kClusterCtaRank, 32, 0},
    {"%cluster_nctaid.x", Special::kClusterNCtaIdX, 32, 0},
    {"%cluster_nctaid.y", Special::kClusterNCtaIdY, 32, 0},
    {"%cluster_nctaid.z", Special::kClusterNCtaIdZ, 32, 0},
    {"%cluster_nctarank", Special::kClusterNCtaRank, 32, 0},
    {"%clusterid.x", Special::kClusterIdX, 32, 0},
    {"%clusterid.y", Special::kClusterIdY, 32, 0},
    {"%clusterid.z", Special::kClusterIdZ, 32, 0},
    {"%ctaid.x", Special::kCtaIdX, 32, 0},
    {"%ctaid.y", Special::kCtaIdY, 32, 0},
    {"%ctaid.z", Special::kCtaIdZ, 32, 0},
    {"%dynamic_smem_size", Special::kDynamicSharedSize, 32, 0},
    {"%envreg0", Special::kEnvReg, 32, 0},
    {"%envreg1", Special::kEnvReg, 32, 1},
    {"%envreg10", Special::kEnvReg, 32, 10},
    {"%envreg11", Special::kEnvReg, 32, 11},
    {"%envreg12", Special::kEnvReg, 32, 12},
    {"%envreg13", Special::kEnvReg, 32, 13},
    {"%envreg14", Special::kEnvReg, 32, 14},
    {"%envreg15", Special::kEnvReg, 32, 15},
    {"%envreg16", Special::kEnvReg, 32, 16},
    {"%envreg17", Special::kEnvReg, 32, 17},
    {"%envreg18", Special::kEnvReg, 32, 18},
    {"%envreg19", Special::kEnvReg, 32, 19},
    {"%envreg2", Special::kEnvReg, 32, 2},
    {"%envreg20", Special::kEnvReg, 32, 20},
    {"%envreg21", Special::kEnvReg, 32, 21},
    {"%envreg22", Special::kEnvReg, 32, 22},
    {"%envreg23", Special::kEnvReg, 32, 23},
    {"%envreg24", Special::kEnvReg, 32, 24},
    {"%envreg25", Special::kEnvReg, 32, 25},
    {"%envreg26", Special::kEnvReg, 32, 26},
    {"%envreg27", Special::kEnvReg, 32, 27},
    {"%envreg28", Special::kEnvReg, 32, 28},
    {"%envreg29", Special::kEnvReg, 32, 29},
    {"%envreg3", Special::kEnvReg, 32, 3},
    {"%envreg30", Special::kEnvReg, 32, 30},
    {"%envreg31", Special::kEnvReg, 32, 31},
    {"%envreg4", Special::kEnvReg, 32, 4},
    {"%envreg5", Special::kEnvReg, 32, 5},
    {"%envreg6", Special::kEnvReg, 32, 6},
    {"%envreg7", Special::kEnvReg, 32, 7},
    {"%envreg8", Special::kEnvReg, 32, 8},
    {"%envreg9", Special::kEnvReg, 32, 9},
    {"%gridid", Special::kGridId, 64, 0},
    {"%is_explicit_cluster", Special::kIsExplicitCluster, 1, 0},
    {"%laneid", Special::kLaneId, 32, 0},
    {"%lanemask_eq", Special::kLaneMaskEq, 32, 0},
    {"%lanemask_ge", Special::kLaneMaskGe, 32, 0},
    {"%lanemask_gt", Special::kLaneMaskGt, 32, 0},
    {"%lanemask_le", Special::kLaneMaskLe, 32, 0},
    {"%lanemask_lt", Special::kLaneMaskLt, 32, 0},
    {"%nclusterid.x", Special::kNClusterIdX, 32, 0},
    {"%nclusterid.y", Special::kNClusterIdY, 32, 0},
    {"%nclusterid.z", Special::kNClusterIdZ, 32, 0},
    {"%nctaid.x", Special::kNCtaIdX, 32, 0},
    {"%nctaid.y", Special::kNCtaIdY, 32, 0},
    {"%nctaid.z", Special::kNCtaIdZ, 32, 0},
    {"%nsmid", Special::kNSmId, 32, 0},
    {"%ntid.x", Special::kNTidX, 32, 0},
    {"%ntid.y", Special::kNTidY, 32, 0},
    {"%ntid.z", Special::kNTidZ, 32, 0},
    {"%nwarpid", Special::kNWarpId, 32, 0},
    {"%reserved_smem_offset_0", Special::kReservedSharedOffset, 32, 0},
    {"%reserved_smem_offset_1", Special::kReservedSharedOffset, 32, kReservedSharedBytes / 2},
    {"%reserved_smem_offset_begin", Special::kReservedSharedOffset, 32, 0},
    {"%reserved_smem_offset_end", Special::kReservedSharedOffset, 32, kReservedSharedBytes},
    {"%smid", Special::kSmId, 32, 0},
    {"%tid.x", Special::kTidX, 32, 0},
    {"%tid.y", Special::kTidY, 32, 0},
    {"%tid.z", Special::kTidZ, 32, 0},
    {"%total_smem_size", Special::kTotalSharedSize, 32, 0},
    {"%warpid", Special::kWarpId, 32, 0},
};

constexpr std::string_view kClocks[] = {"%clock",       "%clock64",        "%clock_hi",
                                        "%globaltimer", "%globaltimer_hi", "%globaltimer_lo"};

}  // namespace

const SpecialRegister* FindSpecialRegister(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(kRegisters), std::end(kRegisters), name,
      [](const SpecialRegister& row, std::string_view wanted) { return row.name < wanted; });
  return found != std::end(kRegisters) && found->name == name ? found : nullptr;
}

bool IsClock(std::string_view name) {
  return std::find(std::begin(kClocks), std::end(kClocks), name) != std::end(kClocks);
}

}  // namespace caesar::sim
