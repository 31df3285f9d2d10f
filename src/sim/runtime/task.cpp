#include "sim/runtime/task.h"

#include <algorithm>

#include "sim/runtime/device.h"

namespace caesar::sim {
namespace {

using Plane = DeviceMemory::Plane;

// The planes of a copy lie `pitch * ysize` bytes apart.
struct Side {
  const char* first;
  std::size_t pitch, slice;
  Plane At(std::size_t z) const { return {first + z * slice, pitch}; }
};
Side SideOf(const abi::PitchedPointer& pointer, const abi::Position& at) {
  return {
      static_cast<const char*>(pointer.ptr) + (at.z * pointer.ysize + at.y) * pointer.pitch + at.x,
      pointer.pitch, pointer.pitch * pointer.ysize};
}

struct Carrier {
  Device& device;

  abi::Error operator()(const EmptyTask&) const { return abi::kSuccess; }
  abi::Error operator()(const KernelTask& task) const {
    return device.RunKernel(*task.kernel, task.shape, task.params);
  }
  abi::Error operator()(const CopyTask& task) const {
    const abi::Memcpy3D& what = task.what;
    const Side to = SideOf(what.dstPtr, what.dstPos), from = SideOf(what.srcPtr, what.srcPos);
    bool host = false;
    for (std::size_t z = 0; z < what.extent.depth; ++z) {
      bool touches_host = false;
      const abi::Error error =
          device.memory.Copy(to.At(z), from.At(z), what.extent.width, what.extent.height, what.kind,
                             task.call, &touches_host);
      if (error != abi::kSuccess) return device.Fail(error);
      if (z == 0) host = touches_host;
      if (what.extent.width == 0 || what.extent.height == 0) break;
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
