// The running machine: a grid of blocks, blocks of warps, warps of splits. Handlers of operations
// (sim/ops) see a Warp; the scheduler (sim/schedule.h) owns who runs when.
//
// Divergence: a warp is a list of splits, each a set of lanes at one pc in one frame. The scheduler
// runs the split with the lowest pc and merges splits that meet at the same pc in the same frame.
#pragma once

#include <atomic>
#include <chrono>
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
      params;  // 32 lanes of function->param_bytes each (a kernel's own are Grid::params)
  Frame* caller = nullptr;
  std::uint32_t call_pc = 0;     // of the call in the caller
  Mask lanes = 0;                // that have not returned
  std::uint32_t local_base = 0;  // of the function's .local variables in each lane's local memory
  std::uint32_t depth = 0;       // callers above it; a kernel's frame: 0
  // A frame is used again for calls of the same function: what its presets were filled in for.
  std::uint64_t filled_for_block = 0;                 // Block::linear + 1; 0: never
  std::vector<const SlotValue*> per_call, per_block;  // presets that change that often
  std::vector<std::byte> storage;
};

// Why a split does not run.
struct Wait {
  enum class Reason : std::uint8_t {
    kNone,
    kBarrier,  // has arrived at a block barrier: `number`, `expected` threads
    kWarp,     // a .sync operation: the lanes of `mask` must come together
    kAligned,  // the same before an .aligned barrier, `number`; if they never come, it goes on
               // without
    kCluster,  // barrier.cluster.wait: polled
    // mbarrier.try_wait, polled: `address` in shared memory; `number` arrivals and `expected` bytes
    // are missing.
    kMemoryBarrier
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
  std::uint64_t last_ran = 0;  // Warp::turn: no split starves the rest
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
  std::vector<Frame*> free_frames;  // of frames: calls that have returned
  std::uint64_t frame_bytes = 0;    // of all frames
  std::uint32_t left = 0;           // operations of the current turn, see sim/schedule.h
  std::uint32_t patience = 0;       // operations after which a split makes way for another
  std::uint32_t impatience = 0;     // operations since others of this warp last ran
  std::uint64_t turn = 0;           // counts changes between splits
  bool favoured = false;            // the running split need not be the one with the lowest pc
  std::uint32_t stretch = 0;        // what `left` began with; Block::operations stands there
  Mask forced = 0;               // lanes that pass an .aligned barrier although others are missing
  Mask timed_out = 0;            // lanes whose mbarrier.try_wait says no instead of waiting
  Mask cluster_arrived = 0;      // lanes at barrier.cluster whose phase is not complete
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
  // Whether the operation under way has reported that before: then it is counted once more, and its
  // text, which takes long to write, need not be.
  bool ReportedBefore(FindingKind kind);
};

struct NamedBarrier {
  static constexpr std::uint32_t kWholeBlock =
      ~std::uint32_t{0};              // all threads that have not exited
  std::uint32_t arrived = 0;          // threads
  std::uint32_t expected = 0;         // threads, or kWholeBlock; 0: nobody is there
  std::uint32_t predicate_count = 0;  // bar.red: threads whose predicate holds
  std::uint32_t predicates = 0;       // bar.red: threads that brought one
  std::uint32_t warps = 0;            // one bit for each warp that has arrived
};

// The barrier of a cluster's blocks.
struct ClusterBarrier {
  std::uint32_t arrived = 0;  // threads
};

struct Block {
  Grid* grid = nullptr;
  Dim3 index;  // %ctaid
  std::uint64_t linear = 0;
  std::uint32_t cluster_rank = 0;
  Block** cluster = nullptr;  // blocks of the cluster, by rank
  std::uint32_t cluster_blocks = 1;
  ClusterBarrier* cluster_barrier = nullptr;
  std::uint64_t operations = 0;  // warp operations so far: the block's clock
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
  bool explicit_cluster = false;  // asked for by the launch or the kernel, be it of one block
  std::uint64_t grid_id = 0;
  std::uint64_t workspace = 0;  // device address of a cooperative grid's barrier (%envreg1, 2)
  std::uint64_t operations_max = ~std::uint64_t{0};  // lane operations
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::atomic<std::uint64_t>* operations = nullptr;  // lane operations so far, of all workers
  Arena* arena = nullptr;
  Findings* findings = nullptr;
  std::atomic<bool> stop{false};  // a fault somewhere, or the watchdog
};

// One host thread that runs blocks: what they must not share.
struct Worker {
  std::vector<OpCounts> counts;  // of every op of the module; summed up at the end
  std::vector<OpMemo> memos;
  std::uint64_t operations = 0;  // lane operations not yet added to Grid::operations
  std::uint64_t waits_met = 0;   // mbarriers found in the phase that was waited for
  std::string printed;           // by device printf
};

}  // namespace caesar::sim
