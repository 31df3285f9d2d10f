#include "sim/occupancy.h"

#include <algorithm>
#include <iterator>

#include "sim/device_limits.h"

namespace caesar::sim {
namespace {

using Limits = DeviceLimits;

// A multiprocessor has four schedulers, each with a quarter of the registers; a warp gets them in
// units of 256, and a block's shared memory comes in units of 128 bytes.
constexpr std::uint32_t kSchedulers = 4, kRegisterUnit = 256, kSharedUnit = 128;
constexpr std::uint32_t kWarpLanes = 32;

constexpr std::uint64_t RoundUp(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

std::uint64_t Warps(std::uint32_t threads) { return RoundUp(threads, kWarpLanes) / kWarpLanes; }

std::uint64_t BlocksByRegisters(std::uint64_t warps, std::uint32_t registers) {
  if (registers == 0) return Limits::kBlocksPerSm;
  if (registers > Limits::kRegistersPerThread) return 0;
  const std::uint64_t of_warp = RoundUp(std::uint64_t{registers} * kWarpLanes, kRegisterUnit);
  return Limits::kRegistersPerSm / kSchedulers / of_warp * kSchedulers / warps;
}

std::uint64_t BlocksByShared(std::uint64_t bytes) {
  if (bytes > Limits::kSharedPerBlockOptIn) return 0;
  return Limits::kSharedPerSm / RoundUp(bytes + Limits::kSharedReserved, kSharedUnit);
}

}  // namespace

std::string_view Name(Occupancy::Limit limit) {
  constexpr std::string_view kNames[] = {"threads", "registers", "shared memory", "blocks"};
  return kNames[static_cast<std::size_t>(limit)];
}

Occupancy OccupancyOf(std::uint32_t threads, std::uint32_t registers, std::uint64_t shared_bytes) {
  if (threads == 0 || threads > Limits::kThreadsPerBlock) return {};
  const std::uint64_t warps = Warps(threads);
  const std::uint64_t by_limit[] = {Limits::kWarpsPerSm / warps,
                                    BlocksByRegisters(warps, registers),
                                    BlocksByShared(shared_bytes), Limits::kBlocksPerSm};
  const auto* least = std::min_element(std::begin(by_limit), std::end(by_limit));
  return {static_cast<std::uint32_t>(*least),
          static_cast<Occupancy::Limit>(least - std::begin(by_limit))};
}

double ShareOf(const Occupancy& occupancy, std::uint32_t threads) {
  return static_cast<double>(occupancy.blocks * Warps(threads)) / Limits::kWarpsPerSm;
}

}  // namespace caesar::sim
