// The running machine: a grid of blocks, blocks of warps, warps of splits. Handlers of operations
// (sim/ops) see a Warp; the scheduler (sim/schedule.h) owns who runs when.
//
// Divergence: a warp is a list of splits, each a set of lanes at one pc in one frame. The scheduler
// runs the split with the lowest pc and merges splits that meet at the same pc in the same frame.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/arena.h"
#include "sim/counters.h"
#include "sim/findings.h"
#include "sim/program.h"
#include "sim/shared_memory.h"

namespace caesar::sim {

struct Block;
struct Grid;
struct Worker;
struct LoadedModule;

struct Dim3 {
  std::uint32_t x = 1, y = 1, z = 1;
  std::uint64_t count() const { return std::uint64_t{x} * y * z; }
};

// Generic addresses outside of global memory. A window is smaller than 2^40 bytes, and no mapping
// of the process or the arena lies in them.
inline constexpr std::uint64_t kSharedWindow =
    0x0000'0100'0000'0000;  // + rank in the cluster * kSharedWindowStride + offset
inline constexpr std::uint64_t kSharedWindowStride = 0x0000'0000'0100'0000;
inline constexpr std::uint64_t kLocalWindow =
    0x0000'0200'0000'0000;  // + offset in the lane's own local memory
inline constexpr std::uint64_t kParamWindow =
    0x0000'0300'0000'0000;  // + offset in the kernel's parameters
inline constexpr std::uint64_t kWindowBytes = 0x0000'0100'0000'0000;

// One call of a function by some lanes of a warp. Lanes of one call share it even when they have
// diverged since.
struct Frame {
  const Function* function = nullptr;
  std::byte* registers = nullptr;  // function->register_bytes, aligned to 64
  std::vector<std::byte>
      params;  // 32 lanes of function->param_bytes each (kernels: one copy for all)
  Frame* caller = nullptr;
  std::uint32_t call_pc = 0;     // of the call in the caller
  Mask lanes = 0;                // that have not returned
  std::uint32_t local_base = 0;  // of the function's .local variables in each lane's local memory
};

// Why a split does not run.
struct Wait {
  enum class Reason : std::uint8_t {
    kNone,
    kBarrier,  // a block barrier: `number`, `expected` threads
    kWarp,     // a .sync operation: the lanes of `mask` must come together
    kCluster,
    kGrid,
    kMemoryBarrier  // an mbarrier: polled; `address`
  } reason = Reason::kNone;
  int number = 0;
  std::uint32_t expected = 0;
  Mask mask = 0;
  std::uint64_t address = 0;
};

struct Split {
  std::uint32_t pc = 0;
  Mask lanes = 0;
  Frame* frame = nullptr;
  Wait wait;
  std::uint64_t age = 0;  // operations since others last ran: no split starves the rest
};

struct Warp {
  // What handlers use most. Of the split that runs now:
  std::byte* registers = nullptr;  // frame->registers
  Mask active = 0;  // lanes that carry out the current operation: split_lanes and its guard
  Mask split_lanes = 0;
  std::uint32_t pc = 0;  // of the current operation
  Frame* frame = nullptr;
  OpCounts* counts = nullptr;  // of the current function; [pc]
  OpMemo* memos = nullptr;     // of the current function; [pc]

  Block* block = nullptr;
  Grid* grid = nullptr;
  Worker* worker = nullptr;
  std::uint32_t index = 0;  // in the block
  Mask exists = 0;          // the last warp of a block may be partial
  Mask exited = 0;
  Wait wait;                  // written by a handler that returns kWait
  std::vector<Split> splits;  // those that do not run
  std::vector<std::unique_ptr<Frame>> frames;
  std::vector<std::byte> local;  // 32 lanes of local_stride bytes
  std::uint32_t local_stride = 0;
  // Asynchronous copies that the lanes have begun (sim/ops/async.h). Null when a block begins.
  std::shared_ptr<void> copies;

  template <class T>
  T* Lanes(Slot slot) {
    return reinterpret_cast<T*>(registers + slot);
  }
  template <class T>
  const T* Lanes(Slot slot) const {
    return reinterpret_cast<const T*>(registers + slot);
  }
  Mask& Predicate(Slot slot) { return *reinterpret_cast<Mask*>(registers + slot); }

  // Reports with this warp's place (kernel, source line, block, thread of the lowest lane in
  // `lanes`); returns kFault if the finding is one that ends the grid, else kNext.
  Step Report(FindingKind kind, Mask lanes, std::string text);
};

struct NamedBarrier {
  std::uint32_t arrived = 0;   // threads
  std::uint32_t expected = 0;  // 0: nobody is there
  std::uint32_t phase = 0;
  std::uint32_t predicate_count = 0;  // bar.red
  bool predicate_and = true, predicate_or = false;
  std::vector<std::pair<std::uint32_t, Mask>> waiting;  // warp, lanes
};

struct Block {
  Grid* grid = nullptr;
  Dim3 index;  // %ctaid
  std::uint64_t linear = 0;
  std::uint32_t cluster_rank = 0;
  Block** cluster = nullptr;  // blocks of the cluster, by rank
  std::vector<Warp> warps;
  std::uint32_t threads = 0, threads_alive = 0;
  SharedMemory shared;
  NamedBarrier barriers[16];
  // Bulk copies under way (sim/ops/async.h). Null when a block begins.
  std::shared_ptr<void> copies;
};

// One launch.
struct Grid {
  const Function* kernel = nullptr;
  const LoadedModule* module = nullptr;  // see sim/module.h
  Dim3 blocks, threads, cluster;
  std::uint32_t dynamic_shared_bytes = 0;
  std::vector<std::byte> params;  // kernel->param_bytes
  bool cooperative = false;
  std::uint64_t grid_id = 0;
  Arena* arena = nullptr;
  Findings* findings = nullptr;
  std::atomic<bool> stop{false};  // a fault somewhere, or the watchdog
};

// One host thread that runs blocks: what they must not share.
struct Worker {
  std::vector<OpCounts> counts;  // of every op of the module; summed up at the end
  std::vector<OpMemo> memos;
  std::uint64_t operations = 0;  // warp operations so far: watchdog, clocks
};

}  // namespace caesar::sim
