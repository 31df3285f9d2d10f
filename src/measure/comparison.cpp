#include "measure/comparison.h"

#include <algorithm>

#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr double kFarSlower = 0.95;
constexpr double kSlowedMinUs = 0.5;
constexpr double kSlowedShare = 0.02;

}  // namespace

Change ChangeOf(const Ratio& ratio) {
  // Written so that NaN decides nothing.
  if (ratio.ci_low > 1 + kClearGap) return Change::kImproved;
  if (ratio.ci_high < 1 / (1 + kClearGap)) return Change::kSlower;
  if (ratio.ci_low >= 1 / (1 + kClearGap) && ratio.ci_high <= 1 + kClearGap) return Change::kSame;
  return Change::kUndecided;
}

bool NeedsConfirmation(const Ratio& ratio) {
  switch (ChangeOf(ratio)) {
    case Change::kImproved:
      return true;
    case Change::kSlower:
      return ratio.ci_high >= kFarSlower;
    case Change::kSame:
    case Change::kUndecided:
      return false;
  }
  return false;
}

Change Agreed(const Ratio& first, const Ratio& second) {
  return ChangeOf(first) == ChangeOf(second) ? ChangeOf(first) : Change::kUndecided;
}

double Slowdown(std::span<const double> beside_us, std::span<const double> without_us) {
  const auto more = [](double beside, double without, double share) {
    return beside > without + std::max(kSlowedMinUs, share * without) ? beside / without : 1.0;
  };
  const TimeStats beside = Summarize(beside_us, 0);
  const TimeStats without = Summarize(without_us, 0);
  return std::max(more(beside.median_us, without.median_us, kSlowedShare),
                  more(beside.q3_us, without.q3_us, 2 * kSlowedShare));
}

}  // namespace caesar
