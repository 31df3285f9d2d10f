// What the simulator finds wrong with a candidate, each with the place in its sources. Findings
// repeat: one is kept for each kind and operation, with a count, and their number is limited.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caesar::sim {

enum class FindingKind : std::uint8_t {
  // These end the grid, as on the hardware; the runtime returns the error beside it from then on.
  kOutOfBounds,         // global memory                        cudaErrorIllegalAddress (700)
  kReadOnly,            // a store to an input                  700
  kSharedOutOfBounds,   //                                      700
  kLocalOutOfBounds,    //                                      700
  kMisaligned,          //                                      cudaErrorMisalignedAddress (716)
  kIllegalInstruction,  // executed what has no meaning         cudaErrorIllegalInstruction (715)
  kTrap,                // trap, __trap()                       cudaErrorLaunchFailure (719)
  kAssert,              // assert()                             cudaErrorAssert (710)
  kDeadlock,            // everybody waits: who, where          cudaErrorLaunchTimeout (702)
  kWatchdog,            // too many operations                  702
  kStackOverflow,       //                                      719
  kNotSimulated,        // the simulator cannot do this         cudaErrorNotSupported (801)
  // These are reported, and the grid goes on.
  kRace,  // shared memory: two threads, no barrier between them
  kUninitializedShared,
  kDivergentBarrier,  // a barrier that not all threads of a warp or block reached together
  kBarrierAfterExit,
  kLaunchFailed,  // too many threads, too much shared memory, ...: with the error's name
  kPrintfOverflow,
  kCount
};

std::string_view Name(FindingKind kind);  // "out_of_bounds", "race", ...
bool EndsGrid(FindingKind kind);
int CudaErrorOf(FindingKind kind);  // cudaError_t by number; 0 for those that do not end the grid

struct Finding {
  FindingKind kind = FindingKind::kRace;
  std::string text;    // one sentence with addresses, tensors and distances in words
  std::string kernel;  // demangled
  std::string file;    // of the candidate; empty: unknown
  int line = 0;
  int ptx_line = 0;
  std::uint32_t block[3] = {};
  std::uint32_t thread[3] = {};  // of the lowest lane concerned
  std::uint64_t count = 1;       // times it was found here
};

// Thread-safe.
class Findings {
 public:
  // With one more of each kind they still fit a report (record/sim_report.h: 64).
  static constexpr std::size_t kMax = 40;

  // Two findings of one kind at one `key` (the operation) are the same one, found again.
  void Add(std::uint64_t key, Finding finding);
  // Counts one that was added before; false: there is none. What racy kernels find by the million.
  bool Again(FindingKind kind, std::uint64_t key);
  // Moves those of `later`, in their order, behind these.
  void Append(Findings& later);
  // In the order they were found. `dropped`: kinds and places beyond kMax.
  std::vector<Finding> Take(std::uint64_t* dropped = nullptr);
  bool Empty() const;
  int error() const;  // CUDA error of the first that ends a grid; 0: none

 private:
  mutable std::mutex mutex_;
  std::vector<Finding> found_;
  std::map<std::pair<FindingKind, std::uint64_t>, std::size_t> index_;
  std::uint64_t dropped_ = 0;
  int error_ = 0;
};

}  // namespace caesar::sim
