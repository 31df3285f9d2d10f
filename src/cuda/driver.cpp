#include "cuda/driver.h"

#include <charconv>
#include <cstdint>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr const char* kNoDriverAdvice =
    "Correct and Profile run on an NVIDIA GPU with a driver for CUDA 13 (nvidia-smi shows it). "
    "Generate and Compile work without; --device sim judges kernels on a simulated GPU.";

Result<Driver> LoadTable() {
  const SharedLibrary library =
      TRY(SharedLibrary::Open({"libcuda.so.1"}, "the CUDA driver (libcuda.so.1)", kNoDriverAdvice));
  Driver driver;
  if (const char* missing = driver.FindIn(library)) {
    return Error{ErrorCode::kEnvironment, Format("the CUDA driver has no {}", missing),
                 "The driver is too old: CUDA 13 needs driver 580 or later."};
  }
  if (const CUresult result = driver.cuInit_(0); result != CUDA_SUCCESS) {
    return Error{ErrorCode::kEnvironment,
                 Format("no usable GPU: cuInit says {}", driver.Explain(result)), kNoDriverAdvice};
  }
  return driver;
}

}  // namespace

Result<const Driver*> Driver::Load() {
  static const Result<Driver> table = LoadTable();
  if (!table.ok()) return table.error();
  return &table.value();
}

std::string Driver::Explain(CUresult result) const {
  const char* name = nullptr;
  const char* text = nullptr;
  cuGetErrorName_(result, &name);
  cuGetErrorString_(result, &text);
  return Format("{}: {}", name != nullptr ? name : "unknown error",
                text != nullptr ? text : std::to_string(static_cast<int>(result)).c_str());
}

Status Driver::Check(CUresult result, const char* what) const {
  if (result == CUDA_SUCCESS) return {};
  return Error{ErrorCode::kEnvironment, Format("{} failed: {}", what, Explain(result)), ""};
}

Result<CUdevice> FindDevice(const Driver& driver, const std::string& selector) {
  int count = 0;
  TRY(driver.Check(driver.cuDeviceGetCount_(&count), "counting GPUs"));
  if (count == 0)
    return Error{ErrorCode::kEnvironment, "no GPU is visible to CUDA", kNoDriverAdvice};
  int index = 0;
  if (StartsWith(selector, "cuda:")) {
    const std::string_view digits = std::string_view(selector).substr(5);
    const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (bad != std::errc() || end != digits.data() + digits.size() || index < 0 || index >= count) {
      return Error{
          ErrorCode::kUsage, Format("there is no device {}", selector),
          Format("CUDA shows {} here: cuda:0{}.", count == 1 ? "one GPU" : Format("{} GPUs", count),
                 count == 1 ? "" : Format(" to cuda:{}", count - 1))};
    }
  }
  CUdevice device = 0;
  TRY(driver.Check(driver.cuDeviceGet_(&device, index), "opening the GPU"));
  return device;
}

Result<std::string> UuidOf(const Driver& driver, CUdevice device) {
  CUuuid uuid{};
  TRY(driver.Check(driver.cuDeviceGetUuid_(&uuid, device), "reading the GPU's UUID"));
  std::string text = "GPU";
  for (int i = 0; i < 16; ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += Format("{:02x}", static_cast<unsigned>(static_cast<std::uint8_t>(uuid.bytes[i])));
  }
  return text;
}

Status EnterContext(const Driver& driver, CUdevice device) {
  TRY(driver.Check(driver.cuDevicePrimaryCtxSetFlags_(device, CU_CTX_SCHED_SPIN),
                   "configuring the context"));
  CUcontext context = nullptr;
  TRY(driver.Check(driver.cuDevicePrimaryCtxRetain_(&context, device),
                   "creating a context on the GPU"));
  return driver.Check(driver.cuCtxSetCurrent_(context), "using the context");
}

}  // namespace caesar
