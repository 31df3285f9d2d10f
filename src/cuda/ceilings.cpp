#include "cuda/ceilings.h"

#include <functional>

namespace caesar {
namespace {

constexpr int kRepeats = 5;  // the first one warms up
constexpr int kFmaRounds = 512;
constexpr double kFlopsPerRound = 2 * 64;  // of a thread

// The least time of a launch, in milliseconds.
Result<double> LeastMs(const Driver& driver, CUstream stream,
                       const std::function<Status()>& launch) {
  CUevent begin = nullptr;
  CUevent end = nullptr;
  TRY(driver.Check(driver.cuEventCreate_(&begin, CU_EVENT_DEFAULT), "making an event"));
  TRY(driver.Check(driver.cuEventCreate_(&end, CU_EVENT_DEFAULT), "making an event"));
  double least_ms = 0;
  for (int i = 0; i < kRepeats; ++i) {
    driver.cuEventRecord_(begin, stream);
    TRY(launch());
    driver.cuEventRecord_(end, stream);
    TRY(driver.Check(driver.cuEventSynchronize_(end), "measuring the device"));
    float ms = 0;
    driver.cuEventElapsedTime_(&ms, begin, end);
    if (i > 0 && (least_ms <= 0 || ms < least_ms)) least_ms = ms;
  }
  return least_ms;
}

}  // namespace

Status MeasureKernelCeilings(const Driver& driver, const JudgeKernels& kernels, CUstream stream,
                             DeviceInfo& info) {
  std::uint64_t bytes = std::uint64_t{2} << 30;  // 40 times an H100's L2
  CUdeviceptr memory = 0;
  while (driver.cuMemAlloc_(&memory, bytes) != CUDA_SUCCESS) {
    bytes /= 2;
    if (bytes < (std::uint64_t{1} << 26)) return {};  // too full to tell
  }
  auto count = static_cast<std::int64_t>(bytes);
  void* read_arguments[] = {&memory, &count, &memory};
  const auto read_ms = LeastMs(driver, stream, [&] {
    return kernels.Launch(kernels.read(), count / 16, read_arguments, stream);
  });
  int rounds = kFmaRounds;
  float factor = 0.5F;
  void* fma_arguments[] = {&rounds, &factor, &memory};
  const std::int64_t threads = std::int64_t{kernels.BlocksMax()} * kThreadsPerBlock;
  const auto fma_ms = LeastMs(driver, stream, [&] {
    return kernels.Launch(kernels.fma(), threads, fma_arguments, stream);
  });
  driver.cuMemFree_(memory);
  const double read = TRY(read_ms);
  const double fma = TRY(fma_ms);
  if (read > 0) info.read_gbs = static_cast<double>(bytes) / (read * 1e6);
  if (fma > 0)
    info.fp32_tflops = static_cast<double>(threads) * kFlopsPerRound * kFmaRounds / (fma * 1e9);
  return {};
}

}  // namespace caesar
