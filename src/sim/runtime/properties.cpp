#include "sim/runtime/properties.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "sim/device_limits.h"
#include "sim/runtime/abi.h"

namespace caesar::sim {
namespace {

using Limits = DeviceLimits;

struct Uuid {
  char bytes[16];
};

template <class T, int count>
struct Field {
  using Type = T[count];
};
template <class T>
struct Field<T, 0> {
  using Type = T;
};

#define MEMBER(type, name, count) Field<type, count>::Type name;
#define NOTHING(type, name, count)
struct Properties12 {
#define F MEMBER
#define F12 MEMBER
#define F13 NOTHING
#include "sim/runtime/properties.def"
#undef F12
#undef F13
};
struct Properties13 {
#define F12 NOTHING
#define F13 MEMBER
#include "sim/runtime/properties.def"
#undef F
#undef F13
};
struct Member {
  std::string_view name;
  std::size_t offset;
};
constexpr Member kMembers13[] = {
#define F(type, name, count) {#name, offsetof(Properties13, name)},
#define F13 F
#include "sim/runtime/properties.def"
#undef F
#undef F12
#undef F13
};
static_assert(sizeof(Properties12) == kProperties12Bytes);
static_assert(sizeof(Properties13) == kProperties13Bytes);

constexpr int Int(std::uint64_t value) {
  return static_cast<int>(std::min<std::uint64_t>(value, 2147483647));
}

struct Attribute {
  int number;
  int value;
};
// cudaDeviceAttr by number. Where nothing else is said: cudaDeviceGetAttribute on an H100 80GB
// HBM3.
constexpr Attribute kAttributes[] = {
    {1, Int(Limits::kThreadsPerBlock)},
    {2, Int(Limits::kBlockX)},
    {3, Int(Limits::kBlockY)},
    {4, Int(Limits::kBlockZ)},
    {5, Int(Limits::kGridX)},
    {6, Int(Limits::kGridY)},
    {7, Int(Limits::kGridZ)},
    {8, Int(Limits::kSharedPerBlock)},
    {9, Int(Limits::kConstBytes)},
    {10, 32},
    {11, 2147483647},  // pitch
    {12, Int(Limits::kRegistersPerSm)},
    {13, Int(Limits::kClockMhz * 1000)},
    {14, 512},  // texture alignment
    {15, 1},    // copies overlap
    {16, Int(Limits::kSms)},
    {17, 0},        // no time-out
    {18, 0},        // not integrated
    {19, 1},        // host memory can be mapped
    {20, 0},        // compute mode
    {30, 512},      // surface alignment
    {31, 1},        // concurrent kernels
    {32, 1},        // ECC
    {33, 0},        // PCI bus
    {34, 0},        // PCI device
    {35, 0},        // TCC
    {36, 2619000},  // memory clock in kHz
    {37, 5120},     // bus width
    {38, Int(Limits::kL2Bytes)},
    {39, Int(Limits::kThreadsPerSm)},
    {40, 3},  // copy engines
    {41, 1},  // unified addresses
    {50, 0},
    {51, 32},  // texture pitch alignment
    {75, Limits::kComputeMajor},
    {76, Limits::kComputeMinor},
    {78, 1},  // stream priorities
    {79, 1},
    {80, 1},
    {81, Int(Limits::kSharedPerSm)},
    {82, Int(Limits::kRegistersPerSm)},
    {83, 1},  // managed memory
    {84, 0},
    {85, 0},
    {86, 0},  // native atomics with the host
    {87, 2},  // single to double
    {88, 0},  // pageable memory: kernels cannot use it here (HMM may be on in a system)
    {89, 1},  // concurrent managed access
    {90, 1},  // preemption
    {91, 0},  // registered memory is not for kernels
    {95, 1},  // cooperative launch
    {96, 0},
    {97, Int(Limits::kSharedPerBlockOptIn)},
    {98, 0},
    {99, 1},  // cudaHostRegister
    {100, 0},
    {101, 0},
    {106, Int(Limits::kBlocksPerSm)},
    {108, 32768000},   // persisting L2
    {109, 134213632},  // access policy window
    {111, Int(Limits::kSharedReserved)},
    {112, 0},  // sparse arrays: no arrays at all
    {113, 0},
    {114, 0},
    {115, 1},  // memory pools: the default one
    {116, 0},
    {117, 0},
    {118, 0},
    {119, 0},
    {120, 1},  // clusters
    {121, 0},
    {125, 0},  // IPC events
    {126, 4},  // memory synchronisation domains
    {130, 0},
    {131, -1},
    {133, 0},
    {134, -1},
    {135, 0},
    {138, 0},
    {139, 0},
    {140, 0},
    {142, 0},
    {143, 0},
    {144, 0},
    {147, 0},
};

template <class P>
void FillCommon(P& p) {
  std::memset(&p, 0, sizeof p);
  constexpr char kName[] = "NVIDIA H100 80GB HBM3 (simulated)";
  std::memcpy(p.name, kName, sizeof kName);
  std::memcpy(p.uuid.bytes, "caesar-simulated", sizeof p.uuid.bytes);
  p.sharedMemPerBlock = Limits::kSharedPerBlock;
  p.regsPerBlock = Int(Limits::kRegistersPerSm);
  p.warpSize = 32;
  p.memPitch = 2147483647;
  p.maxThreadsPerBlock = Int(Limits::kThreadsPerBlock);
  const int threads[] = {Int(Limits::kBlockX), Int(Limits::kBlockY), Int(Limits::kBlockZ)};
  const int grid[] = {Int(Limits::kGridX), Int(Limits::kGridY), Int(Limits::kGridZ)};
  std::copy(std::begin(threads), std::end(threads), p.maxThreadsDim);
  std::copy(std::begin(grid), std::end(grid), p.maxGridSize);
  p.totalConstMem = Limits::kConstBytes;
  p.major = Limits::kComputeMajor;
  p.minor = Limits::kComputeMinor;
  p.textureAlignment = p.surfaceAlignment = 512;
  p.texturePitchAlignment = 32;
  p.multiProcessorCount = Int(Limits::kSms);
  p.sharedMemPerMultiprocessor = Limits::kSharedPerSm;
  p.sharedMemPerBlockOptin = Limits::kSharedPerBlockOptIn;
  p.reservedSharedMemPerBlock = Limits::kSharedReserved;
  const auto set = [](int attribute, int& member) { member = *DeviceAttribute(attribute); };
  set(19, p.canMapHostMemory);
  set(31, p.concurrentKernels);
  set(32, p.ECCEnabled);
  set(37, p.memoryBusWidth);
  set(38, p.l2CacheSize);
  set(39, p.maxThreadsPerMultiProcessor);
  set(40, p.asyncEngineCount);
  set(41, p.unifiedAddressing);
  set(78, p.streamPrioritiesSupported);
  set(79, p.globalL1CacheSupported);
  set(80, p.localL1CacheSupported);
  set(82, p.regsPerMultiprocessor);
  set(83, p.managedMemory);
  set(89, p.concurrentManagedAccess);
  set(90, p.computePreemptionSupported);
  set(95, p.cooperativeLaunch);
  set(106, p.maxBlocksPerMultiProcessor);
  set(108, p.persistingL2CacheMaxSize);
  set(109, p.accessPolicyMaxWindowSize);
  set(115, p.memoryPoolsSupported);
  set(120, p.clusterLaunch);
}

}  // namespace

std::optional<int> DeviceAttribute(int attribute) {
  const auto* found =
      std::lower_bound(std::begin(kAttributes), std::end(kAttributes), attribute,
                       [](const Attribute& entry, int number) { return entry.number < number; });
  if (found == std::end(kAttributes) || found->number != attribute) return std::nullopt;
  return found->value;
}

std::size_t OffsetOfProperty13(std::string_view member) {
  for (const Member& known : kMembers13) {
    if (known.name == member) return known.offset;
  }
  return sizeof(Properties13);
}

void FillProperties13(void* properties, std::uint64_t memory_bytes) {
  Properties13 p;
  FillCommon(p);
  p.totalGlobalMem = memory_bytes;
  p.deviceNumaId = p.hostNumaId = -1;
  std::memcpy(properties, &p, sizeof p);
}

void FillProperties12(void* properties, std::uint64_t memory_bytes) {
  Properties12 p;
  FillCommon(p);
  p.totalGlobalMem = memory_bytes;
  p.clockRate = *DeviceAttribute(13);
  p.deviceOverlap = *DeviceAttribute(15);
  p.memoryClockRate = *DeviceAttribute(36);
  p.singleToDoublePrecisionPerfRatio = *DeviceAttribute(87);
  std::memcpy(properties, &p, sizeof p);
}

}  // namespace caesar::sim
