// What the simulated GPU is: the limits and figures of one NVIDIA H100 SXM5 80GB, so that launches
// fail where they would fail there and attributes read the same.
#pragma once

#include <cstdint>

namespace caesar::sim {

// Sources: CUDA C++ Programming Guide, "Compute Capabilities" (9.0), and cudaGetDeviceProperties on
// an H100 80GB HBM3.
struct DeviceLimits {
  static constexpr int kComputeMajor = 9, kComputeMinor = 0;
  static constexpr std::uint32_t kThreadsPerBlock = 1024;
  static constexpr std::uint32_t kBlockX = 1024, kBlockY = 1024, kBlockZ = 64;
  static constexpr std::uint64_t kGridX = 2147483647, kGridY = 65535, kGridZ = 65535;
  static constexpr std::uint32_t kSharedPerBlock = 49152;  // without opt-in
  static constexpr std::uint32_t kSharedPerBlockOptIn = 232448;
  static constexpr std::uint32_t kSharedPerSm = 233472;
  static constexpr std::uint32_t kSharedReserved = 1024;  // per block, by the system
  static constexpr std::uint32_t kRegistersPerSm = 65536, kRegistersPerThread = 255;
  static constexpr std::uint32_t kThreadsPerSm = 2048, kBlocksPerSm = 32, kWarpsPerSm = 64;
  static constexpr std::uint32_t kSms = 132;
  static constexpr std::uint32_t kClusterBlocks = 8;  // portable maximum
  static constexpr std::uint32_t kClusterBlocksNonPortable = 16;
  static constexpr std::uint64_t kConstBytes = 65536, kParamBytes = 32764;
  static constexpr std::uint64_t kL2Bytes = 52428800;
  static constexpr std::uint32_t kClockMhz = 1980;
  static constexpr std::int64_t kMemoryBytes = 85029158912;
  // Device-to-device copy, bytes read plus written, as the judge measured it on an H100 80GB HBM3.
  static constexpr double kBandwidthGbs = 3006;
  static constexpr std::uint64_t kPrintfBytes = 1048576;
  static constexpr std::uint32_t kLocalBytesPerThread = 524288;
};

}  // namespace caesar::sim
