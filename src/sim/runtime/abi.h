// The CUDA runtime's binary interface, as far as a candidate's object sees it: types with the
// layout that CUDA's headers give them, and the numbers that have a meaning. None of CUDA's headers
// is included; tests/integration/sim_abi_test.cpp holds every size, offset and number against them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace caesar::sim::abi {

// cudaError_t. All numbers with names and texts: sim/runtime/errors.h.
using Error = int;
inline constexpr Error kSuccess = 0, kInvalidValue = 1, kMemoryAllocation = 2,
                       kInitializationError = 3, kInvalidConfiguration = 9, kInvalidPitchValue = 12,
                       kInvalidSymbol = 13, kInvalidDevicePointer = 17,
                       kInvalidMemcpyDirection = 21, kMissingConfiguration = 52,
                       kInvalidDeviceFunction = 98, kInvalidDevice = 101, kNoKernelImage = 209,
                       kInvalidPtx = 218, kUnsupportedLimit = 215, kInvalidResourceHandle = 400,
                       kIllegalState = 401, kSymbolNotFound = 500, kNotReady = 600,
                       kHostMemoryAlreadyRegistered = 712, kHostMemoryNotRegistered = 713,
                       kNotPermitted = 800, kNotSupported = 801, kStreamCaptureUnsupported = 900,
                       kStreamCaptureInvalidated = 901, kStreamCaptureMerge = 902,
                       kStreamCaptureUnmatched = 903, kStreamCaptureUnjoined = 904,
                       kStreamCaptureIsolation = 905, kStreamCaptureImplicit = 906,
                       kCapturedEvent = 907, kGraphExecUpdateFailure = 910, kUnknown = 999;

struct Dim {  // dim3
  std::uint32_t x, y, z;
};

enum MemcpyKind : int { kHostToHost, kHostToDevice, kDeviceToHost, kDeviceToDevice, kDefault };

// cudaStream_t, cudaEvent_t and the like are opaque; two streams are numbers.
inline constexpr std::uintptr_t kStreamLegacy = 1, kStreamPerThread = 2;
inline constexpr unsigned kStreamNonBlocking = 1;
inline constexpr unsigned kEventBlockingSync = 1, kEventDisableTiming = 2, kEventInterprocess = 4;
inline constexpr int kPriorityLeast = 0, kPriorityGreatest = -5;  // as on an H100

struct FuncAttributes {
  std::size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
  int maxThreadsPerBlock, numRegs, ptxVersion, binaryVersion, cacheModeCA,
      maxDynamicSharedSizeBytes, preferredShmemCarveout, clusterDimMustBeSet, requiredClusterWidth,
      requiredClusterHeight, requiredClusterDepth, clusterSchedulingPolicyPreference,
      nonPortableClusterSizeAllowed, reserved[16];
};
enum FuncAttribute : int {
  kMaxDynamicSharedMemorySize = 8,
  kPreferredSharedMemoryCarveout = 9,
  kClusterDimMustBeSet = 10,
  kRequiredClusterWidth = 11,
  kRequiredClusterHeight = 12,
  kRequiredClusterDepth = 13,
  kNonPortableClusterSizeAllowed = 14,
  kClusterSchedulingPolicyPreference = 15
};

enum MemoryType : int { kUnregistered, kHost, kDevice, kManaged };
struct PointerAttributes {
  int type;
  int device;
  void* devicePointer;
  void* hostPointer;
  long reserved[8];
};

enum LaunchAttributeId : int {
  kAttributeIgnore = 0,
  kAttributeCooperative = 2,
  kAttributeClusterDimension = 4,
  kAttributeProgrammaticEvent = 7,
  kAttributePriority = 8,
  kAttributePreferredClusterDimension = 11,
  kAttributeLaunchCompletionEvent = 12,
  kAttributeDeviceUpdatableNode = 13,
};
union LaunchAttributeValue {
  char bytes[64];
  int integer;
  Dim dim;
  void* pointer;
};
struct LaunchAttribute {
  int id;
  char pad[4];
  LaunchAttributeValue value;
};
// No launch has more: more than there are kinds, so that later toolkits' fit too.
inline constexpr unsigned kAttributesMax = 64;
struct LaunchConfig {
  Dim gridDim, blockDim;
  std::size_t dynamicSmemBytes;
  void* stream;
  const LaunchAttribute* attrs;
  unsigned numAttrs;
};

struct PitchedPointer {
  void* ptr;
  std::size_t pitch, xsize, ysize;
};
struct Extent {
  std::size_t width, height, depth;
};
struct Position {
  std::size_t x, y, z;
};
struct Memcpy3DPeer {
  void* srcArray;
  Position srcPos;
  PitchedPointer srcPtr;
  int srcDevice;
  void* dstArray;
  Position dstPos;
  PitchedPointer dstPtr;
  int dstDevice;
  Extent extent;
};
struct Memcpy3D {
  void* srcArray;
  Position srcPos;
  PitchedPointer srcPtr;
  void* dstArray;
  Position dstPos;
  PitchedPointer dstPtr;
  Extent extent;
  int kind;
};

struct KernelNodeParams {
  const void* func;
  Dim gridDim, blockDim;
  unsigned sharedMemBytes;
  void** kernelParams;
  void** extra;
};
struct MemsetParams {
  void* dst;
  std::size_t pitch;
  unsigned value, elementSize;
  std::size_t width, height;
};
struct HostNodeParams {
  void (*fn)(void*);
  void* userData;
};
struct MemcpyNodeParams {
  int flags, reserved[3];
  Memcpy3D copyParams;
};
struct GraphNodeParams {  // the unions' members begin as the structures above
  int type, reserved0[3];
  union {
    long long words[29];
    KernelNodeParams kernel;
    MemcpyNodeParams memcpy;
    MemsetParams memset;
    HostNodeParams host;
    void* handle;  // a child graph, an event, memory to be freed
  } of;
  long long reserved2;
};
struct GraphEdgeData {
  unsigned char fromPort, toPort, type, reserved[5];
};
struct GraphExecUpdateResultInfo {
  int result;
  void *errorNode, *errorFromNode;
};
struct GraphInstantiateParams {
  unsigned long long flags;
  void *uploadStream, *errNode;
  int result;
};
enum GraphNodeType : int {
  kNodeKernel,
  kNodeMemcpy,
  kNodeMemset,
  kNodeHost,
  kNodeGraph,
  kNodeEmpty,
  kNodeWaitEvent,
  kNodeEventRecord,
  kNodeMemAlloc = 10,
  kNodeMemFree = 11
};

enum CaptureStatus : int { kCaptureNone, kCaptureActive, kCaptureInvalidated };
// cudaStreamUpdateCaptureDependencies.
inline constexpr unsigned kAddDependencies = 0, kSetDependencies = 1;
enum CaptureMode : int { kCaptureGlobal, kCaptureThreadLocal, kCaptureRelaxed };

enum Limit : int {
  kLimitStack,
  kLimitPrintf,
  kLimitHeap,
  kLimitL2Fetch = 5,
  kLimitPersistingL2 = 6
};

struct MemLocation {
  int type, id;
};
inline constexpr int kLocationDevice = 1;
struct MemPoolProps {
  int allocType, handleTypes;
  MemLocation location;
  void* win32SecurityAttributes;
  std::size_t maxSize;
  unsigned short usage;
  unsigned char reserved[54];
};
struct MemAccess {  // cudaMemAccessDesc
  MemLocation location;
  int flags;
};
enum MemPoolAttribute : int {
  kPoolFollowEvents = 1,
  kPoolOpportunistic,
  kPoolInternal,
  kPoolReleaseThreshold,
  kPoolReservedCurrent,
  kPoolReservedHigh,
  kPoolUsedCurrent,
  kPoolUsedHigh
};
struct MemAllocNodeParams {
  MemPoolProps poolProps;
  const MemAccess* accessDescs;
  std::size_t accessDescCount, bytesize;
  void* dptr;
};

// What nvcc leaves in .nvFatBinSegment.
struct FatBinaryWrapper {
  static constexpr std::uint32_t kMagic = 0x466243B1;
  std::uint32_t magic, version;
  const void* data;
  void* unused;
};

}  // namespace caesar::sim::abi
