#include "cuda/runner_device.h"

#include <cuda.h>

#include <utility>

#include "base/format.h"
#include "cuda/api_watch.h"
#include "cuda/cupti.h"
#include "cuda/driver.h"
#include "cuda/memory.h"

namespace caesar {
namespace {

constexpr const char* kDelayKernel = "caesar_delay";

class CudaRunner final : public RunnerDevice {
 public:
  CudaRunner(const Driver& driver, CUdevice device, CUstream stream, ActivityTrace& trace,
             ApiWatch& watch)
      : driver_(driver), device_(device), stream_(stream), trace_(trace), watch_(watch) {}

  Status LoadImage(const std::string& image) override {
    CUmodule module = nullptr;
    TRY(driver_.Check(driver_.cuModuleLoadData_(&module, image.data()),
                      "loading the delay kernel"));
    return driver_.Check(driver_.cuModuleGetFunction_(&delay_, module, kDelayKernel),
                         "finding the delay kernel");
  }

  Result<std::vector<void*>> Map(const TensorMemory& memory, bool writable, int copies) override {
    CUmemGenericAllocationHandle handle = 0;
    // The driver takes the descriptor in the place of a pointer.
    void* descriptor = reinterpret_cast<void*>(static_cast<std::intptr_t>(memory.fd));
    TRY(driver_.Check(driver_.cuMemImportFromShareableHandle_(
                          &handle, descriptor, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR),
                      "importing a tensor"));
    handles_.push_back(handle);
    std::vector<void*> addresses;
    for (int i = 0; i < copies; ++i) {
      mappings_.push_back(
          TRY(Mapping::Make(driver_, device_, handle, memory.mapped_bytes, writable)));
      addresses.push_back(reinterpret_cast<void*>(mappings_.back().begin() + memory.offset));
    }
    return addresses;
  }

  Status UnmapAll() override {
    mappings_.clear();
    for (const CUmemGenericAllocationHandle handle : handles_) {
      TRY(driver_.Check(driver_.cuMemRelease_(handle), "releasing a tensor"));
    }
    handles_.clear();
    return {};
  }

  void* stream() override { return stream_; }

  Status BeginCall(const CallOptions& options) override {
    if (options.delay_us > 0) TRY(Occupy(options.delay_us));
    return options.watch ? watch_.Begin() : Status();
  }

  Status Occupy(double us) override {
    auto nanoseconds = static_cast<unsigned long long>(us * 1e3);
    void* arguments[] = {&nanoseconds};
    return driver_.Check(
        driver_.cuLaunchKernel_(delay_, 1, 1, 1, 1, 1, 1, 0, stream_, arguments, nullptr),
        "launching the delay kernel");
  }

  Result<CallRecords> EndCall(bool records) override {
    TRY(driver_.Check(driver_.cuCtxSynchronize_(), "the launcher's work"));
    if (!records) {
      events_ = TRY(watch_.End());
      return CallRecords{};
    }
    int dropped = 0;
    const auto taken = TRY(trace_.Take(&dropped));
    CallRecords call = Condense(taken, kDelayKernel, dropped);
    call.events = events_;
    return call;
  }

 private:
  const Driver& driver_;
  CUdevice device_;
  CUstream stream_;
  ActivityTrace& trace_;
  ApiWatch& watch_;
  ApiEvents events_;  // of the last call
  CUfunction delay_ = nullptr;
  std::vector<CUmemGenericAllocationHandle> handles_;
  std::vector<Mapping> mappings_;
};

Result<CUdevice> DeviceOf(const Driver& driver, const std::string& uuid) {
  int count = 0;
  TRY(driver.Check(driver.cuDeviceGetCount_(&count), "counting GPUs"));
  for (int i = 0; i < count; ++i) {
    CUdevice device = 0;
    TRY(driver.Check(driver.cuDeviceGet_(&device, i), "opening a GPU"));
    if (TRY(UuidOf(driver, device)) == uuid) return device;
  }
  return Error{ErrorCode::kEnvironment,
               Format("the judge's GPU {} is not visible to the runner", uuid), ""};
}

}  // namespace

Result<std::unique_ptr<RunnerDevice>> OpenCudaRunner(const std::string& uuid,
                                                     const std::string& toolkit) {
  ActivityTrace* trace = TRY(ActivityTrace::Start(toolkit));
  ApiWatch* watch = TRY(ApiWatch::Start(toolkit));
  const Driver& driver = *TRY(Driver::Load());
  const CUdevice device = TRY(DeviceOf(driver, uuid));
  // The candidate's runtime uses the primary context, and so do we: its launches on the legacy
  // stream are ordered with ours.
  TRY(EnterContext(driver, device));
  CUstream stream = nullptr;
  TRY(driver.Check(driver.cuStreamCreate_(&stream, CU_STREAM_DEFAULT), "making a stream"));
  return std::unique_ptr<RunnerDevice>(
      std::make_unique<CudaRunner>(driver, device, stream, *trace, *watch));
}

}  // namespace caesar
