// How judge and runner speak. Two channels:
//
// - A SEQPACKET socket for what is rare: RunnerMessage (judge -> runner, with at most one file
// descriptor) and RunnerAnswer
//   (runner -> judge), one answer for each message, and one unasked when the runner is ready
//   (kHello). A message is announced in the ControlBlock (kMessage), so that the runner waits in
//   one place.
// - A ControlBlock in shared memory for calls, which are timed: the judge writes `order`, then
// `go`; the runner writes
//   `claim`, then `done`.
//
// The runner's process holds the candidate. Whatever it writes is a claim: the judge copies a claim
// out once, bounds every number and text in it, and decides by what it computes itself.
#pragma once

#include <atomic>
#include <cstdint>

namespace caesar {

inline constexpr std::uint32_t kRunnerProtocol = 5;
inline constexpr int kArgumentsMax = 64;
inline constexpr int kSetsMax = 64;           // calls of one batch
inline constexpr int kMappingsPerTensor = 2;  // "fresh data" includes a fresh address

enum class RunnerVerb : std::uint32_t { kHello, kImage, kLoad, kMap, kUnmapAll, kArguments };

struct RunnerArgument {
  enum class Kind : std::uint32_t { kTensor, kValue } kind = Kind::kValue;
  std::uint32_t tensor = 0;  // index over inputs, then outputs
  std::uint64_t value = 0;   // the bytes of an int64_t or of the scalar's own type
};

struct RunnerMessage {
  std::uint32_t protocol = kRunnerProtocol;
  RunnerVerb verb = RunnerVerb::kHello;
  // kMap
  std::uint32_t set = 0;
  std::uint32_t tensor = 0;
  std::uint32_t writable = 0;
  std::uint64_t mapped_bytes = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  char name[64] = {};  // of the tensor, for messages
  // kArguments
  std::uint32_t argument_count = 0;
  RunnerArgument arguments[kArgumentsMax];
};

struct RunnerAnswer {
  RunnerVerb verb = RunnerVerb::kHello;
  std::uint32_t ok = 0;
  char text[1024] = {};  // why not
};

enum class CallMode : std::uint32_t {
  kPlain,    // no records: oracle
  kTimed,    // behind the delay kernel, with records
  kBatch,    // several sets, one after the other, no records
  kNull,     // in the launcher's place `work_kernels` that only take time: what the hand-over
             // itself costs
  kCollect,  // no call: add to the claim what was recorded since the last kCollect. An order of its
             // own, since collecting is no work of the candidate's and must not disturb the judge's
             // clock
  kMessage,  // no call: a RunnerMessage waits on the socket
};

// No work fits into a delay kernel of this length, so that none can be hidden in its place. And yet
// what a process takes to launch its first kernel (after a rest up to 40 us more than a rehearsed
// one should) is over before the kernel behind it is due: the GPU begins some 150 us after `go`.
inline constexpr int kLeastDelayUs = 1;

struct CallOrder {
  CallMode mode = CallMode::kPlain;
  std::uint32_t set_first = 0;
  std::uint32_t set_count = 1;
  std::uint32_t mapping = 0;
  std::uint32_t delay_us = 0;
  std::uint32_t watch = 0;         // see CallOptions
  std::uint32_t work_kernels = 0;  // kNull: how many, and how long each takes
  double work_us = 0;
  // For the simulated GPU alone, see SimulationOrder.
  std::uint32_t reversed_warps = 0;
  std::uint32_t profile = 0;
  std::uint64_t sampled_blocks = 0;
  std::uint32_t time_limit_ms = 0;
  std::uint32_t host_threads = 0;
};

enum class CallStatus : std::uint32_t { kOk, kLaunchError, kDeviceError };

struct KernelClaim {
  char name[240] = {};
  double us = 0;
  std::int32_t registers = 0;
  std::int64_t shared_bytes = 0;
  std::uint32_t grid[3] = {};
  std::uint32_t block[3] = {};
};

inline constexpr int kKernelClaimsMax = 64;

struct CallClaim {
  CallStatus status = CallStatus::kOk;
  char text[512] = {};
  double envelope_us = 0;
  double wall_us = 0;      // from the launcher's call to the end of its work
  double launcher_us = 0;  // host time inside the launcher
  std::int32_t kernel_count = 0;
  std::int32_t host_copies = 0;
  std::int32_t other_stream_records = 0;
  std::int32_t dropped = 0;
  // See ApiEvents.
  std::int32_t streams = 0;
  std::int32_t contexts = 0;
  std::int32_t modules = 0;
  std::int32_t graph_launches = 0;
  std::int32_t host_functions = 0;
  std::int32_t access_changes = 0;
  std::int32_t other_thread_calls = 0;
  KernelClaim kernels[kKernelClaimsMax];
};

// What the simulated GPU says of a call, as JSON (record/sim_report.h); a claim like the rest.
inline constexpr std::uint32_t kReportBytesMax = 1U << 20;

// `done` takes the value of `go` when the order is carried out.
struct ControlBlock {
  alignas(64) std::atomic<std::uint32_t> go{0};
  CallOrder order;
  alignas(64) std::atomic<std::uint32_t> done{0};
  CallClaim claim;
  std::atomic<std::uint32_t> report_bytes{0};
  char report[kReportBytesMax];
};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace caesar
