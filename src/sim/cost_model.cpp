#include "sim/cost_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "sim/device_limits.h"

namespace caesar::sim {
namespace {

constexpr double kSms = DeviceLimits::kSms;
constexpr double kClockPerUs = DeviceLimits::kClockMhz;  // boost clock, cudaDevAttrClockRate
constexpr double kSectorBytes = 32;

// Memory. DRAM: a device-to-device copy as the judge measures it; the data sheet's peak is 3352.
constexpr double kDramBytesPerUs = DeviceLimits::kBandwidthGbs * 1e3;
// L2, all multiprocessors together: what microbenchmarks of H100 reach (Chips and Cheese, "Nvidia's
// H100: Funny L2, and Tons of Bandwidth", 2023); and what one multiprocessor can receive (NVIDIA,
// A100 whitepaper: 64 bytes a clock, unchanged since).
constexpr double kL2BytesPerUs = 5.5e6, kL2BytesPerClockPerSm = 64;
// Share of repeated requests that L1 answers. An assumption: the counters do not model L1.
constexpr double kL1HitShare = 0.5;
// Sectors of atomics that L2 takes a clock. An assumption, one for each of some 64 slices.
constexpr double kAtomicPassesPerClock = 64;

// Results a clock and multiprocessor: CUDA C++ Programming Guide, table "Throughput of Native
// Arithmetic Instructions", column 9.0. Half: instructions on pairs.
constexpr double kFloat32 = 128, kFloat64 = 64, kInteger = 64, kHalf = 128, kSpecial = 16,
                 kConvert = 16, kShuffle = 32;
constexpr double kIssuePerClock = 4;  // warp instructions: one for each scheduler
// Dense f16 (data sheet, SXM5), and what of it mma.sync reaches: about 62 % (Luo et al.,
// "Benchmarking and Dissecting the Nvidia Hopper GPU Architecture", 2024); only wgmma reaches more.
constexpr double kTensorFlopsPerUs = 989.4e6 * 0.62;

// Latencies in clocks (Luo et al., H100; arithmetic: Volta and later), and how many loads and how
// many independent instructions a warp has under way: assumptions of usual code.
constexpr double kGlobalLatency = 480, kSharedLatency = 29, kArithmeticLatency = 4;
constexpr double kLoadsInFlight = 4, kInstructionsInFlight = 2;
// A barrier or a shuffle, on which what follows waits: at least a trip to the shared unit and back.
constexpr double kExchangeLatency = kSharedLatency;

// From start to end of a kernel that does nothing, as profilers show it.
constexpr double kLaunchUs = 2;

// Between host and device: PCI Express 5.0 x16 with what its packets leave of 63 GB/s.
constexpr double kHostBytesPerUs = 55e3;

struct Pipe {
  Bound bound;
  OpClass op_class;
  double lanes_per_clock;
};
constexpr Pipe kPipes[] = {
    {Bound::kFloat32, OpClass::kFloat32, kFloat32}, {Bound::kFloat64, OpClass::kFloat64, kFloat64},
    {Bound::kInteger, OpClass::kInteger, kInteger}, {Bound::kHalf, OpClass::kHalf, kHalf},
    {Bound::kSpecial, OpClass::kSpecial, kSpecial}, {Bound::kConvert, OpClass::kConvert, kConvert},
    {Bound::kShared, OpClass::kWarpSync, kShuffle},  // shuffles go through the shared unit
};

double WarpsOf(const Activity& work, OpClass op_class) {
  return work.warps[static_cast<std::size_t>(op_class)];
}

// Moves and address-space conversions are names for registers: ptxas leaves hardly any.
double Issued(const Activity& work) { return work.all_warps() - WarpsOf(work, OpClass::kMove); }

using Parts = std::array<double, static_cast<std::size_t>(Bound::kCount)>;
double& Of(Parts& parts, Bound bound) { return parts[static_cast<std::size_t>(bound)]; }

// Clocks of what a multiprocessor does by itself, if one did all the work.
Parts SmClocks(const Activity& work) {
  Parts clocks = {};
  Of(clocks, Bound::kIssue) = Issued(work) / kIssuePerClock;
  for (const Pipe& pipe : kPipes) {
    Of(clocks, pipe.bound) += WarpsOf(work, pipe.op_class) * kLanes / pipe.lanes_per_clock;
  }
  Of(clocks, Bound::kL1) = work.l1_passes;
  Of(clocks, Bound::kShared) += work.shared_waves;
  Of(clocks, Bound::kTensor) = work.tensor_flops / (kTensorFlopsPerUs / kSms / kClockPerUs);
  return clocks;
}

// How much longer the multiprocessor with the most blocks takes than the average one.
double Imbalance(double blocks) { return std::ceil(blocks / kSms) / (blocks / kSms); }

// What goes past L1: first requests, a share of repeated ones, all stores and atomics.
double L2Sectors(const KernelLoad& load) {
  const Activity& work = load.work;
  const double first = std::min(load.unique_load_sectors, work.load_sectors);
  const double repeated = work.load_sectors - first + work.local_sectors;
  return first + repeated * (1 - kL1HitShare) + work.store_sectors + work.atomic_sectors;
}

// Clocks of one warp from its first to its last instruction, if nothing made it wait for its turn.
double WarpClocks(const KernelLoad& load, double warps) {
  const Activity& work = load.work;
  const double far = WarpsOf(work, OpClass::kLoadGlobal) + WarpsOf(work, OpClass::kLoadLocal) +
                     WarpsOf(work, OpClass::kAtomic);
  const double exchanges = WarpsOf(work, OpClass::kBarrier) + WarpsOf(work, OpClass::kWarpSync);
  return (Issued(work) * kArithmeticLatency / kInstructionsInFlight +
          far * kGlobalLatency / kLoadsInFlight +
          WarpsOf(work, OpClass::kLoadShared) * kSharedLatency / kLoadsInFlight +
          exchanges * kExchangeLatency) /
         warps;
}

// Parts overlap, but not perfectly: two equal ones take a fifth longer than one alone. Each part
// still counts in full where it is far larger than the rest.
double Overlap(const Parts& parts) {
  const double most = *std::max_element(parts.begin(), parts.end());
  if (!(most > 0)) return 0;
  double sum = 0;
  for (const double part : parts) sum += std::pow(part / most, 4);
  return most * std::pow(sum, 0.25);
}

}  // namespace

std::string_view Name(Bound bound) {
  constexpr std::string_view kNames[] = {"dram",    "l2",      "l1",      "shared",  "issue",
                                         "float32", "float64", "integer", "half",    "special",
                                         "convert", "tensor",  "atomics", "latency", "launch"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Bound::kCount));
  return kNames[static_cast<std::size_t>(bound)];
}

Estimate EstimateOf(const KernelLoad& load) {
  const Activity& work = load.work;
  const double blocks = std::max(load.blocks, 1.0);
  const double resident = std::max(load.resident, 1U);
  const double warps = blocks * std::ceil(std::max(load.threads, 1U) / double{kLanes});
  const double unique_loads =
      std::min(load.unique_load_sectors, work.load_sectors + work.atomic_sectors);
  const double unique_stores =
      std::min(load.unique_store_sectors, work.store_sectors + work.atomic_sectors);
  const double sm_share = Imbalance(blocks) / kSms / kClockPerUs;

  Estimate estimate;
  Parts& parts = estimate.parts_us;
  parts = SmClocks(work);
  for (double& part : parts) part *= sm_share;
  const double dram_bytes = (unique_loads + unique_stores) * kSectorBytes;
  const double l2_bytes = L2Sectors(load) * kSectorBytes;
  Of(parts, Bound::kDram) = dram_bytes / kDramBytesPerUs;
  Of(parts, Bound::kL2) =
      std::max(l2_bytes / kL2BytesPerUs, l2_bytes / kL2BytesPerClockPerSm * sm_share);
  Of(parts, Bound::kAtomics) = work.atomic_passes / kAtomicPassesPerClock / kClockPerUs;
  Of(parts, Bound::kLatency) =
      std::ceil(blocks / (kSms * resident)) * WarpClocks(load, warps) / kClockPerUs;

  estimate.us = kLaunchUs + Overlap(parts);
  Of(parts, Bound::kLaunch) = kLaunchUs;
  estimate.bound = static_cast<Bound>(std::max_element(parts.begin(), parts.end()) - parts.begin());
  return estimate;
}

double CyclesOf(const Activity& work) {
  const Parts clocks = SmClocks(work);
  const double dram_bytes_per_clock = kDramBytesPerUs / kSms / kClockPerUs;
  const double sectors = work.global_sectors() + work.local_sectors;
  return std::accumulate(clocks.begin(), clocks.end(), 0.0) +
         sectors * kSectorBytes / dram_bytes_per_clock +
         work.atomic_passes * kSms / kAtomicPassesPerClock +
         WarpsOf(work, OpClass::kBarrier) * kExchangeLatency / kIssuePerClock;
}

double TransferMicroseconds(double count, double dram_bytes) {
  return count * kLaunchUs + dram_bytes / kDramBytesPerUs;
}

double HostCopyMicroseconds(double count, double bytes) {
  return count * kLaunchUs + bytes / kHostBytesPerUs;
}

}  // namespace caesar::sim
