#include "measure/acceptance.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace caesar {
namespace {

// A hand-over costs the judge about 150 us, with a spread of a few; a batch whose work is this long
// drowns it.
constexpr double kBatchWorkUs = 2000.0;
constexpr double kBaselineUs = 1e6;  // of all calls of a batch
constexpr double kBatchMin = 4;
constexpr double kBatchSlow = 8;  // however slow the baseline is
constexpr double kBatchMax = 64;

// What the judge's clock may exceed a claim by: its own spread, and what differs between two clocks
// of one interval.
constexpr double kSlackUs = 15.0;
constexpr double kSlackShare = 0.03;
// Of each call in a batch: a large grid starts later behind another than the one thread of a null
// call's kernel.
constexpr double kSlackOfLaunchUs = 2.0;
// Of calls alone, where the batch leaves doubts. On an H100 those of honest candidates lie up to 9
// us above the claim, and both kinds on average up to 6 us; of what hides 14 us 11 to 22 us, and 10
// to 17 us.
constexpr double kSlackInDoubtUs = 10.0;
constexpr double kMeanSlackInDoubtUs = 8.0;

// How much longer a null call may be beside a candidate: of the hand-over, of each further call,
// and in all.
constexpr double kBesideUs = 20.0;
constexpr double kBesideOfLaunchUs = 3.0;
constexpr double kBesideMaxUs = 100.0;

// A device kept busy by somebody else must make no claim stand.
constexpr double kSpreadMaxUs = 5.0;

NullTime TimeOf(std::span<const double> us) {
  std::vector<double> sorted(us.begin(), us.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t quarter = (sorted.size() - 1) / 4;
  const double low = sorted[quarter];
  return {low, std::min(sorted[sorted.size() - 1 - quarter] - low, kSpreadMaxUs)};
}

double SlackUs(double claimed_us, double slack_us) {
  return std::max(slack_us, kSlackShare * claimed_us);
}

}  // namespace

int BatchSize(double claimed_us, double baseline_us) {
  const double most =
      baseline_us > 0 ? std::clamp(kBaselineUs / baseline_us, kBatchSlow, kBatchMax) : kBatchMax;
  if (!(claimed_us > 0)) return static_cast<int>(most);
  return static_cast<int>(std::clamp(std::ceil(kBatchWorkUs / claimed_us), kBatchMin, most));
}

NullTime NullTimeOf(std::span<const double> beside_us, std::span<const double> without_us,
                    int calls) {
  if (beside_us.empty() || without_us.empty()) return {};
  const NullTime beside = TimeOf(beside_us);
  const NullTime without = TimeOf(without_us);
  const double more_us = std::min(kBesideUs + kBesideOfLaunchUs * (calls - 1), kBesideMaxUs);
  return beside.us <= without.us + more_us ? beside : without;
}

bool ClaimStands(double claimed_us, const TrustedTimes& trusted) {
  // Written so that NaN, infinity and a claim of nothing fail.
  if (!(claimed_us > 0) || !std::isfinite(claimed_us)) return false;
  const double single_us = trusted.single_us - claimed_us;
  const double alone_us = trusted.alone_us - claimed_us;
  const double batch_us = trusted.batch_us - claimed_us;
  const double slack_us = SlackUs(claimed_us, kSlackUs);
  if (!(single_us - trusted.spread_us <= slack_us)) return false;
  if (trusted.calls > 1 && !(alone_us - trusted.spread_us <= slack_us)) return false;
  const double batch_slack_us =
      SlackUs(claimed_us, std::max(kSlackUs / std::max(trusted.calls, 1), kSlackOfLaunchUs));
  if (batch_us <= batch_slack_us) return true;
  const double dirty_us = std::clamp(trusted.dirty_us, 0.0, trusted.dirty_max_us);
  if (batch_us <= batch_slack_us + dirty_us) return true;
  return batch_us <= batch_slack_us + 2 * trusted.dirty_max_us && trusted.dirty_max_us > 0 &&
         std::max(single_us, alone_us) <= kSlackInDoubtUs &&
         (std::max(single_us, 0.0) + std::max(alone_us, 0.0)) / 2 <= kMeanSlackInDoubtUs;
}

}  // namespace caesar
