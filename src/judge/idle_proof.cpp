#include "judge/idle_proof.h"

#include <algorithm>
#include <chrono>

namespace caesar {
namespace {

constexpr int kCalibrations = 10;
constexpr double kSlackUs = 500;  // a fifth of a turn; the host's own delays are shorter

}  // namespace

Result<bool> IdleProof::Disturbed(Kernel kernel, double& least_us) {
  const auto begin = std::chrono::steady_clock::now();
  TRY((device_.*kernel)());
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  least_us = least_us > 0 ? std::min(least_us, took.count()) : took.count();
  return took.count() > 2 * least_us + kSlackUs;
}

Status IdleProof::Calibrate() {
  if (flush_least_us_ > 0) return {};
  for (int i = 0; i < kCalibrations; ++i) {
    TRY(FlushDisturbed());
    TRY(DirtyDisturbed());
  }
  return {};
}

Result<bool> IdleProof::FlushDisturbed() {
  return Disturbed(&JudgeDevice::FlushCache, flush_least_us_);
}

Result<bool> IdleProof::DirtyDisturbed() {
  return Disturbed(&JudgeDevice::DirtyCache, dirty_least_us_);
}

}  // namespace caesar
