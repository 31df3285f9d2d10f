#include "judge/idle_proof.h"

#include <algorithm>
#include <utility>

#include "judge/cost_meter.h"

namespace caesar {
namespace {

constexpr int kCalibrations = 10;
constexpr double kWaitSlackUs = 500;  // a fifth of a turn; the host's own delays are shorter
// A look takes some microseconds, as its word lies in host memory; to leave the device to another
// context and to get it back takes more, whatever is done there.
constexpr double kPauseSlackUs = 30;

}  // namespace

Turn::Turn(Turn&& other) noexcept
    : device_(other.device_),
      held_(std::exchange(other.held_, false)),
      waited_(other.waited_),
      pause_max_us_(other.pause_max_us_) {}

void Turn::End() {
  if (std::exchange(held_, false)) device_->Release();
}

bool Turn::Disturbed() const { return waited_ || device_->LongestPauseUs() > pause_max_us_; }

Result<Turn> IdleProof::TakeTurn() {
  Lap lap;
  TRY(device_.Hold());
  const double took_us = lap.Us();
  least_us_ = least_us_ > 0 ? std::min(least_us_, took_us) : took_us;
  return Turn(device_, took_us > 2 * least_us_ + kWaitSlackUs, 2 * least_pause_us_ + kPauseSlackUs);
}

Status IdleProof::Calibrate() {
  if (std::exchange(calibrated_, true)) return {};
  for (int i = 0; i < kCalibrations; ++i) {
    TRY(TakeTurn()).End();
    const double pause_us = device_.LongestPauseUs();
    least_pause_us_ = least_pause_us_ > 0 ? std::min(least_pause_us_, pause_us) : pause_us;
  }
  return {};
}

Result<bool> IdleProof::Disturbed() {
  Turn turn = TRY(TakeTurn());
  turn.End();
  return turn.Disturbed();
}

}  // namespace caesar
