#include "measure/comparison.h"

namespace caesar {
namespace {

constexpr double kFarSlower = 0.95;

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

}  // namespace caesar
