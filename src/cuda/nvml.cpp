#include "cuda/nvml.h"

#include "cuda/library.h"

namespace caesar {
namespace {

constexpr int kSuccess = 0;           // NVML_SUCCESS
constexpr int kClockSm = 1;           // NVML_CLOCK_SM
constexpr int kClockMemory = 2;       // NVML_CLOCK_MEM
constexpr int kTemperatureOfGpu = 0;  // NVML_TEMPERATURE_GPU

}  // namespace

struct Nvml::Library {
  int (*init)() = nullptr;
  int (*handle_by_uuid)(const char*, Device*) = nullptr;
  int (*clock)(Device, int, unsigned*) = nullptr;        // MHz
  int (*temperature)(Device, int, unsigned*) = nullptr;  // degrees Celsius
  int (*power)(Device, unsigned*) = nullptr;             // mW
  int (*throttle)(Device, unsigned long long*) = nullptr;
  bool usable = false;

  Library() {
    const auto library = SharedLibrary::Open({"libnvidia-ml.so.1"}, "NVML", "");
    if (!library.ok()) return;
    const SharedLibrary& nvml = library.value();
    const bool known = nvml.Find("nvmlInit_v2", init) &&
                       nvml.Find("nvmlDeviceGetHandleByUUID", handle_by_uuid) &&
                       nvml.Find("nvmlDeviceGetClockInfo", clock) &&
                       nvml.Find("nvmlDeviceGetTemperature", temperature) &&
                       nvml.Find("nvmlDeviceGetPowerUsage", power);
    // Its name until driver 535.
    if (!nvml.Find("nvmlDeviceGetCurrentClocksEventReasons", throttle) &&
        !nvml.Find("nvmlDeviceGetCurrentClocksThrottleReasons", throttle))
      return;
    usable = known && init() == kSuccess;
  }
};

const Nvml::Library* Nvml::Load() {
  static const Library library;
  return library.usable ? &library : nullptr;
}

std::optional<Nvml> Nvml::Open(const std::string& uuid) {
  const Library* library = Load();
  if (library == nullptr) return std::nullopt;
  Device device = nullptr;
  if (library->handle_by_uuid(uuid.c_str(), &device) != kSuccess) return std::nullopt;
  return Nvml(*library, device);
}

std::optional<DeviceHealth> Nvml::Read() const {
  DeviceHealth health;
  unsigned value = 0;
  if (library_->clock(device_, kClockSm, &value) != kSuccess) return std::nullopt;
  health.sm_clock_mhz = value;
  if (library_->clock(device_, kClockMemory, &value) == kSuccess) health.memory_clock_mhz = value;
  if (library_->temperature(device_, kTemperatureOfGpu, &value) == kSuccess)
    health.temperature_c = value;
  if (library_->power(device_, &value) == kSuccess) health.power_w = value / 1000.0;
  unsigned long long reasons = 0;
  if (library_->throttle(device_, &reasons) == kSuccess) health.throttle = reasons;
  return health;
}

}  // namespace caesar
