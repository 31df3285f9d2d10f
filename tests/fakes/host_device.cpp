#include "fakes/host_device.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <utility>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/host_elements.h"

extern "C" {
[[gnu::visibility("default")]] double caesar_host_claim_us = -1;
}

namespace caesar {
namespace {

constexpr const char* kImage = "image of the host device";

Error HostError(const char* what) {
  return Error{ErrorCode::kEnvironment, Format("host device: {} failed", what), ""};
}

std::uint64_t RoundUp(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// The memory of one descriptor, between two granules of addresses that fault.
class HostMapping {
 public:
  static Result<HostMapping> Make(int fd, std::uint64_t bytes, bool writable) {
    void* reserved =
        mmap(nullptr, bytes + 2 * kHostGranule, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED) return HostError("reserving addresses");
    HostMapping mapping(static_cast<unsigned char*>(reserved), bytes);
    const int access = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    if (mmap(mapping.begin(), bytes, access, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
      return HostError("mapping a tensor");
    return mapping;
  }
  HostMapping(HostMapping&& other) noexcept
      : reserved_(std::exchange(other.reserved_, nullptr)), bytes_(other.bytes_) {}
  HostMapping& operator=(HostMapping&&) = delete;
  ~HostMapping() {
    if (reserved_ != nullptr) munmap(reserved_, bytes_ + 2 * kHostGranule);
  }
  unsigned char* begin() const { return reserved_ + kHostGranule; }

 private:
  HostMapping(unsigned char* reserved, std::uint64_t bytes) : reserved_(reserved), bytes_(bytes) {}
  unsigned char* reserved_;
  std::uint64_t bytes_;
};

// Work that was asked for and need not be done yet. It is done as late as the interface allows, and
// in reverse: a judge that forgets to wait sees what it would see on a slow GPU.
class HostQueue {
 public:
  void Add(std::function<void()> work) { work_.push_back(std::move(work)); }
  void Drain() {
    for (; !work_.empty(); work_.pop_back()) work_.back()();
  }

 private:
  std::vector<std::function<void()>> work_;
};

class HostTensor final : public DeviceTensor {
 public:
  HostTensor(HostMapping mapping, TensorMemory memory, std::int64_t& used, HostQueue& queue)
      : mapping_(std::move(mapping)), memory_(memory), used_(used), queue_(queue) {
    used_ += static_cast<std::int64_t>(memory_.mapped_bytes);
  }
  ~HostTensor() override {
    queue_.Drain();
    used_ -= static_cast<std::int64_t>(memory_.mapped_bytes);
    close(memory_.fd);
  }
  const TensorMemory& memory() const override { return memory_; }
  unsigned char* begin() const { return mapping_.begin(); }
  unsigned char* data() const { return mapping_.begin() + memory_.offset; }
  std::uint64_t end() const { return memory_.offset + memory_.bytes; }  // in the mapping

 private:
  HostMapping mapping_;
  TensorMemory memory_;
  std::int64_t& used_;
  HostQueue& queue_;
};

class HostJudge final : public JudgeDevice {
 public:
  HostJudge(DeviceInfo info) : info_(std::move(info)) {}

  const DeviceInfo& info() const override { return info_; }
  Result<double> MeasureBandwidth() override { return 10.0; }
  Result<std::string> RunnerImage() override { return std::string(kImage); }
  std::int64_t FreeBytes() override { return info_.memory_bytes - used_; }

  Result<std::unique_ptr<DeviceTensor>> Allocate(std::uint64_t bytes) override {
    TensorMemory memory;
    memory.bytes = bytes;
    const std::uint64_t aligned = RoundUp(bytes, kTensorAlignment);
    memory.mapped_bytes = RoundUp(aligned, kHostGranule);
    memory.offset = memory.mapped_bytes - aligned;
    if (static_cast<std::int64_t>(memory.mapped_bytes) > FreeBytes())
      return std::unique_ptr<DeviceTensor>();
    memory.fd = memfd_create("caesar-tensor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Sealed, since a runner that shrank it would kill the judge with SIGBUS.
    if (memory.fd < 0 || ftruncate(memory.fd, static_cast<off_t>(memory.mapped_bytes)) != 0 ||
        fcntl(memory.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
      return HostError("making a tensor");
    return std::unique_ptr<DeviceTensor>(std::make_unique<HostTensor>(
        TRY(HostMapping::Make(memory.fd, memory.mapped_bytes, true)), memory, used_, queue_));
  }

  Status Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) override {
    queue_.Add([data = Own(tensor).data(), dtype, order] { FillElements(data, dtype, order); });
    return {};
  }
  Status Poison(DeviceTensor& tensor, std::uint64_t pattern) override {
    const HostTensor& own = Own(tensor);
    queue_.Add(
        [&own, pattern] { PoisonBytes(own.begin(), own.memory().offset, own.end(), pattern); });
    return {};
  }
  Status PoisonGuards(DeviceTensor& tensor, std::uint64_t pattern) override {
    const HostTensor& own = Own(tensor);
    PoisonBytes(own.begin(), 0, own.memory().offset, pattern);
    PoisonBytes(own.begin(), own.end() / kTensorAlignment * kTensorAlignment,
                own.memory().mapped_bytes, pattern);
    return {};
  }
  Result<std::int64_t> GuardBytesChanged(DeviceTensor& tensor, std::uint64_t pattern) override {
    const HostTensor& own = Own(tensor);
    return BytesChanged(own.begin(), 0, own.memory().offset, pattern) +
           BytesChanged(own.begin(), own.end(), own.memory().mapped_bytes, pattern);
  }
  Result<std::uint64_t> Hash(DeviceTensor& tensor) override {
    return HashBytes(Own(tensor).data(), tensor.memory().bytes);
  }
  Result<ElementCompare> Compare(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                 std::int64_t from, std::int64_t elements, double atol, double rtol,
                                 std::uint64_t poison) override {
    return CompareElements(Own(got).data(), Own(want).data(), dtype, from, elements, atol, rtol,
                           poison);
  }
  Result<double> Read(DeviceTensor& tensor, DType dtype, std::int64_t index) override {
    return ReadElement(Own(tensor).data(), dtype, index);
  }
  Status FlushCache() override { return {}; }
  Status DirtyCache() override { return {}; }
  Status Touch(DeviceTensor&) override { return {}; }
  Status Synchronize() override {
    queue_.Drain();
    return {};
  }

 private:
  static HostTensor& Own(DeviceTensor& tensor) { return static_cast<HostTensor&>(tensor); }

  DeviceInfo info_;
  std::int64_t used_ = 0;
  HostQueue queue_;
};

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
  Status BeginCall(int delay_us) override {
    begin_ = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin_ < std::chrono::microseconds(delay_us)) {
    }
    begin_ = std::chrono::steady_clock::now();
    envelope_us_ = -1;
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
    info.kind = "sim";
    info.name = "memory of the host";
    info.uuid = selected.uuid;
    info.driver = "1.0";
    info.compute_major = 9;
    info.sm_count = 1;
    info.memory_bytes = selected.memory_bytes;
    return std::unique_ptr<JudgeDevice>(std::make_unique<HostJudge>(std::move(info)));
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
