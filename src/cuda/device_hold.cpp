#include "cuda/device_hold.h"

#include <atomic>
#include <chrono>
#include <limits>

#include "device/device.h"

namespace caesar {
namespace {

// Others may have the device for some turns of milliseconds before it is ours; what hangs for
// longer is no turn any more.
constexpr std::chrono::seconds kBeginTimeout{10};
constexpr std::chrono::milliseconds kLookAtStream{1};

}  // namespace

Status DeviceHold::Open() {
  TRY(driver_.Check(driver_.cuStreamCreate_(&stream_, CU_STREAM_NON_BLOCKING), "making a stream"));
  void* memory = nullptr;
  TRY(driver_.Check(driver_.cuMemAllocHost_(&memory, sizeof(Words)), "allocating pinned memory"));
  words_ = new (memory) Words{};
  return {};
}

Status DeviceHold::Begin(CUfunction kernel) {
  ++ticket_;
  auto address = [](auto& word) { return reinterpret_cast<CUdeviceptr>(&word); };
  CUdeviceptr begun = address(words_->begun);
  CUdeviceptr released = address(words_->released);
  CUdeviceptr longest = address(words_->longest_ns);
  std::uint64_t nanoseconds = std::uint64_t{kHoldMaxMs} * 1'000'000;
  void* arguments[] = {&begun, &released, &longest, &ticket_, &nanoseconds};
  TRY(driver_.Check(
      driver_.cuLaunchKernel_(kernel, 1, 1, 1, 1, 1, 1, 0, stream_, arguments, nullptr),
      "launching the kernel that holds the device"));
  const auto begin = std::chrono::steady_clock::now();
  auto looked = begin;
  while (std::atomic_ref(words_->begun).load(std::memory_order_acquire) != ticket_) {
    const auto now = std::chrono::steady_clock::now();
    if (now - looked < kLookAtStream) continue;
    looked = now;
    // After a fault of the context it would never run.
    const CUresult state = driver_.cuStreamQuery_(stream_);
    if (state != CUDA_ERROR_NOT_READY) TRY(driver_.Check(state, "waiting for the judge's kernels"));
    if (now - begin > kBeginTimeout) {
      return Error{ErrorCode::kEnvironment, "the GPU did not begin the judge's work within 10 s",
                   "Others use it: nvidia-smi may show who."};
    }
  }
  return {};
}

void DeviceHold::End() {
  std::atomic_ref(words_->released).store(ticket_, std::memory_order_release);
}

double DeviceHold::LongestPauseUs() const {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (driver_.cuStreamSynchronize_(stream_) != CUDA_SUCCESS) return kNever;
  const std::uint64_t longest_ns =
      std::atomic_ref(words_->longest_ns).load(std::memory_order_acquire);
  if (longest_ns == ~std::uint64_t{0}) return kNever;
  return static_cast<double>(longest_ns) * 1e-3;
}

}  // namespace caesar
