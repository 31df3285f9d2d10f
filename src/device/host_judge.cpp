#include "device/host_judge.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/format.h"
#include "device/host_elements.h"

namespace caesar {
namespace {

Error HostError(const char* what) {
  return Error{ErrorCode::kEnvironment, Format("device in host memory: {} failed", what),
               "The machine may be out of memory, or limits of the process too low."};
}

std::uint64_t RoundUp(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

Result<HostMapping> HostMapping::Make(int fd, std::uint64_t bytes, bool writable) {
  void* reserved =
      mmap(nullptr, bytes + 2 * kHostGranule, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (reserved == MAP_FAILED) return HostError("reserving addresses");
  HostMapping mapping(static_cast<unsigned char*>(reserved), bytes);
  const int access = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  if (mmap(mapping.begin(), bytes, access, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
    return HostError("mapping a tensor");
  return mapping;
}

HostMapping::HostMapping(HostMapping&& other) noexcept
    : reserved_(std::exchange(other.reserved_, nullptr)), bytes_(other.bytes_) {}

HostMapping::~HostMapping() {
  if (reserved_ != nullptr) munmap(reserved_, bytes_ + 2 * kHostGranule);
}

namespace {

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
  // Adds `counted` bytes to `used`.
  HostTensor(HostMapping mapping, TensorMemory memory, std::uint64_t counted, std::int64_t& used,
             HostQueue& queue)
      : mapping_(std::move(mapping)),
        memory_(memory),
        counted_(static_cast<std::int64_t>(counted)),
        used_(used),
        queue_(queue) {
    used_ += counted_;
  }
  ~HostTensor() override {
    queue_.Drain();
    used_ -= counted_;
    close(memory_.fd);
  }
  const TensorMemory& memory() const override { return memory_; }
  unsigned char* begin() const { return mapping_.begin(); }
  unsigned char* data() const { return mapping_.begin() + memory_.offset; }
  std::uint64_t end() const { return memory_.offset + memory_.bytes; }  // in the mapping

 private:
  HostMapping mapping_;
  TensorMemory memory_;
  std::int64_t counted_;
  std::int64_t& used_;
  HostQueue& queue_;
};

class HostJudge final : public JudgeDevice, public SparseTensors {
 public:
  HostJudge(DeviceInfo info, std::string image, HostHooks hooks)
      : info_(std::move(info)), image_(std::move(image)), hooks_(std::move(hooks)) {}

  const DeviceInfo& info() const override { return info_; }
  Result<double> MeasureBandwidth() override { return info_.bandwidth_gbs; }
  Result<std::string> RunnerImage() override { return image_; }
  std::int64_t FreeBytes() override {
    return info_.memory_bytes - used_ - (hooks_.held ? hooks_.held() : 0);
  }

  Result<std::unique_ptr<DeviceTensor>> Allocate(std::uint64_t bytes) override {
    const TensorMemory memory = Layout(bytes);
    if (static_cast<std::int64_t>(memory.mapped_bytes) > FreeBytes())
      return std::unique_ptr<DeviceTensor>();
    return MakeTensor(memory, memory.mapped_bytes);
  }
  Result<std::unique_ptr<DeviceTensor>> AllocateSparse(std::uint64_t bytes) override {
    return MakeTensor(Layout(bytes), 0);
  }

  Status Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) override {
    queue_.Add([data = Own(tensor).data(), dtype, order] {
      FillElements(data, dtype, order, 0, order.elements);
    });
    return {};
  }
  Status PoisonPart(DeviceTensor& tensor, std::uint64_t pattern, std::uint64_t from,
                    std::uint64_t to) override {
    const HostTensor& own = Own(tensor);
    const std::uint64_t offset = own.memory().offset;
    queue_.Add([&own, pattern, first = offset + from, last = offset + to] {
      PoisonBytes(own.begin(), first, last, pattern);
    });
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
  Result<std::vector<std::uint64_t>> Mark(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                          std::int64_t from, std::int64_t count, double atol,
                                          double rtol, std::uint64_t poison) override {
    return MarkElements(Own(got).data(), Own(want).data(), dtype, from, count, atol, rtol, poison);
  }
  Result<double> Read(DeviceTensor& tensor, DType dtype, std::int64_t index) override {
    return ReadElement(Own(tensor).data(), dtype, index);
  }
  Status FlushCache() override { return {}; }
  std::optional<DeviceHealth> Health() override {
    return hooks_.health ? hooks_.health() : std::nullopt;
  }
  Status DirtyCache() override { return {}; }
  Status Touch(DeviceTensor&) override { return {}; }
  Status Hold() override {
    if (hooks_.turn) hooks_.turn();
    return {};
  }
  void Release() override { pause_us_ = hooks_.hold ? hooks_.hold() : 0; }
  double LongestPauseUs() override { return pause_us_; }
  Status Synchronize() override {
    queue_.Drain();
    return {};
  }
  SparseTensors* sparse() override { return this; }

  Status FillTouched(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) override {
    for (const Elements& range : TRY(Touched(tensor, dtype))) {
      FillElements(Own(tensor).data(), dtype, order, range.from, range.to);
    }
    return {};
  }
  Status PoisonTouched(DeviceTensor& tensor, DeviceTensor& like, std::uint64_t pattern) override {
    const std::uint64_t offset = tensor.memory().offset;
    for (const Elements& range : TRY(Touched(like, DType::kU8))) {
      PoisonBytes(Own(tensor).begin(), offset + static_cast<std::uint64_t>(range.from),
                  offset + static_cast<std::uint64_t>(range.to), pattern);
    }
    return {};
  }
  Result<SparseCompare> CompareTouched(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                       double atol, double rtol, std::uint64_t poison) override {
    SparseCompare total;
    for (const Elements& range : TRY(Touched(want, dtype))) {
      CompareWritten(Own(got).data(), Own(want).data(), dtype, range.from, range.to, atol, rtol,
                     poison, &total);
    }
    return total;
  }

 private:
  struct Elements {
    std::int64_t from = 0, to = 0;
  };

  static TensorMemory Layout(std::uint64_t bytes) {
    TensorMemory memory;
    memory.bytes = bytes;
    const std::uint64_t aligned = RoundUp(bytes, kTensorAlignment);
    memory.mapped_bytes = RoundUp(aligned, kHostGranule);
    memory.offset = memory.mapped_bytes - aligned;
    return memory;
  }
  Result<std::unique_ptr<DeviceTensor>> MakeTensor(TensorMemory memory, std::uint64_t counted) {
    memory.fd = memfd_create("caesar-tensor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Sealed, since a runner that shrank it would kill the judge with SIGBUS.
    if (memory.fd < 0 || ftruncate(memory.fd, static_cast<off_t>(memory.mapped_bytes)) != 0 ||
        fcntl(memory.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
      return HostError("making a tensor");
    return std::unique_ptr<DeviceTensor>(
        std::make_unique<HostTensor>(TRY(HostMapping::Make(memory.fd, memory.mapped_bytes, true)),
                                     memory, counted, used_, queue_));
  }

  // The elements that lie in pages that were touched, in whole or in part.
  static Result<std::vector<Elements>> Touched(const DeviceTensor& tensor, DType dtype) {
    const TensorMemory& memory = tensor.memory();
    const auto size = static_cast<std::uint64_t>(SizeOf(dtype));
    std::vector<Elements> ranges;
    for (std::uint64_t at = memory.offset; at < memory.offset + memory.bytes;) {
      const off_t data = lseek(memory.fd, static_cast<off_t>(at), SEEK_DATA);
      if (data < 0 && errno == ENXIO) break;  // nothing but holes to the end
      const off_t hole = data < 0 ? data : lseek(memory.fd, data, SEEK_HOLE);
      if (hole < 0) return HostError("asking for the pages of a tensor");
      const std::uint64_t end =
          std::min(static_cast<std::uint64_t>(hole) - memory.offset, memory.bytes);
      const std::uint64_t begin = static_cast<std::uint64_t>(data) - memory.offset;
      if (begin < end)
        ranges.push_back({static_cast<std::int64_t>(begin / size),
                          static_cast<std::int64_t>((end + size - 1) / size)});
      at = static_cast<std::uint64_t>(hole);
    }
    return ranges;
  }

  static HostTensor& Own(DeviceTensor& tensor) { return static_cast<HostTensor&>(tensor); }

  DeviceInfo info_;
  std::string image_;
  HostHooks hooks_;
  double pause_us_ = 0;
  std::int64_t used_ = 0;
  HostQueue queue_;
};

}  // namespace

std::unique_ptr<JudgeDevice> MakeHostJudge(DeviceInfo info, std::string image, HostHooks hooks) {
  return std::make_unique<HostJudge>(std::move(info), std::move(image), std::move(hooks));
}

}  // namespace caesar
