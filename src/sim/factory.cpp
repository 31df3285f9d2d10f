#include "sim/factory.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX, not C

#include <algorithm>
#include <climits>
#include <utility>

#include "base/format.h"
#include "base/strings.h"
#include "device/host_judge.h"
#include "sim/device_limits.h"
#include "sim/profile.h"
#include "sim/runtime/device.h"
#include "sim/runtime/errors.h"
#include "sys/host_memory.h"

namespace caesar {
namespace {

constexpr const char* kSelector = "sim";
constexpr const char* kUuid = "SIM-0";
constexpr const char* kImage = "simulated";  // runners need nothing of the judge

// What tensors may take: half of the machine, since runner and judge need room beside them. Memory
// that nobody touches costs nothing.
std::uint64_t MemoryBytes() { return std::max(HostMemoryBytes() / 2, std::uint64_t{1} << 30); }

DeviceInfo Info() {
  using sim::DeviceLimits;
  DeviceInfo info;
  info.kind = "sim";
  info.name = "simulated NVIDIA H100";
  info.uuid = kUuid;
  info.driver = "13.0";
  info.compute_major = DeviceLimits::kComputeMajor;
  info.compute_minor = DeviceLimits::kComputeMinor;
  info.sm_count = static_cast<int>(DeviceLimits::kSms);
  info.memory_bytes = DeviceLimits::kMemoryBytes;
  info.l2_bytes = static_cast<std::int64_t>(DeviceLimits::kL2Bytes);
  info.shared_bytes_per_block_max = DeviceLimits::kSharedPerBlockOptIn;
  info.shared_bytes_per_sm = DeviceLimits::kSharedPerSm;
  info.registers_per_sm = static_cast<int>(DeviceLimits::kRegistersPerSm);
  info.threads_per_sm_max = static_cast<int>(DeviceLimits::kThreadsPerSm);
  info.clock_mhz = DeviceLimits::kClockMhz;
  info.bandwidth_gbs = DeviceLimits::kBandwidthGbs;
  return info;
}

const sim::Device* faulting_device = nullptr;

// Says what a plain "segmentation fault" does not; then the default action ends the process.
void OnFault(int, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uint64_t>(info->si_addr);
  if (faulting_device == nullptr || !faulting_device->memory.arena().Contains(address)) return;
  constexpr char kText[] = "host code dereferences a device pointer: only kernels can do that\n";
  static_cast<void>(!write(STDERR_FILENO, kText, sizeof kText - 1));
}

void ExplainFaults(const sim::Device& device) {
  faulting_device = &device;
  struct sigaction action {};
  action.sa_sigaction = OnFault;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND);
  sigaction(SIGSEGV, &action, nullptr);
}

class SimRunner final : public RunnerDevice {
 public:
  explicit SimRunner(sim::Device& device) : device_(device) {}

  Status LoadImage(const std::string&) override { return {}; }

  Result<std::vector<void*>> Map(const TensorMemory& memory, bool writable, int copies) override {
    std::vector<void*> addresses;
    for (int i = 0; i < copies; ++i) {
      addresses.push_back(TRY(device_.MapTensor(memory.fd, memory.mapped_bytes, memory.offset,
                                                memory.bytes, writable, memory.name)));
    }
    return addresses;
  }
  Status UnmapAll() override {
    device_.UnmapTensors();
    return {};
  }
  void* stream() override { return device_.stream(); }

  void Simulate(const SimulationOrder& order) override { order_ = order; }

  // A simulated call is not timed.
  Status Occupy(double) override { return {}; }
  Status BeginCall(const CallOptions&) override {
    sim::LaunchOptions options;
    options.reversed_warps = order_.reversed_warps;
    options.sampled_blocks = order_.sampled_blocks;
    options.count = order_.profile;
    options.host_threads = order_.host_threads;
    if (order_.time_limit.count() > 0) {
      options.deadline = std::chrono::steady_clock::now() + order_.time_limit;
    }
    device_.SetLaunchOptions(options);
    device_.BeginCall();
    called_ = {};
    return {};
  }

  // The first asks for the work's end; later ones for records of the same call.
  Result<CallRecords> EndCall(bool records) override {
    if (!records) {
      called_ = device_.EndCall();
      if (called_.error != 0)
        return Error{ErrorCode::kEnvironment, sim::TextOfCudaError(called_.error).text, ""};
      return CallRecords{};
    }
    CallRecords answer;
    answer.host_copies =
        static_cast<int>(std::min<std::uint64_t>(called_.host_copies.count, INT_MAX));
    answer.other_stream_records = called_.other_stream_records;
    answer.dropped = called_.dropped;
    return answer;
  }

  std::string TakeReport() override { return ToJson(sim::ReportOf(called_, order_.profile)); }

 private:
  sim::Device& device_;
  SimulationOrder order_;
  sim::CallReport called_;
};

class SimFactory final : public DeviceFactory {
 public:
  Result<std::unique_ptr<JudgeDevice>> OpenJudge(const std::string& selector,
                                                 const std::string&) override {
    TRY(Uuid(selector));
    return MakeHostJudge(Info(), kImage);
  }
  Result<std::unique_ptr<RunnerDevice>> OpenRunner(const std::string&,
                                                   const std::string&) override {
    sim::Device* device = TRY(sim::Device::Open(MemoryBytes()));
    ExplainFaults(*device);
    return std::unique_ptr<RunnerDevice>(std::make_unique<SimRunner>(*device));
  }
  Result<std::string> Uuid(const std::string& selector) override {
    if (selector == kSelector) return std::string(kUuid);
    return Error{ErrorCode::kEnvironment, Format("{} is not the simulated GPU", selector), ""};
  }
};

}  // namespace

DeviceFactory& SimDevices() {
  static SimFactory factory;
  return factory;
}

Result<std::unique_ptr<JudgeDevice>> DevicesWithSimulator::OpenJudge(const std::string& selector,
                                                                     const std::string& toolkit) {
  if (selector == kSelector) return SimDevices().OpenJudge(selector, toolkit);
  auto judge = cuda_.OpenJudge(selector, toolkit);
  if (judge.ok() || selector != "auto") return judge;
  return SimDevices().OpenJudge(kSelector, toolkit);
}

Result<std::unique_ptr<RunnerDevice>> DevicesWithSimulator::OpenRunner(const std::string& uuid,
                                                                       const std::string& toolkit) {
  return uuid == kUuid ? SimDevices().OpenRunner(uuid, toolkit) : cuda_.OpenRunner(uuid, toolkit);
}

Result<std::string> DevicesWithSimulator::Uuid(const std::string& selector) {
  if (selector == kSelector) return SimDevices().Uuid(selector);
  auto uuid = cuda_.Uuid(selector);
  if (uuid.ok() || selector != "auto") return uuid;
  return SimDevices().Uuid(kSelector);
}

}  // namespace caesar
