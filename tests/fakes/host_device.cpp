#include "fakes/host_device.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "device/host_judge.h"

extern "C" {
[[gnu::visibility("default")]] double caesar_host_claim_us = -1;
[[gnu::visibility("default")]] int caesar_host_delay_us = 0;
}

namespace caesar {
namespace {

constexpr const char* kImage = "image of the host device";

constexpr const char* kUnreadable = "unreadable";

std::vector<int> ChildrenOf(int process) {
  std::vector<int> children;
  std::ifstream list(Format("/proc/{}/task/{}/children", process, process));
  for (int child = 0; list >> child;) children.push_back(child);
  return children;
}

Error HostError(const char* what) {
  return Error{ErrorCode::kEnvironment, Format("host device: {} failed", what), ""};
}

class HostRunner final : public RunnerDevice {
 public:
  Status LoadImage(const std::string& image) override {
    if (image != kImage) return HostError("loading the image");
    return {};
  }
  Result<std::vector<void*>> Map(const TensorMemory& memory, bool writable, int copies) override {
    std::vector<void*> addresses;
    for (int i = 0; i < copies; ++i) {
      mappings_.push_back(TRY(HostMapping::Make(memory.fd, memory.mapped_bytes, writable)));
      addresses.push_back(mappings_.back().begin() + memory.offset);
    }
    return addresses;
  }
  Status UnmapAll() override {
    mappings_.clear();
    return {};
  }
  void* stream() override { return this; }
  Status BeginCall(const CallOptions& options) override {
    caesar_host_delay_us = options.delay_us;
    TRY(Occupy(options.delay_us));
    begin_ = std::chrono::steady_clock::now();
    envelope_us_ = -1;
    return {};
  }
  Status Occupy(double us) override {
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < std::chrono::duration<double, std::micro>(us))
      continue;
    return {};
  }
  Result<CallRecords> EndCall(bool records) override {
    if (envelope_us_ < 0)
      envelope_us_ =
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin_)
              .count();
    CallRecords call;
    if (!records) return call;
    call.envelope_us = caesar_host_claim_us >= 0 ? caesar_host_claim_us : envelope_us_;
    KernelRecord kernel;
    kernel.name = "host_call";
    kernel.us = call.envelope_us;
    kernel.grid[0] = kernel.grid[1] = kernel.grid[2] = 1;
    kernel.block[0] = kernel.block[1] = kernel.block[2] = 1;
    call.kernels.push_back(kernel);
    return call;
  }

 private:
  std::vector<HostMapping> mappings_;
  std::chrono::steady_clock::time_point begin_;
  double envelope_us_ = -1;
};

bool SomeRunnerIsCalled(const char* wanted) {
  for (const int supervisor : ChildrenOf(::getpid())) {
    for (const int runner : ChildrenOf(supervisor)) {
      std::string name;
      std::getline(std::ifstream(Format("/proc/{}/comm", runner)), name);
      if (name == wanted) return true;
    }
  }
  return false;
}

// A context that stays busy costs the others their turn.
void WaitsForItsTurn() {
  if (SomeRunnerIsCalled(kBusyName)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

double HoldIsInterrupted() { return SomeRunnerIsCalled(kEarlyName) ? 200 : 3; }

std::int64_t HeldByOthers() { return SomeRunnerIsCalled(kHoldsName) ? kHeldBytes : 0; }

std::optional<DeviceHealth> Health() {
  constexpr std::uint64_t kByHeat = 0x40;  // hardware thermal slowdown
  return DeviceHealth{1980, 2619, 40, 250, SomeRunnerIsCalled(kHotName) ? kByHeat : 0x4};
}

struct Selected {
  std::string uuid;
  std::int64_t memory_bytes = std::int64_t{64} << 20;
};

Result<Selected> Parse(const std::string& selector) {
  if (!StartsWith(selector, "host"))
    return Error{ErrorCode::kEnvironment, Format("there is no device {}", selector), ""};
  Selected selected;
  const std::size_t name = selector.find(':');
  const std::size_t bytes = name == std::string::npos ? name : selector.find(':', name + 1);
  selected.uuid = "HOST";
  if (name != std::string::npos) selected.uuid += "-" + selector.substr(name + 1, bytes - name - 1);
  if (bytes != std::string::npos) selected.memory_bytes = std::atoll(selector.c_str() + bytes + 1);
  return selected;
}

class HostFactory final : public DeviceFactory {
 public:
  Result<std::unique_ptr<JudgeDevice>> OpenJudge(const std::string& selector,
                                                 const std::string&) override {
    const Selected selected = TRY(Parse(selector));
    DeviceInfo info;
    info.kind = "host";
    info.name = "memory of the host";
    info.uuid = selected.uuid;
    info.driver = "1.0";
    info.compute_major = 9;
    info.sm_count = 1;
    info.memory_bytes = selected.memory_bytes;
    info.bandwidth_gbs = 1000;  // tensors lie in caches: no call may be under the floor
    const bool readable = selector.find(kUnreadable) == std::string::npos;
    return MakeHostJudge(
        std::move(info), kImage,
        {WaitsForItsTurn, HoldIsInterrupted, readable ? &Health : nullptr, HeldByOthers});
  }
  Result<std::unique_ptr<RunnerDevice>> OpenRunner(const std::string& uuid,
                                                   const std::string&) override {
    if (!StartsWith(uuid, "HOST")) return HostError("finding the judge's device");
    return std::unique_ptr<RunnerDevice>(std::make_unique<HostRunner>());
  }
  Result<std::string> Uuid(const std::string& selector) override {
    return TRY(Parse(selector)).uuid;
  }
};

}  // namespace

DeviceFactory& HostDevices() {
  static HostFactory factory;
  return factory;
}

}  // namespace caesar
