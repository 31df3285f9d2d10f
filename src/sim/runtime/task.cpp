#include "sim/runtime/task.h"

#include <algorithm>

#include "sim/runtime/device.h"

namespace caesar::sim {
namespace {

using Plane = DeviceMemory::Plane;

bool IsEmpty(const abi::Extent& extent) {
  return extent.width == 0 || extent.height == 0 || extent.depth == 0;
}

// One side of a copy.
struct Side {
  std::uint64_t first = 0;
  std::size_t pitch = 0, slice = 0;
  Plane At(std::size_t z) const {
    return {reinterpret_cast<const void*>(first + z * slice), pitch};
  }
};
// Positions are the caller's: what they lead to is on the side of the pointer that they start from,
// or no copy is made, neither on the device nor on the host.
abi::Error SideOf(const Arena& arena, const abi::PitchedPointer& pointer, const abi::Position& at,
                  const abi::Extent& extent, Side* side) {
  const auto base = reinterpret_cast<std::uint64_t>(pointer.ptr);
  *side = {base, pointer.pitch, 0};
  if (IsEmpty(extent) || base == 0) return abi::kSuccess;
  if (const abi::Error error = SliceOf(pointer, at.y, extent, &side->slice)) return error;
  std::uint64_t offset = 0, last = 0;
  if (__builtin_mul_overflow(at.z, pointer.ysize, &offset) ||
      __builtin_add_overflow(offset, at.y, &offset) ||
      __builtin_mul_overflow(offset, pointer.pitch, &offset) ||
      __builtin_add_overflow(offset, at.x, &offset) ||
      __builtin_add_overflow(base, offset, &side->first) ||
      __builtin_add_overflow(side->first, side->slice * (extent.depth - 1), &last)) {
    return abi::kInvalidValue;
  }
  const bool inside = arena.Contains(base);
  return arena.Contains(side->first) == inside && arena.Contains(last) == inside
             ? abi::kSuccess
             : abi::kInvalidValue;
}

struct Carrier {
  Device& device;

  abi::Error operator()(const EmptyTask&) const { return abi::kSuccess; }
  abi::Error operator()(const KernelTask& task) const {
    return device.RunKernel(*task.kernel, task.shape, task.params);
  }
  abi::Error operator()(const CopyTask& task) const {
    const abi::Memcpy3D& what = task.what;
    const Arena& arena = device.memory.arena();
    Side to, from;
    abi::Error wrong = SideOf(arena, what.dstPtr, what.dstPos, what.extent, &to);
    if (wrong == abi::kSuccess) {
      wrong = SideOf(arena, what.srcPtr, what.srcPos, what.extent, &from);
    }
    if (wrong != abi::kSuccess) return wrong;
    bool host = false;
    for (std::size_t z = 0; z < what.extent.depth; ++z) {
      bool touches_host = false;
      const abi::Error error =
          device.memory.Copy(to.At(z), from.At(z), what.extent.width, what.extent.height, what.kind,
                             task.call, &touches_host);
      if (error != abi::kSuccess) return device.Fail(error);
      if (z == 0) host = touches_host;
      if (IsEmpty(what.extent)) break;
    }
    // Each row was carried out: the product is no larger than memory.
    const std::uint64_t bytes =
        std::uint64_t{what.extent.width} * what.extent.height * what.extent.depth;
    if (bytes > 0) device.NoteCopy(host, bytes);
    return abi::kSuccess;
  }
  abi::Error operator()(const FillTask& task) const {
    const abi::MemsetParams& what = task.what;
    for (std::size_t z = 0; z < task.depth; ++z) {
      const abi::Error error =
          device.memory.Fill({static_cast<char*>(what.dst) + z * task.slice, what.pitch},
                             what.value, what.elementSize, what.width, what.height, task.call);
      if (error != abi::kSuccess) return device.Fail(error);
      if (what.width == 0 || what.height == 0) break;
    }
    const std::uint64_t bytes =
        std::uint64_t{what.width} * what.elementSize * what.height * task.depth;
    if (bytes > 0) device.NoteSet(bytes);
    return abi::kSuccess;
  }
  abi::Error operator()(const HostTask& task) const {
    device.CallHost(task.function, task.data);
    return abi::kSuccess;
  }
  abi::Error operator()(const ChildTask& task) const {
    const std::shared_ptr<Graph> graph = task.graph;  // a host function may replace it
    return CarryGraph(device, *graph);
  }
  abi::Error operator()(const RecordTask& task) const {
    Event* event = device.streams.FindEvent(task.event);
    if (event == nullptr) return abi::kInvalidResourceHandle;
    device.streams.RecordNow(*event);
    return abi::kSuccess;
  }
  // Work is done when it is submitted: what the event stands for has been.
  abi::Error operator()(const WaitTask&) const { return abi::kSuccess; }
  abi::Error operator()(const AllocateTask&) const { return abi::kSuccess; }
  abi::Error operator()(const FreeTask&) const { return abi::kSuccess; }
};

}  // namespace

abi::GraphNodeType TypeOf(const Task& task) {
  // By the order of the variant.
  constexpr abi::GraphNodeType kTypes[] = {
      abi::kNodeEmpty,    abi::kNodeKernel, abi::kNodeMemcpy,      abi::kNodeMemset,
      abi::kNodeHost,     abi::kNodeGraph,  abi::kNodeEventRecord, abi::kNodeWaitEvent,
      abi::kNodeMemAlloc, abi::kNodeMemFree};
  static_assert(std::size(kTypes) == std::variant_size_v<Task>);
  return kTypes[task.index()];
}

abi::Error Carry(Device& device, const Task& task) { return std::visit(Carrier{device}, task); }

abi::Error SliceOf(const abi::PitchedPointer& pointer, std::size_t y, const abi::Extent& extent,
                   std::size_t* slice) {
  *slice = 0;
  if (extent.depth <= 1 || IsEmpty(extent)) return abi::kSuccess;
  if (extent.width > pointer.pitch) return abi::kInvalidPitchValue;
  std::size_t all = 0;
  const bool fits =
      y <= pointer.ysize && extent.height <= pointer.ysize - y &&
      !__builtin_mul_overflow(pointer.pitch, pointer.ysize, slice) &&
      !__builtin_mul_overflow(*slice, extent.depth, &all) &&
      !__builtin_add_overflow(reinterpret_cast<std::uint64_t>(pointer.ptr), all, &all);
  return fits ? abi::kSuccess : abi::kInvalidValue;
}

CopyTask CopyOfRows(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                    std::size_t width, std::size_t height, int kind, const char* call) {
  CopyTask task{{}, call};
  task.what.dstPtr = {to, to_pitch, width, height};
  task.what.srcPtr = {const_cast<void*>(from), from_pitch, width, height};
  task.what.extent = {width, height, 1};
  task.what.kind = kind;
  return task;
}

}  // namespace caesar::sim
