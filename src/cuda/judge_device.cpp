#include "cuda/judge_device.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "cuda/ceilings.h"
#include "cuda/device_hold.h"
#include "cuda/driver.h"
#include "cuda/judge_kernels.h"
#include "cuda/nvml.h"
#include "cuda/probe.h"
#include "cuda/tensor.h"

namespace caesar {
namespace {

// Few blocks write fastest: 6.4 GB in 2.0 ms on an H100, and in 2.3 ms from kBlocksPerSm.
constexpr int kPoisonBlocksPerSm = 2;
constexpr std::uint64_t kFlushBytesMin = 1U << 20;

// As in kernels.cu.
struct ComparePartial {
  std::int64_t mismatches;
  std::int64_t unwritten;
  std::int64_t first_bad;
  std::int64_t worst_index;
  double worst_error;
  double worst_bound;
  double abs_error;
};

class CudaJudge final : public JudgeDevice {
 public:
  CudaJudge(const Driver& driver, CUdevice device, DeviceInfo info, std::string toolkit)
      : driver_(driver),
        device_(device),
        info_(std::move(info)),
        nvml_(Nvml::Open(info_.uuid)),
        kernels_(driver, info_, std::move(toolkit)),
        hold_(driver) {}

  Status Open();

  const DeviceInfo& info() const override { return info_; }
  Result<double> MeasureBandwidth() override { return MeasureCopyBandwidth(driver_, stream_); }
  Status MeasureCeilings(DeviceInfo& info) override {
    return MeasureKernelCeilings(driver_, kernels_, stream_, info);
  }
  std::optional<DeviceHealth> Health() override { return nvml_ ? nvml_->Read() : std::nullopt; }
  Result<std::string> RunnerImage() override { return kernels_.image(); }
  std::int64_t FreeBytes() override;
  Result<std::unique_ptr<DeviceTensor>> Allocate(std::uint64_t bytes) override {
    return CudaTensor::Allocate(driver_, device_, bytes);
  }
  Status Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) override;
  Status PoisonPart(DeviceTensor& tensor, std::uint64_t pattern, std::uint64_t from,
                    std::uint64_t to) override;
  Status PoisonGuards(DeviceTensor& tensor, std::uint64_t pattern) override;
  Result<std::int64_t> GuardBytesChanged(DeviceTensor& tensor, std::uint64_t pattern) override;
  Result<std::uint64_t> Hash(DeviceTensor& tensor) override;
  Result<ElementCompare> Compare(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                 std::int64_t from, std::int64_t elements, double atol, double rtol,
                                 std::uint64_t poison) override;
  Result<std::vector<std::uint64_t>> Mark(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                          std::int64_t from, std::int64_t count, double atol,
                                          double rtol, std::uint64_t poison) override;
  Result<double> Read(DeviceTensor& tensor, DType dtype, std::int64_t index) override;
  Status FlushCache() override;
  Status DirtyCache() override;
  Status Touch(DeviceTensor& tensor) override;
  Status Hold() override {
    // Devices without persisting lines refuse; that is fine.
    driver_.cuCtxResetPersistingL2Cache_();
    return hold_.Begin(kernels_.hold());
  }
  void Release() override { hold_.End(); }
  double LongestPauseUs() override { return hold_.LongestPauseUs(); }
  Status Synchronize() override {
    return driver_.Check(driver_.cuStreamSynchronize_(stream_), "waiting for the judge's kernels");
  }

 private:
  Status TouchRange(CUdeviceptr begin, std::uint64_t range_bytes);
  Status PoisonRange(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern);
  Status CountChanged(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern);
  static CudaTensor& Own(DeviceTensor& tensor) { return static_cast<CudaTensor&>(tensor); }

  const Driver& driver_;
  CUdevice device_;
  DeviceInfo info_;
  std::optional<Nvml> nvml_;
  JudgeKernels kernels_;
  DeviceHold hold_;
  CUstream stream_ = nullptr;
  CUdeviceptr flush_ = 0;
  std::uint64_t flush_bytes_ = 0;
  CUdeviceptr scratch_ = 0;             // 256 bytes of counters on the device
  ComparePartial* partials_ = nullptr;  // pinned, one for each block
};

Status CudaJudge::Open() {
  TRY(driver_.Check(driver_.cuStreamCreate_(&stream_, CU_STREAM_NON_BLOCKING), "making a stream"));
  TRY(kernels_.Open());
  TRY(hold_.Open());
  flush_bytes_ =
      std::max<std::uint64_t>(static_cast<std::uint64_t>(info_.l2_bytes) * 2, kFlushBytesMin);
  TRY(driver_.Check(driver_.cuMemAlloc_(&flush_, flush_bytes_),
                    "allocating the buffer that flushes L2"));
  TRY(driver_.Check(driver_.cuMemsetD8Async_(flush_, 0, flush_bytes_, stream_),
                    "clearing the buffer that flushes L2"));
  TRY(driver_.Check(driver_.cuMemAlloc_(&scratch_, 256), "allocating counters"));
  void* pinned = nullptr;
  TRY(driver_.Check(driver_.cuMemAllocHost_(&pinned, kernels_.BlocksMax() * sizeof(ComparePartial)),
                    "allocating pinned memory"));
  partials_ = static_cast<ComparePartial*>(pinned);
  return {};
}

std::int64_t CudaJudge::FreeBytes() {
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  driver_.cuMemGetInfo_(&free_bytes, &total_bytes);
  return static_cast<std::int64_t>(free_bytes);
}

Status CudaJudge::Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) {
  const JudgeKernels::OfClass kernels = TRY(kernels_.For(dtype));
  CUdeviceptr data = Own(tensor).data();
  element::FillOrder copy = order;
  void* arguments[] = {&data, &copy};
  const bool plain = order.kind == element::kNormal && kernels.fill_normal != nullptr;
  return kernels_.Launch(plain ? kernels.fill_normal : kernels.fill, (order.elements + 3) / 4,
                         arguments, stream_);
}

Status CudaJudge::PoisonRange(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern) {
  if (begin >= end) return {};
  auto bytes = static_cast<std::int64_t>(end - begin);
  void* arguments[] = {&begin, &bytes, &pattern};
  return kernels_.Launch(kernels_.poison(), bytes / 16 + 16, arguments, stream_,
                         kPoisonBlocksPerSm);
}

Status CudaJudge::PoisonPart(DeviceTensor& tensor, std::uint64_t pattern, std::uint64_t from,
                             std::uint64_t to) {
  const CUdeviceptr data = Own(tensor).data();
  return PoisonRange(data + from, data + to, pattern);
}

Status CudaJudge::PoisonGuards(DeviceTensor& tensor, std::uint64_t pattern) {
  const CudaTensor& own = Own(tensor);
  TRY(PoisonRange(own.begin(), own.data(), pattern));
  // Behind the tensor lie less than 256 bytes, perhaps from an odd address on; the aligned whole is
  // written instead.
  return PoisonRange(own.end() / kTensorAlignment * kTensorAlignment, own.mapping_end(), pattern);
}

Status CudaJudge::CountChanged(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern) {
  if (begin >= end) return {};
  auto bytes = static_cast<std::int64_t>(end - begin);
  int phase = static_cast<int>(begin % 8);
  void* arguments[] = {&begin, &bytes, &pattern, &phase, &scratch_};
  return kernels_.Launch(kernels_.count_changed(), bytes / 64 + 1, arguments, stream_);
}

Result<std::int64_t> CudaJudge::GuardBytesChanged(DeviceTensor& tensor, std::uint64_t pattern) {
  const CudaTensor& own = Own(tensor);
  TRY(driver_.Check(driver_.cuMemsetD32Async_(scratch_, 0, 2, stream_), "clearing a counter"));
  TRY(CountChanged(own.begin(), own.data(), pattern));
  TRY(CountChanged(own.end(), own.mapping_end(), pattern));
  std::uint64_t changed = 0;
  TRY(driver_.Check(driver_.cuMemcpyDtoHAsync_(&changed, scratch_, sizeof changed, stream_),
                    "reading a counter"));
  TRY(Synchronize());
  return static_cast<std::int64_t>(changed);
}

Result<std::uint64_t> CudaJudge::Hash(DeviceTensor& tensor) {
  CUdeviceptr data = Own(tensor).data();
  auto bytes = static_cast<std::int64_t>(tensor.memory().bytes);
  TRY(driver_.Check(driver_.cuMemsetD32Async_(scratch_, 0, 2, stream_), "clearing a counter"));
  void* arguments[] = {&data, &bytes, &scratch_};
  TRY(kernels_.Launch(kernels_.hash(), bytes / 8 + 1, arguments, stream_));
  std::uint64_t sum = 0;
  TRY(driver_.Check(driver_.cuMemcpyDtoHAsync_(&sum, scratch_, sizeof sum, stream_),
                    "reading a hash"));
  TRY(Synchronize());
  return sum;
}

Result<ElementCompare> CudaJudge::Compare(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                          std::int64_t from, std::int64_t elements, double atol,
                                          double rtol, std::uint64_t poison) {
  const JudgeKernels::OfClass kernels = TRY(kernels_.For(dtype));
  CUdeviceptr got_data = Own(got).data();
  CUdeviceptr want_data = Own(want).data();
  const std::int64_t per_thread = 16 / SizeOf(dtype);
  const std::int64_t items = (elements - from) / per_thread + per_thread;
  void* arguments[] = {&got_data, &want_data, &from, &elements, &atol, &rtol, &poison, &partials_};
  TRY(kernels_.Launch(kernels.compare, items, arguments, stream_));
  TRY(Synchronize());

  ElementCompare total;
  double worst_error = 0;
  double worst_bound = 1;
  const unsigned blocks = kernels_.Blocks(items);
  for (unsigned i = 0; i < blocks; ++i) {
    const ComparePartial& partial = partials_[i];
    total.mismatches += partial.mismatches;
    total.unwritten += partial.unwritten;
    if (partial.first_bad >= 0 && (total.first_bad < 0 || partial.first_bad < total.first_bad)) {
      total.first_bad = partial.first_bad;
    }
    if (!std::isnan(total.abs_error_max) && !(partial.abs_error <= total.abs_error_max))
      total.abs_error_max = partial.abs_error;
    if (partial.worst_index >= 0 && !std::isnan(worst_error) &&
        (total.worst_index < 0 || std::isnan(partial.worst_error) ||
         partial.worst_error * worst_bound > worst_error * partial.worst_bound)) {
      total.worst_index = partial.worst_index;
      worst_error = partial.worst_error;
      worst_bound = partial.worst_bound;
    }
  }
  total.error_max = worst_error / worst_bound;
  return total;
}

Result<std::vector<std::uint64_t>> CudaJudge::Mark(DeviceTensor& got, DeviceTensor& want,
                                                   DType dtype, std::int64_t from,
                                                   std::int64_t count, double atol, double rtol,
                                                   std::uint64_t poison) {
  const JudgeKernels::OfClass kernels = TRY(kernels_.For(dtype));
  CUdeviceptr got_data = Own(got).data();
  CUdeviceptr want_data = Own(want).data();
  std::vector<std::uint64_t> marks(static_cast<std::size_t>((count + 63) / 64));
  const std::size_t bytes = marks.size() * sizeof(std::uint64_t);
  // The buffer that flushes L2 holds nothing: room for the bits of kMarkedMax elements.
  static_assert(kMarkedMax / 8 <= static_cast<std::int64_t>(kFlushBytesMin));
  TRY(driver_.Check(driver_.cuMemsetD8Async_(flush_, 0, bytes, stream_), "clearing marks"));
  void* arguments[] = {&got_data, &want_data, &from, &count, &atol, &rtol, &poison, &flush_};
  TRY(kernels_.Launch(kernels.mark, count, arguments, stream_));
  TRY(driver_.Check(driver_.cuMemcpyDtoHAsync_(marks.data(), flush_, bytes, stream_),
                    "reading marks"));
  TRY(Synchronize());
  return marks;
}

Result<double> CudaJudge::Read(DeviceTensor& tensor, DType dtype, std::int64_t index) {
  const auto size = static_cast<std::size_t>(SizeOf(dtype));
  std::uint64_t bits = 0;
  TRY(driver_.Check(driver_.cuMemcpyDtoH_(
                        &bits, Own(tensor).data() + static_cast<std::uint64_t>(index) * size, size),
                    "reading an element"));
  const auto as = [&](auto value) {
    std::memcpy(&value, &bits, sizeof value);
    return static_cast<double>(value);
  };
  switch (dtype) {
    case DType::kF32:
      return as(float{});
    case DType::kF64:
      return as(double{});
    case DType::kF16:
      return static_cast<double>(element::FloatOfHalf(static_cast<std::uint16_t>(bits)));
    case DType::kBf16:
      return static_cast<double>(element::FloatOfBf16(static_cast<std::uint16_t>(bits)));
    case DType::kI8:
      return as(std::int8_t{});
    case DType::kI16:
      return as(std::int16_t{});
    case DType::kI32:
      return as(std::int32_t{});
    case DType::kI64:
      return as(std::int64_t{});
    case DType::kU8:
    case DType::kBool:
      return as(std::uint8_t{});
    case DType::kU16:
      return as(std::uint16_t{});
    case DType::kU32:
      return as(std::uint32_t{});
    case DType::kU64:
      return as(std::uint64_t{});
  }
  return 0.0;
}

Status CudaJudge::FlushCache() {
  // Reading twice L2's size leaves no older line in it, and only clean ones: dirty lines would have
  // to be written back during the timed call (on an H100 that costs 8 us).
  return TouchRange(flush_, flush_bytes_);
}

Status CudaJudge::DirtyCache() {
  return driver_.Check(driver_.cuMemsetD8Async_(flush_, 0, flush_bytes_, stream_), "filling L2");
}

Status CudaJudge::TouchRange(CUdeviceptr begin, std::uint64_t range_bytes) {
  auto bytes = static_cast<std::int64_t>(range_bytes);
  void* arguments[] = {&begin, &bytes, &scratch_};
  return kernels_.Launch(kernels_.touch(), bytes / 64 + 1, arguments, stream_);
}

Status CudaJudge::Touch(DeviceTensor& tensor) {
  return TouchRange(Own(tensor).data(), tensor.memory().bytes);
}

}  // namespace

Result<std::unique_ptr<JudgeDevice>> OpenCudaJudge(const std::string& selector,
                                                   const std::string& toolkit) {
  const Driver& driver = *TRY(Driver::Load());
  const CUdevice device = TRY(FindDevice(driver, selector));
  DeviceInfo info = TRY(ProbeDevice(driver, device));
  TRY(EnterContext(driver, device));
  auto judge = std::make_unique<CudaJudge>(driver, device, std::move(info), toolkit);
  TRY(judge->Open());
  return std::unique_ptr<JudgeDevice>(std::move(judge));
}

}  // namespace caesar
