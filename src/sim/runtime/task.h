// What a stream carries out and a graph's node holds: data, so that a node can be asked for it,
// given another, and copied.
#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include "sim/launch.h"
#include "sim/runtime/abi.h"

namespace caesar::sim {

class Device;
class Graph;
struct Kernel;

struct EmptyTask {};
struct KernelTask {
  Kernel* kernel = nullptr;        // lives as long as the device
  const void* function = nullptr;  // that names it
  LaunchShape shape;
  std::vector<std::byte> params;  // as the kernel's .param variables lie
};
struct CopyTask {
  abi::Memcpy3D what;  // no arrays; a copy of one row or plane has that extent
  const char* call = "";
};
struct FillTask {
  abi::MemsetParams what;
  std::size_t depth = 1, slice = 0;  // planes, and bytes from one to the next
  const char* call = "";
};
struct HostTask {
  void (*function)(void*) = nullptr;
  void* data = nullptr;
};
struct ChildTask {
  std::shared_ptr<Graph> graph;  // its own
};
struct RecordTask {
  void* event = nullptr;
};
struct WaitTask {
  void* event = nullptr;
};
// The memory exists from the making of the node on, at one address for all launches.
struct AllocateTask {
  void* address = nullptr;
  std::size_t bytes = 0;
};
struct FreeTask {
  void* address = nullptr;
};

using Task = std::variant<EmptyTask, KernelTask, CopyTask, FillTask, HostTask, ChildTask,
                          RecordTask, WaitTask, AllocateTask, FreeTask>;

abi::GraphNodeType TypeOf(const Task& task);

// Carries a task out now. Called with the device's lock held; returns a CUDA error.
abi::Error Carry(Device& device, const Task& task);

// Bytes from one plane of a box to the next, 0 where it has but one; an error where planes would
// overlap, or end beyond all addresses.
abi::Error SliceOf(const abi::PitchedPointer& pointer, std::size_t y, const abi::Extent& extent,
                   std::size_t* slice);

// A copy of rows: `pitch` bytes from one to the next on either side.
CopyTask CopyOfRows(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                    std::size_t width, std::size_t height, int kind, const char* call);

}  // namespace caesar::sim
