#include "measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace caesar {
namespace {

constexpr double kTail = 0.025;  // on each side of a 95 % interval
constexpr std::size_t kExactSamplesMax =
    1000;  // beyond, the binomial is indistinguishable from the normal here
constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975

// The rank r (0-based) of the lower end: the largest r >= 0 for which at most kTail of Binomial(n,
// 1/2) lies below it, P(X <= r) <= kTail. The upper end is its mirror, n - 1 - r. False where even
// r = 0 (the extremes) covers too little.
bool LowerRank(std::size_t n, std::size_t& rank) {
  if (n > kExactSamplesMax) {
    // Conover 3.2: r* = n/2 - z sqrt(n)/2, rounded up, as a 1-based rank.
    const double count = static_cast<double>(n);
    rank =
        static_cast<std::size_t>(std::ceil(count / 2 - kNormalQuantile * std::sqrt(count) / 2)) - 1;
    return true;
  }
  const double log_all = static_cast<double>(n) * std::log(2.0);
  const double log_n = std::lgamma(static_cast<double>(n) + 1);
  double below = 0;
  std::size_t count = 0;  // of r for which P(X <= r) <= kTail
  for (; count < n; ++count) {
    const double k = static_cast<double>(count);
    below += std::exp(log_n - std::lgamma(k + 1) - std::lgamma(static_cast<double>(n) - k + 1) -
                      log_all);
    if (below > kTail) break;
  }
  if (count == 0) return false;
  rank = count - 1;
  return true;
}

struct Interval {
  double low = 0;
  double high = 0;
};

Interval MedianInterval(const std::vector<double>& sorted) {
  std::size_t rank = 0;
  if (!LowerRank(sorted.size(), rank)) return {sorted.front(), sorted.back()};
  return {sorted[rank], sorted[sorted.size() - 1 - rank]};
}

// Linear interpolation between the order statistics around (n-1)*p: type 7 of Hyndman and Fan,
// "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996).
double Quantile(const std::vector<double>& sorted, double p) {
  const double position = static_cast<double>(sorted.size() - 1) * p;
  const auto index = static_cast<std::size_t>(position);
  if (index + 1 >= sorted.size()) return sorted.back();
  return sorted[index] +
         (position - static_cast<double>(index)) * (sorted[index + 1] - sorted[index]);
}

}  // namespace

TimeStats Summarize(std::span<const double> samples_us, int discarded) {
  CHECK(!samples_us.empty());
  std::vector<double> sorted(samples_us.begin(), samples_us.end());
  for (const double sample : sorted) CHECK(std::isfinite(sample));  // NaN has no place in an order
  std::sort(sorted.begin(), sorted.end());
  const Interval interval = MedianInterval(sorted);
  TimeStats stats;
  stats.median_us = Quantile(sorted, 0.5);
  stats.q1_us = Quantile(sorted, 0.25);
  stats.q3_us = Quantile(sorted, 0.75);
  stats.min_us = sorted.front();
  stats.ci_low_us = interval.low;
  stats.ci_high_us = interval.high;
  stats.samples = static_cast<int>(sorted.size());
  stats.discarded = discarded;
  return stats;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double RelativeHalfWidth(const TimeStats& stats) {
  if (!(stats.median_us > 0)) return INFINITY;
  return (stats.ci_high_us - stats.ci_low_us) / 2 / stats.median_us;
}

Ratio PairedRatio(std::span<const double> baseline_us, std::span<const double> candidate_us) {
  CHECK(!baseline_us.empty() && baseline_us.size() == candidate_us.size());
  std::vector<double> ratios;
  ratios.reserve(baseline_us.size());
  for (std::size_t i = 0; i < baseline_us.size(); ++i) {
    CHECK(baseline_us[i] > 0 && candidate_us[i] > 0);
    ratios.push_back(baseline_us[i] / candidate_us[i]);
  }
  std::sort(ratios.begin(), ratios.end());
  const Interval interval = MedianInterval(ratios);
  return {Quantile(ratios, 0.5), interval.low, interval.high};
}

}  // namespace caesar
