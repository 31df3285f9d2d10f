#include "cuda/judge_device.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/format.h"
#include "cuda/memory.h"
#include "cuda/nvrtc.h"

namespace caesar {
namespace {

// Of 256 threads each: a multiprocessor holds eight. Fill leaves room for poison beside it.
constexpr int kBlocksPerSm = 8;
constexpr int kPoisonBlocksPerSm = 2;

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

class CudaTensor final : public DeviceTensor {
 public:
  CudaTensor(const Driver& driver, CUmemGenericAllocationHandle handle, Mapping mapping,
             TensorMemory memory)
      : driver_(driver),
        handle_(handle),
        mapping_(std::make_unique<Mapping>(std::move(mapping))),
        memory_(memory) {}
  ~CudaTensor() override {
    driver_.cuCtxSynchronize_();  // a queued kernel may still use it
    mapping_.reset();
    driver_.cuMemRelease_(handle_);
    if (memory_.fd >= 0) close(memory_.fd);
  }
  const TensorMemory& memory() const override { return memory_; }
  CUdeviceptr begin() const { return mapping_->begin(); }
  CUdeviceptr data() const { return mapping_->begin() + memory_.offset; }
  CUdeviceptr end() const { return data() + memory_.bytes; }

 private:
  const Driver& driver_;
  CUmemGenericAllocationHandle handle_;
  std::unique_ptr<Mapping> mapping_;
  TensorMemory memory_;
};

// The element class that kernels.cu is compiled for.
std::vector<std::string> DefinesOf(DType dtype) {
  const auto integer = [](int bytes, bool is_signed) {
    return std::vector<std::string>{"CAESAR_CLASS", "CAESAR_CLASS_INT",
                                    Format("CAESAR_INT_BYTES={}", bytes),
                                    Format("CAESAR_INT_SIGNED={}", is_signed ? 1 : 0)};
  };
  switch (dtype) {
    case DType::kF32:
      return {"CAESAR_CLASS", "CAESAR_CLASS_F32"};
    case DType::kF64:
      return {"CAESAR_CLASS", "CAESAR_CLASS_F64"};
    case DType::kF16:
      return {"CAESAR_CLASS", "CAESAR_CLASS_F16"};
    case DType::kBf16:
      return {"CAESAR_CLASS", "CAESAR_CLASS_BF16"};
    case DType::kI8:
      return integer(1, true);
    case DType::kI16:
      return integer(2, true);
    case DType::kI32:
      return integer(4, true);
    case DType::kI64:
      return integer(8, true);
    case DType::kU8:
    case DType::kBool:
      return integer(1, false);
    case DType::kU16:
      return integer(2, false);
    case DType::kU32:
      return integer(4, false);
    case DType::kU64:
      return integer(8, false);
  }
  return {};
}

class CudaJudge final : public JudgeDevice {
 public:
  CudaJudge(const Driver& driver, CUdevice device, CUcontext context, DeviceInfo info,
            std::string toolkit)
      : driver_(driver),
        device_(device),
        context_(context),
        info_(std::move(info)),
        toolkit_(std::move(toolkit)) {}

  Status Open();

  const DeviceInfo& info() const override { return info_; }
  Result<double> MeasureBandwidth() override;
  Result<std::string> RunnerImage() override { return image_; }
  std::int64_t FreeBytes() override;
  Result<std::unique_ptr<DeviceTensor>> Allocate(std::uint64_t bytes) override;
  Status Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) override;
  Status Poison(DeviceTensor& tensor, std::uint64_t pattern) override;
  Status PoisonGuards(DeviceTensor& tensor, std::uint64_t pattern) override;
  Result<std::int64_t> GuardBytesChanged(DeviceTensor& tensor, std::uint64_t pattern) override;
  Result<std::uint64_t> Hash(DeviceTensor& tensor) override;
  Result<ElementCompare> Compare(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                 std::int64_t from, std::int64_t elements, double atol, double rtol,
                                 std::uint64_t poison) override;
  Result<double> Read(DeviceTensor& tensor, DType dtype, std::int64_t index) override;
  Status FlushCache() override;
  Status DirtyCache() override;
  Status Touch(DeviceTensor& tensor) override;
  Status Synchronize() override {
    TRY(driver_.Check(driver_.cuStreamSynchronize_(side_stream_),
                      "waiting for the judge's kernels"));
    return driver_.Check(driver_.cuStreamSynchronize_(stream_), "waiting for the judge's kernels");
  }

 private:
  struct ClassKernels {
    CUfunction fill = nullptr;
    CUfunction compare = nullptr;
  };
  Result<ClassKernels> KernelsFor(DType dtype);
  Result<CUfunction> Function(CUmodule module, const char* name);
  Status Launch(CUfunction function, std::int64_t work_items, void** arguments);
  Status Launch(CUfunction function, std::int64_t work_items, void** arguments, int blocks_per_sm,
                CUstream stream);
  unsigned BlocksMax() const { return static_cast<unsigned>(info_.sm_count) * kBlocksPerSm; }
  Status TouchRange(CUdeviceptr begin, std::uint64_t range_bytes);
  Status PoisonRange(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern, int blocks_per_sm,
                     CUstream stream);
  Status CountChanged(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern);
  static CudaTensor& Own(DeviceTensor& tensor) { return static_cast<CudaTensor&>(tensor); }

  const Driver& driver_;
  CUdevice device_;
  CUcontext context_;
  DeviceInfo info_;
  std::string toolkit_;
  std::string image_;
  CUstream stream_ = nullptr;
  CUstream side_stream_ =
      nullptr;  // poison: bound by memory, beside fills, which are bound by arithmetic
  CUfunction poison_ = nullptr;
  CUfunction count_changed_ = nullptr;
  CUfunction hash_ = nullptr;
  CUfunction touch_ = nullptr;
  std::map<std::vector<std::string>, ClassKernels> classes_;
  CUdeviceptr flush_ = 0;
  std::uint64_t flush_bytes_ = 0;
  CUdeviceptr scratch_ = 0;             // 256 bytes of counters on the device
  ComparePartial* partials_ = nullptr;  // pinned, one for each block
};

Status CudaJudge::Open() {
  for (CUstream* stream : {&stream_, &side_stream_}) {
    TRY(driver_.Check(driver_.cuStreamCreate_(stream, CU_STREAM_NON_BLOCKING), "making a stream"));
  }
  image_ = TRY(CompileKernels(info_.Arch().substr(0, info_.Arch().find_last_of("0123456789") + 1),
                              {}, toolkit_));
  CUmodule module = nullptr;
  TRY(driver_.Check(driver_.cuModuleLoadData_(&module, image_.data()),
                    "loading the judge's kernels"));
  poison_ = TRY(Function(module, "caesar_poison"));
  count_changed_ = TRY(Function(module, "caesar_count_changed"));
  hash_ = TRY(Function(module, "caesar_hash"));
  touch_ = TRY(Function(module, "caesar_touch"));
  flush_bytes_ = std::max<std::uint64_t>(static_cast<std::uint64_t>(info_.l2_bytes) * 2, 1U << 20);
  TRY(driver_.Check(driver_.cuMemAlloc_(&flush_, flush_bytes_),
                    "allocating the buffer that flushes L2"));
  TRY(driver_.Check(driver_.cuMemsetD8Async_(flush_, 0, flush_bytes_, stream_),
                    "clearing the buffer that flushes L2"));
  TRY(driver_.Check(driver_.cuMemAlloc_(&scratch_, 256), "allocating counters"));
  void* pinned = nullptr;
  TRY(driver_.Check(driver_.cuMemAllocHost_(&pinned, BlocksMax() * sizeof(ComparePartial)),
                    "allocating pinned memory"));
  partials_ = static_cast<ComparePartial*>(pinned);
  return {};
}

Result<CUfunction> CudaJudge::Function(CUmodule module, const char* name) {
  CUfunction function = nullptr;
  TRY(driver_.Check(driver_.cuModuleGetFunction_(&function, module, name), name));
  return function;
}

Result<CudaJudge::ClassKernels> CudaJudge::KernelsFor(DType dtype) {
  const std::vector<std::string> defines = DefinesOf(dtype);
  if (const auto found = classes_.find(defines); found != classes_.end()) return found->second;
  const std::string arch = info_.Arch().substr(0, info_.Arch().find_last_of("0123456789") + 1);
  const std::string cubin = TRY(CompileKernels(arch, defines, toolkit_));
  CUmodule module = nullptr;
  TRY(driver_.Check(driver_.cuModuleLoadData_(&module, cubin.data()),
                    "loading the judge's kernels"));
  ClassKernels kernels;
  kernels.fill = TRY(Function(module, "caesar_fill"));
  kernels.compare = TRY(Function(module, "caesar_compare"));
  classes_.emplace(defines, kernels);
  return kernels;
}

Status CudaJudge::Launch(CUfunction function, std::int64_t work_items, void** arguments,
                         int blocks_per_sm, CUstream stream) {
  const std::int64_t blocks =
      std::clamp<std::int64_t>((work_items + kThreadsPerBlock - 1) / kThreadsPerBlock, 1,
                               std::int64_t{info_.sm_count} * blocks_per_sm);
  return driver_.Check(
      driver_.cuLaunchKernel_(function, static_cast<unsigned>(blocks), 1, 1, kThreadsPerBlock, 1, 1,
                              0, stream, arguments, nullptr),
      "launching a kernel of the judge");
}

Status CudaJudge::Launch(CUfunction function, std::int64_t work_items, void** arguments) {
  return Launch(function, work_items, arguments, kBlocksPerSm, stream_);
}

std::int64_t CudaJudge::FreeBytes() {
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  driver_.cuMemGetInfo_(&free_bytes, &total_bytes);
  return static_cast<std::int64_t>(free_bytes);
}

Result<double> CudaJudge::MeasureBandwidth() {
  std::uint64_t bytes = std::uint64_t{1} << 30;  // 20 times an H100's L2
  CUdeviceptr from = 0;
  CUdeviceptr to = 0;
  while (driver_.cuMemAlloc_(&from, 2 * bytes) != CUDA_SUCCESS) {
    bytes /= 2;
    if (bytes < (std::uint64_t{1} << 26)) return 0.0;  // too full to tell
  }
  to = from + bytes;
  CUevent begin = nullptr;
  CUevent end = nullptr;
  float best_ms = 0;
  Status status =
      driver_.Check(driver_.cuEventCreate_(&begin, CU_EVENT_DEFAULT), "making an event");
  if (status.ok())
    status = driver_.Check(driver_.cuEventCreate_(&end, CU_EVENT_DEFAULT), "making an event");
  if (status.ok())
    status = driver_.Check(driver_.cuMemsetD8Async_(from, 1, 2 * bytes, stream_), "writing memory");
  for (int i = 0; i < 5 && status.ok(); ++i) {
    driver_.cuEventRecord_(begin, stream_);
    driver_.cuMemcpyDtoDAsync_(to, from, bytes, stream_);
    driver_.cuEventRecord_(end, stream_);
    status = driver_.Check(driver_.cuEventSynchronize_(end), "copying memory");
    float ms = 0;
    driver_.cuEventElapsedTime_(&ms, begin, end);
    if (i > 0 && (best_ms == 0 || ms < best_ms)) best_ms = ms;
  }
  driver_.cuMemFree_(from);
  TRY(std::move(status));
  return best_ms > 0 ? 2.0 * static_cast<double>(bytes) / (static_cast<double>(best_ms) * 1e6)
                     : 0.0;
}

Result<std::unique_ptr<DeviceTensor>> CudaJudge::Allocate(std::uint64_t bytes) {
  CHECK(bytes > 0);
  const std::uint64_t granule = TRY(Granularity(driver_, device_));
  TensorMemory memory;
  memory.bytes = bytes;
  const std::uint64_t aligned =
      (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
  memory.mapped_bytes = (aligned + granule - 1) / granule * granule;
  memory.offset = memory.mapped_bytes - aligned;
  const CUmemAllocationProp properties = SharedMemoryProperties(device_);
  CUmemGenericAllocationHandle handle = 0;
  const CUresult created = driver_.cuMemCreate_(&handle, memory.mapped_bytes, &properties, 0);
  if (created == CUDA_ERROR_OUT_OF_MEMORY) return std::unique_ptr<DeviceTensor>();
  TRY(driver_.Check(created, "allocating a tensor"));
  const auto share = [&]() -> Result<std::unique_ptr<DeviceTensor>> {
    auto mapping = TRY(Mapping::Make(driver_, device_, handle, memory.mapped_bytes, true));
    TRY(driver_.Check(driver_.cuMemExportToShareableHandle_(
                          &memory.fd, handle, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0),
                      "exporting a tensor"));
    return std::unique_ptr<DeviceTensor>(
        std::make_unique<CudaTensor>(driver_, handle, std::move(mapping), memory));
  };
  auto tensor = share();
  if (!tensor.ok()) driver_.cuMemRelease_(handle);
  return tensor;
}

Status CudaJudge::Fill(DeviceTensor& tensor, DType dtype, const element::FillOrder& order) {
  const ClassKernels kernels = TRY(KernelsFor(dtype));
  CUdeviceptr data = Own(tensor).data();
  element::FillOrder copy = order;
  void* arguments[] = {&data, &copy};
  return Launch(kernels.fill, (order.elements + 3) / 4, arguments,
                kBlocksPerSm - kPoisonBlocksPerSm, stream_);
}

Status CudaJudge::PoisonRange(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern,
                              int blocks_per_sm, CUstream stream) {
  if (begin >= end) return {};
  auto bytes = static_cast<std::int64_t>(end - begin);
  void* arguments[] = {&begin, &bytes, &pattern};
  return Launch(poison_, bytes / 16 + 16, arguments, blocks_per_sm, stream);
}

Status CudaJudge::Poison(DeviceTensor& tensor, std::uint64_t pattern) {
  const CudaTensor& own = Own(tensor);
  return PoisonRange(own.data(), own.end(), pattern, kPoisonBlocksPerSm, side_stream_);
}

Status CudaJudge::PoisonGuards(DeviceTensor& tensor, std::uint64_t pattern) {
  const CudaTensor& own = Own(tensor);
  TRY(PoisonRange(own.begin(), own.data(), pattern, kBlocksPerSm, stream_));
  // Behind the tensor lie less than 256 bytes, perhaps from an odd address on; the aligned whole is
  // written instead.
  return PoisonRange(own.end() / kTensorAlignment * kTensorAlignment,
                     own.begin() + own.memory().mapped_bytes, pattern, kBlocksPerSm, stream_);
}

Status CudaJudge::CountChanged(CUdeviceptr begin, CUdeviceptr end, std::uint64_t pattern) {
  if (begin >= end) return {};
  auto bytes = static_cast<std::int64_t>(end - begin);
  int phase = static_cast<int>(begin % 8);
  void* arguments[] = {&begin, &bytes, &pattern, &phase, &scratch_};
  return Launch(count_changed_, bytes / 64 + 1, arguments);
}

Result<std::int64_t> CudaJudge::GuardBytesChanged(DeviceTensor& tensor, std::uint64_t pattern) {
  const CudaTensor& own = Own(tensor);
  TRY(driver_.Check(driver_.cuMemsetD32Async_(scratch_, 0, 2, stream_), "clearing a counter"));
  TRY(CountChanged(own.begin(), own.data(), pattern));
  TRY(CountChanged(own.end(), own.begin() + own.memory().mapped_bytes, pattern));
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
  TRY(Launch(hash_, bytes / 8 + 1, arguments));
  std::uint64_t sum = 0;
  TRY(driver_.Check(driver_.cuMemcpyDtoHAsync_(&sum, scratch_, sizeof sum, stream_),
                    "reading a hash"));
  TRY(Synchronize());
  return sum;
}

Result<ElementCompare> CudaJudge::Compare(DeviceTensor& got, DeviceTensor& want, DType dtype,
                                          std::int64_t from, std::int64_t elements, double atol,
                                          double rtol, std::uint64_t poison) {
  const ClassKernels kernels = TRY(KernelsFor(dtype));
  CUdeviceptr got_data = Own(got).data();
  CUdeviceptr want_data = Own(want).data();
  const std::int64_t per_thread = 16 / SizeOf(dtype);
  const std::int64_t items = (elements - from) / per_thread + per_thread;
  const auto blocks = static_cast<std::size_t>(
      std::clamp<std::int64_t>((items + kThreadsPerBlock - 1) / kThreadsPerBlock, 1, BlocksMax()));
  void* arguments[] = {&got_data, &want_data, &from, &elements, &atol, &rtol, &poison, &partials_};
  TRY(Launch(kernels.compare, items, arguments));
  TRY(Synchronize());

  ElementCompare total;
  double worst_error = 0;
  double worst_bound = 1;
  for (std::size_t i = 0; i < blocks; ++i) {
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
  // to be written back during the timed call (on an H100 that costs 8 us). Devices without
  // persisting lines refuse the reset; that is fine.
  driver_.cuCtxResetPersistingL2Cache_();
  TRY(TouchRange(flush_, flush_bytes_));
  return Synchronize();
}

Status CudaJudge::DirtyCache() {
  TRY(driver_.Check(driver_.cuMemsetD8Async_(flush_, 0, flush_bytes_, stream_), "filling L2"));
  return Synchronize();
}

Status CudaJudge::TouchRange(CUdeviceptr begin, std::uint64_t range_bytes) {
  auto bytes = static_cast<std::int64_t>(range_bytes);
  void* arguments[] = {&begin, &bytes, &scratch_};
  return Launch(touch_, bytes / 64 + 1, arguments);
}

Status CudaJudge::Touch(DeviceTensor& tensor) {
  TRY(TouchRange(Own(tensor).data(), tensor.memory().bytes));
  return Synchronize();
}

Result<int> Attribute(const Driver& driver, CUdevice device, CUdevice_attribute attribute) {
  int value = 0;
  TRY(driver.Check(driver.cuDeviceGetAttribute_(&value, attribute, device),
                   "reading a device attribute"));
  return value;
}

Result<DeviceInfo> Describe(const Driver& driver, CUdevice device) {
  const auto attribute = [&](CUdevice_attribute which) { return Attribute(driver, device, which); };
  DeviceInfo info;
  char name[128] = {};
  TRY(driver.Check(driver.cuDeviceGetName_(name, sizeof name - 1, device),
                   "reading the GPU's name"));
  info.name = name;
  info.uuid = TRY(UuidOf(driver, device));
  int version = 0;
  TRY(driver.Check(driver.cuDriverGetVersion_(&version), "reading the driver's version"));
  info.driver = Format("{}.{}", version / 1000, version % 1000 / 10);
  std::size_t memory_bytes = 0;
  TRY(driver.Check(driver.cuDeviceTotalMem_(&memory_bytes, device),
                   "reading the GPU's memory size"));
  info.memory_bytes = static_cast<std::int64_t>(memory_bytes);
  info.compute_major = TRY(attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  info.compute_minor = TRY(attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
  info.sm_count = TRY(attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
  info.l2_bytes = TRY(attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  info.shared_bytes_per_block_max =
      TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  info.shared_bytes_per_sm =
      TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR));
  info.registers_per_sm = TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR));
  info.threads_per_sm_max = TRY(attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR));
  info.clock_mhz = TRY(attribute(CU_DEVICE_ATTRIBUTE_CLOCK_RATE)) / 1000.0;
  return info;
}

}  // namespace

Result<std::unique_ptr<JudgeDevice>> OpenCudaJudge(const std::string& selector,
                                                   const std::string& toolkit) {
  const Driver& driver = *TRY(Driver::Load());
  const CUdevice device = TRY(FindDevice(driver, selector));
  DeviceInfo info = TRY(Describe(driver, device));
  // Spin instead of sleeping while waiting: the judge's clock is the trusted one.
  TRY(driver.Check(driver.cuDevicePrimaryCtxSetFlags_(device, CU_CTX_SCHED_SPIN),
                   "configuring the context"));
  CUcontext context = nullptr;
  TRY(driver.Check(driver.cuDevicePrimaryCtxRetain_(&context, device),
                   "creating a context on the GPU"));
  TRY(driver.Check(driver.cuCtxSetCurrent_(context), "using the context"));
  auto judge = std::make_unique<CudaJudge>(driver, device, context, std::move(info), toolkit);
  TRY(judge->Open());
  return std::unique_ptr<JudgeDevice>(std::move(judge));
}

}  // namespace caesar
