#include "sim/device_library.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <string>

#include "base/format.h"
#include "sim/device_limits.h"
#include "sim/printf.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kTextMax = 4096;  // of a string in device memory

// Copies bytes that a lane sees at a generic address; false: nothing lies there.
bool Read(const Warp& warp, std::uint32_t lane, std::uint64_t address, void* to,
          std::size_t bytes) {
  if (address - kLocalWindow < kWindowBytes) {
    const std::uint64_t offset = address - kLocalWindow;
    if (offset > warp.local_stride || bytes > warp.local_stride - offset) return false;
    std::memcpy(to, warp.local.data() + std::size_t{lane} * warp.local_stride + offset, bytes);
    return true;
  }
  if (address - kSharedWindow < kWindowBytes) {
    SharedMemory& shared = warp.block->shared;
    const std::uint64_t offset = (address - kSharedWindow) % kSharedWindowStride;
    if (offset > shared.bytes() || bytes > shared.bytes() - offset) return false;
    std::memcpy(to, shared.data() + offset, bytes);
    return true;
  }
  const Arena& arena = *warp.grid->arena;
  if (!arena.Contains(address) || arena.Find(address, bytes) == nullptr) return false;
  std::memcpy(to, arena.Host(address), bytes);
  return true;
}

std::string Text(const Warp& warp, std::uint32_t lane, std::uint64_t address) {
  if (address == 0) return "(null)";
  std::string text;
  char character = 0;
  while (text.size() < kTextMax && Read(warp, lane, address + text.size(), &character, 1) &&
         character != 0) {
    text += character;
  }
  return text;
}

template <class Each>
void ForEachLane(Mask lanes, Each each) {
  for (; lanes != 0; lanes &= lanes - 1) each(static_cast<std::uint32_t>(std::countr_zero(lanes)));
}

// int vprintf(const char* format, void* arguments): the arguments lie one after the other, each
// aligned to its size.
void PrintLane(Warp& warp, const CallSite& site, std::uint32_t lane) {
  std::string& printed = warp.worker->printed;
  const std::uint64_t room = warp.grid->arena->heap.printf_bytes_max;
  // A full buffer has been reported: what is lost is not worth formatting. CUDA's number for
  // errors.
  if (room != 0 && printed.size() >= room) return SetResult(warp, site, 4, lane, 0xFFFFFFFEU);
  std::uint64_t at = Argument(warp, site, 1, 8, lane);
  std::int32_t taken = 0;
  PrintfSource source;
  source.next = [&](std::size_t bytes) {
    at = (at + bytes - 1) / bytes * bytes;
    std::uint64_t value = 0;
    if (!Read(warp, lane, at, &value, bytes)) value = 0;
    at += bytes;
    ++taken;
    return value;
  };
  source.text = [&](std::uint64_t address) { return Text(warp, lane, address); };
  const std::string line = FormatPrintf(Text(warp, lane, Argument(warp, site, 0, 8, lane)), source);
  printed.append(line, 0, room - std::min<std::uint64_t>(printed.size(), room));
  if (printed.size() >= room) {
    warp.Report(
        FindingKind::kPrintfOverflow, Mask{1} << lane,
        Format("printed so much that the buffer of {} bytes is full; the rest is lost", room));
  }
  SetResult(warp, site, 4, lane, static_cast<std::uint32_t>(taken));
}

Step Print(Warp& warp, const CallSite& site) {
  ForEachLane(warp.active, [&](std::uint32_t lane) { PrintLane(warp, site, lane); });
  return Step::kNext;
}

// void __assertfail(const char* message, const char* file, unsigned line, const char* function,
// size_t character_size)
Step FailAssertion(Warp& warp, const CallSite& site) {
  const auto lane = static_cast<std::uint32_t>(std::countr_zero(warp.active));
  const auto text = [&](std::size_t index) {
    return Text(warp, lane, Argument(warp, site, index, 8, lane));
  };
  return warp.Report(FindingKind::kAssert, warp.active,
                     Format("assertion `{}` failed at {}:{}, in {}", text(0), text(1),
                            Argument(warp, site, 2, 4, lane), text(3)));
}

// As on the hardware, the heap has a size (cudaLimitMallocHeapSize) and malloc answers null where
// it is full. Each block of it is an allocation of its own, so that accesses beyond it are found.
constexpr std::uint64_t kHeapAlignment = 16;
constexpr std::string_view kHeapName = "malloc(";

std::uint64_t HeapBytes(std::uint64_t bytes) {
  return (bytes + kHeapAlignment - 1) / kHeapAlignment * kHeapAlignment;
}

std::uint64_t AllocateBlock(Arena& arena, std::uint64_t bytes) {
  DeviceHeap& heap = arena.heap;
  if (bytes == 0 || bytes > heap.bytes_max) return 0;
  const std::uint64_t taken = HeapBytes(bytes);
  std::uint64_t address = 0;
  if (heap.bytes_used.fetch_add(taken) + taken <= heap.bytes_max) {
    address = arena.Allocate(bytes, Format("{}{}) in a kernel", kHeapName, bytes));
  }
  if (address == 0) heap.bytes_used.fetch_sub(taken);
  return address;
}

Step Allocate(Warp& warp, const CallSite& site) {
  ForEachLane(warp.active, [&](std::uint32_t lane) {
    SetResult(warp, site, 8, lane,
              AllocateBlock(*warp.grid->arena, Argument(warp, site, 0, 8, lane)));
  });
  return Step::kNext;
}

// Only what a kernel allocated: tensors are not the kernel's to free.
bool FreeBlock(Arena& arena, std::uint64_t address) {
  const Allocation* found = arena.Find(address);
  if (found == nullptr || found->begin != address || !found->name.starts_with(kHeapName)) {
    return false;
  }
  const std::uint64_t taken = HeapBytes(found->end - found->begin);
  if (!arena.Free(address)) return false;
  arena.heap.bytes_used.fetch_sub(taken);
  return true;
}

// What operations remember of the block that has been freed.
void Forget(Worker& worker, std::uint64_t address) {
  for (OpMemo& memo : worker.memos) {
    if (memo.begin != address) continue;
    memo = {};
    memo.several = true;  // what comes next is another
  }
}

Step Deallocate(Warp& warp, const CallSite& site) {
  Step step = Step::kNext;
  ForEachLane(warp.active, [&](std::uint32_t lane) {
    const std::uint64_t address = Argument(warp, site, 0, 8, lane);
    if (address == 0) return;
    if (FreeBlock(*warp.grid->arena, address)) return Forget(*warp.worker, address);
    step = warp.Report(FindingKind::kOutOfBounds, Mask{1} << lane,
                       Format("free({:#x}), which malloc did not return", address));
  });
  return step;
}

struct Entry {
  std::string_view name;
  DeviceFunction function;
};
constexpr Entry kLibrary[] = {{"vprintf", Print},
                              {"__assertfail", FailAssertion},
                              {"malloc", Allocate},
                              {"free", Deallocate}};

}  // namespace

bool UsesHeap(DeviceFunction function) { return function == Allocate || function == Deallocate; }

DeviceFunction FindDeviceFunction(std::string_view name) {
  const auto* found = std::find_if(std::begin(kLibrary), std::end(kLibrary),
                                   [&](const Entry& entry) { return entry.name == name; });
  return found == std::end(kLibrary) ? nullptr : found->function;
}

}  // namespace caesar::sim
