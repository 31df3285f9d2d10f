#include "sim/launch_check.h"

#include "base/format.h"
#include "sim/device_limits.h"
#include "sim/frames.h"
#include "sim/occupancy.h"

namespace caesar::sim {
namespace {

using Limits = DeviceLimits;

// cudaError_t by number. Grids and blocks beyond the limits: what CUDA 13's runtime answers to
// <<<>>> on an H100 (tests/sim_corpus/cases/launch_errors.cu); earlier ones answered 9.
constexpr int kInvalidValue = 1, kInvalidConfiguration = 9, kCooperativeTooLarge = 720,
              kNotSupported = 801, kInvalidClusterSize = 912;

std::string Text(const Dim3& shape) { return Format("{}x{}x{}", shape.x, shape.y, shape.z); }

int CheckThreads(const Function& kernel, const Dim3& threads, std::string* why) {
  const std::uint64_t count = threads.count();
  if (count == 0 || count > Limits::kThreadsPerBlock || threads.x > Limits::kBlockX ||
      threads.y > Limits::kBlockY || threads.z > Limits::kBlockZ) {
    *why = Format("a block of {} threads: it may have 1 to {}, at most {} in z", Text(threads),
                  Limits::kThreadsPerBlock, Limits::kBlockZ);
    return kInvalidValue;
  }
  if (kernel.source == nullptr) return 0;
  const auto* most = kernel.source->max_threads;
  const std::uint64_t bound =
      std::uint64_t{most[0]} * (most[1] == 0 ? 1 : most[1]) * (most[2] == 0 ? 1 : most[2]);
  if (bound != 0 && count > bound) {
    *why = Format("a block of {} threads, but the kernel is bound to {} (__launch_bounds__)", count,
                  bound);
    return kInvalidValue;
  }
  const auto* required = kernel.source->required_threads;
  if (required[0] != 0 &&
      (threads.x != required[0] || (required[1] != 0 && threads.y != required[1]) ||
       (required[2] != 0 && threads.z != required[2]))) {
    *why = Format("a block of {} threads, but the kernel demands {}x{}x{}", Text(threads),
                  required[0], required[1], required[2]);
    return kInvalidValue;
  }
  return 0;
}

int CheckShared(const Function& kernel, const LaunchShape& shape, std::string* why) {
  const std::uint64_t fixed = kernel.shared_bytes;
  const std::uint64_t dynamic = shape.dynamic_shared_bytes;
  const std::uint64_t limit =
      shape.dynamic_shared_max != 0 ? Limits::kSharedPerBlockOptIn : Limits::kSharedPerBlock;
  const bool beyond_attribute = shape.dynamic_shared_max != 0 &&
                                dynamic > shape.dynamic_shared_max &&
                                fixed + dynamic > Limits::kSharedPerBlock;
  if (DynamicSharedOffset(kernel) + dynamic <= limit && !beyond_attribute) return 0;
  *why = Format("{} bytes of shared memory ({} static, {} dynamic), but a block may have {}{}",
                fixed + dynamic, fixed, dynamic,
                beyond_attribute ? fixed + shape.dynamic_shared_max : limit,
                shape.dynamic_shared_max == 0
                    ? " unless cudaFuncAttributeMaxDynamicSharedMemorySize allows more"
                    : "");
  return kInvalidValue;
}

int CheckCluster(const Function& kernel, LaunchShape* shape, std::string* why) {
  if (const ptx::Function* source = kernel.source; source != nullptr && source->cluster[0] != 0) {
    shape->cluster = {source->cluster[0], source->cluster[1] == 0 ? 1 : source->cluster[1],
                      source->cluster[2] == 0 ? 1 : source->cluster[2]};
    shape->clustered = true;
  }
  const Dim3& cluster = shape->cluster;
  const std::uint64_t most =
      shape->nonportable_cluster ? Limits::kClusterBlocksNonPortable : Limits::kClusterBlocks;
  if (cluster.count() == 0 || cluster.x > most || cluster.y > most || cluster.z > most ||
      cluster.count() > most) {
    *why = Format("a cluster of {} blocks: it may have 1 to {}", Text(cluster), most);
    return kInvalidClusterSize;
  }
  if (shape->blocks.x % cluster.x != 0 || shape->blocks.y % cluster.y != 0 ||
      shape->blocks.z % cluster.z != 0) {
    *why = Format("a grid of {} blocks is no multiple of its clusters of {}", Text(shape->blocks),
                  Text(cluster));
    return kInvalidConfiguration;
  }
  return 0;
}

int CheckCooperative(const Function& kernel, const LaunchShape& shape, std::string* why) {
  const std::uint64_t room = std::uint64_t{Limits::kSms} *
                             OccupancyOf(static_cast<std::uint32_t>(shape.threads.count()), 0,
                                         DynamicSharedOffset(kernel) + shape.dynamic_shared_bytes)
                                 .blocks;
  if (!shape.cooperative || shape.blocks.count() <= room) return 0;
  *why = Format("a cooperative grid of {} blocks, of which only {} fit on the device at once",
                shape.blocks.count(), room);
  return kCooperativeTooLarge;
}

int CheckMemory(const Function& kernel, std::string* why) {
  const std::uint64_t frame = kernel.register_bytes + std::uint64_t{kernel.param_bytes} * kLanes;
  if (kernel.local_bytes <= Limits::kLocalBytesPerThread && frame <= kFrameBytesMax) return 0;
  *why = Format("not simulated: {} bytes of local memory a thread, {} bytes of registers a warp",
                kernel.local_bytes, kernel.register_bytes);
  return kNotSupported;
}

}  // namespace

int CheckLaunch(const Function& kernel, LaunchShape* shape, std::string* why) {
  const Dim3& blocks = shape->blocks;
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0 || blocks.x > Limits::kGridX ||
      blocks.y > Limits::kGridY || blocks.z > Limits::kGridZ) {
    *why = Format("a grid of {} blocks: it may have 1 to {}x{}x{}", Text(blocks), Limits::kGridX,
                  Limits::kGridY, Limits::kGridZ);
    return kInvalidValue;
  }
  if (const int error = CheckThreads(kernel, shape->threads, why); error != 0) return error;
  if (const int error = CheckShared(kernel, *shape, why); error != 0) return error;
  if (const int error = CheckCluster(kernel, shape, why); error != 0) return error;
  if (const int error = CheckCooperative(kernel, *shape, why); error != 0) return error;
  return CheckMemory(kernel, why);
}

}  // namespace caesar::sim
