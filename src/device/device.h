// What judge and runner need of a device. cuda and sim implement it; only main knows which one it
// is.
//
// The judge allocates tensors and hands them to runners as file descriptors. A tensor lies at the
// end of its mapping, as far as an alignment of 256 bytes allows; the rest of the mapping is its
// guard, and unmapped address space lies on both sides.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/elementwise.h"
#include "device/health.h"
#include "problem/problem.h"
#include "record/device_info.h"

namespace caesar {

inline constexpr std::uint64_t kTensorAlignment = 256;

// Memory as it travels from judge to runner.
struct TensorMemory {
  int fd = -1;
  std::uint64_t mapped_bytes = 0;  // the whole mapping
  std::uint64_t offset = 0;        // of the tensor in the mapping
  std::uint64_t bytes = 0;         // of the tensor
  std::string name;                // for messages; may be empty
};

// A tensor that the judge owns. Freed by the destructor.
class DeviceTensor {
 public:
  virtual ~DeviceTensor() = default;
  virtual const TensorMemory& memory() const = 0;
};

struct ElementCompare {
  std::int64_t mismatches = 0;
  std::int64_t unwritten = 0;   // mismatches that still hold the poison
  std::int64_t first_bad = -1;  // linear index, or -1
  std::int64_t worst_index = -1;
  double error_max = 0;  // largest error / bound; NaN where one value alone is NaN
  double abs_error_max = 0;
};

// How many elements Mark takes at a time.
inline constexpr std::int64_t kMarkedMax = std::int64_t{1} << 23;

// What two tensors both hold: elements that are poison in neither of them.
struct SparseCompare {
  std::int64_t compared = 0;
  std::int64_t mismatches = 0;
};

// Tensors in host memory of which a call touched little: work on the pages that anybody touched
// since they were allocated, so that what nobody touches costs neither time nor memory.
class SparseTensors {
 public:
  virtual ~SparseTensors() = default;
  // Memory that is taken when it is touched, and not held against FreeBytes.
  virtual Result<std::unique_ptr<DeviceTensor>> AllocateSparse(std::uint64_t bytes) = 0;
  // Pages that were never touched stay zeros.
  virtual Status FillTouched(DeviceTensor& tensor, DType dtype,
                             const element::FillOrder& order) = 0;
  // The pages of `tensor` that were touched in `like`, a tensor of the same size.
  virtual Status PoisonTouched(DeviceTensor& tensor, DeviceTensor& like, std::uint64_t pattern) = 0;
  // Looks where `want` was touched.
  virtual Result<SparseCompare> CompareTouched(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                               double atol, double rtol, std::uint64_t poison) = 0;
};

// The judge's side. Every method but those that say so returns when the device is done. An Error
// means that the device itself failed (kEnvironment).
inline constexpr int kHoldMaxMs = 1000;  // much more than filling half of the memory takes

class JudgeDevice {
 public:
  virtual ~JudgeDevice() = default;

  virtual const DeviceInfo& info() const = 0;
  // Device-to-device copy, bytes read plus written, in 1e9 bytes per second. Takes some 20 ms.
  virtual Result<double> MeasureBandwidth() = 0;
  // What else the device reaches: fills read_gbs and fp32_tflops of `info` where they can be
  // measured. Takes some 20 ms.
  virtual Status MeasureCeilings(DeviceInfo&) { return {}; }
  // What runners need of the judge to work on this device (on cuda: a cubin with the delay kernel).
  virtual Result<std::string> RunnerImage() = 0;
  virtual std::int64_t FreeBytes() = 0;

  // Null if there is not enough memory.
  virtual Result<std::unique_ptr<DeviceTensor>> Allocate(std::uint64_t bytes) = 0;

  // These three are queued, one behind the other: Synchronize waits for them. A part are the
  // tensor's bytes [from, to); `from` is a multiple of kTensorAlignment.
  virtual Status Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) = 0;
  virtual Status PoisonPart(DeviceTensor& tensor, std::uint64_t pattern, std::uint64_t from,
                            std::uint64_t to) = 0;
  Status Poison(DeviceTensor& tensor, std::uint64_t pattern) {
    return PoisonPart(tensor, pattern, 0, tensor.memory().bytes);
  }
  // The guard; the last partial 256 bytes of the tensor are overwritten too, so call it before the
  // tensor is filled.
  virtual Status PoisonGuards(DeviceTensor& tensor, std::uint64_t pattern) = 0;
  virtual Result<std::int64_t> GuardBytesChanged(DeviceTensor& tensor, std::uint64_t pattern) = 0;
  virtual Result<std::uint64_t> Hash(DeviceTensor& tensor) = 0;
  // Compares elements [from, elements).
  virtual Result<ElementCompare> Compare(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                         std::int64_t from, std::int64_t elements, double atol,
                                         double rtol, std::uint64_t poison) = 0;
  // Which of the elements [from, from + count) fail that comparison: bit i of the words is element
  // from + i. At most kMarkedMax of them, from a multiple of 64 on.
  virtual Result<std::vector<std::uint64_t>> Mark(DeviceTensor& got, DeviceTensor& want,
                                                  DType dtype, std::int64_t from,
                                                  std::int64_t count, double atol, double rtol,
                                                  std::uint64_t poison) = 0;
  // One element, widened to double.
  virtual Result<double> Read(DeviceTensor& tensor, DType dtype, std::int64_t index) = 0;

  // These three are queued.
  //
  // No line of any tensor stays in L2, and no dirty one.
  virtual Status FlushCache() = 0;
  // Fills L2 with dirty lines of no tensor: as a call that writes much leaves it.
  virtual Status DirtyCache() = 0;
  // Reads it, so that it lies in L2 as far as it fits.
  virtual Status Touch(DeviceTensor& tensor) = 0;

  // Keeps the device from others' kernels while the judge's own go on: returns when that has begun.
  // It ends at Release, or by itself after kHoldMaxMs. Persisting lines of L2 are reset.
  virtual Status Hold() = 0;
  virtual void Release() = 0;  // returns at once; without Hold it does nothing
  // After Release: the longest time in between for which others had the device all the same, in us;
  // infinite if it ended by itself.
  virtual double LongestPauseUs() = 0;
  virtual Status Synchronize() = 0;
  // Clocks, temperature and the like, now. Empty where the device cannot be asked. Takes up to some
  // milliseconds.
  virtual std::optional<DeviceHealth> Health() { return std::nullopt; }
  // Null where tensors do not lie in host memory.
  virtual SparseTensors* sparse() { return nullptr; }
};

// What the runner's own records say of one call (a claim, for the judge to doubt).
struct KernelRecord {
  std::string name;
  double us = 0;
  int registers = 0;
  std::int64_t shared_bytes = 0;
  unsigned grid[3] = {};
  unsigned block[3] = {};
};

// What a call did beside launching kernels on its stream. Counts; known on a GPU, and only if the
// call was watched.
struct ApiEvents {
  int streams = 0;   // made
  int contexts = 0;  // made
  int modules = 0;   // loaded
  int graph_launches = 0;
  int host_functions = 0;      // that a stream calls
  int access_changes = 0;      // of memory's protection
  int other_thread_calls = 0;  // any of these, or a launch, by a thread that is not the launcher's
};

struct CallRecords {
  double envelope_us = 0;  // first start to last end over all records of the call
  std::vector<KernelRecord> kernels;
  int host_copies = 0;           // copies from or to host memory
  int other_stream_records = 0;  // on a stream other than the given one
  int dropped = 0;               // records that the profiler lost
  ApiEvents events;
};

struct CallOptions {
  int delay_us = 0;    // the stream is occupied so long; 0: not at all
  bool watch = false;  // whether ApiEvents are wanted; they cost time
};

// How the simulated GPU carries out a call. Other devices take no notice.
struct SimulationOrder {
  bool reversed_warps = false;  // the schedule in which the last warp of a block runs first
  bool profile = false;         // counts, and the estimate that rests on them
  // 0: all. Else about this many of each kernel's blocks run: good for counts, results are
  // worthless.
  std::uint64_t sampled_blocks = 0;
  // What still runs then is ended, with a finding that says where it was. 0: nothing is.
  std::chrono::milliseconds time_limit{0};
  int host_threads = 0;  // for blocks that cannot depend on others; 0: as many as there are cores
};

// The runner's side: one process, one candidate.
class RunnerDevice {
 public:
  virtual ~RunnerDevice() = default;

  virtual Status LoadImage(const std::string& image) = 0;
  // Maps the memory `copies` times; returns the tensor's address in each mapping.
  virtual Result<std::vector<void*>> Map(const TensorMemory& memory, bool writable, int copies) = 0;
  virtual Status UnmapAll() = 0;
  virtual void* stream() = 0;
  virtual Status BeginCall(const CallOptions& options) = 0;
  // Queues a kernel that occupies the stream for about that long and does nothing else. It is not
  // recorded.
  virtual Status Occupy(double us) = 0;
  // Waits for all work of the context and returns what was recorded since BeginCall; if `records`
  // is false, only waits.
  virtual Result<CallRecords> EndCall(bool records) = 0;

  // The simulated GPU alone: before BeginCall, and after the call, however it ended. The report is
  // JSON of record/sim_report.h.
  virtual void Simulate(const SimulationOrder&) {}
  virtual std::string TakeReport() { return {}; }
};

// Makes devices.
class DeviceFactory {
 public:
  virtual ~DeviceFactory() = default;
  // `selector`: auto | cuda | cuda:N | sim. Error kEnvironment where there is none, saying why and
  // what to do.
  virtual Result<std::unique_ptr<JudgeDevice>> OpenJudge(const std::string& selector,
                                                         const std::string& toolkit) = 0;
  // `uuid`: DeviceInfo::uuid of the judge's device.
  virtual Result<std::unique_ptr<RunnerDevice>> OpenRunner(const std::string& uuid,
                                                           const std::string& toolkit) = 0;
  // The UUID without a context, for the lock and the runners' start.
  virtual Result<std::string> Uuid(const std::string& selector) = 0;
};

// The 8-byte pattern that poisons a tensor of this type: quiet NaNs with a payload drawn from
// `random`, or plain random bytes where the type has no NaN. Repeats with the element's size.
std::uint64_t PoisonPattern(DType dtype, std::uint64_t random);

element::FillOrder FillOrderOf(const Fill& fill, const element::Key& key, std::int64_t row,
                               std::int64_t elements);

}  // namespace caesar
