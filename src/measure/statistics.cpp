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
bool ExactRank(std::size_t n, std::size_t& rank) {
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

// Conover 3.2: r* = n/2 - z sqrt(n)/2, rounded up, as a 1-based rank. The variance n/4 of the
// number of samples below the median grows by `inflation` where samples depend on each other.
bool NormalRank(std::size_t n, double inflation, std::size_t& rank) {
  const double count = static_cast<double>(n);
  const double ordinal = std::ceil(count / 2 - kNormalQuantile * std::sqrt(count * inflation) / 2);
  if (ordinal < 1) return false;
  rank = static_cast<std::size_t>(ordinal) - 1;
  return true;
}

bool LowerRank(std::size_t n, double inflation, std::size_t& rank) {
  if (n > kExactSamplesMax) return NormalRank(n, inflation, rank);
  if (!ExactRank(n, rank)) return false;
  std::size_t wider = 0;
  if (inflation <= 1) return true;
  if (!NormalRank(n, inflation, wider)) return false;
  rank = std::min(rank, wider);
  return true;
}

// By how much the variance of the number of samples below the median exceeds that of independent
// ones: 1 + 2 sum w_k rho_k over the correlations rho_k of the samples' sides of the median,
// weighted as Newey and West do ("A Simple, Positive Semi-Definite, Heteroskedasticity and
// Autocorrelation Consistent Covariance Matrix", Econometrica 55, 1987). 1.3 sqrt(n) lags: Lazarus,
// Lewis, Stock and Watson, "HAR Inference: Recommendations for Practice", Journal of Business &
// Economic Statistics 36, 2018. That so many lags are estimated, too, is paid for by the wider
// quantile that they recommend (Kiefer and Vogelsang, Econometric Theory 21, 2005: Bartlett's
// kernel at 97.5 %). Never below 1.
double Inflation(const std::vector<double>& in_order, double median) {
  const std::size_t n = in_order.size();
  std::vector<int> side(n);
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    side[i] = (in_order[i] > median) - (in_order[i] < median);
    squares += side[i] * side[i];
  }
  if (!(squares > 0)) return 1;
  const auto lags =
      std::min(n - 1, static_cast<std::size_t>(std::ceil(1.3 * std::sqrt(static_cast<double>(n)))));
  double sum = 0;
  for (std::size_t lag = 1; lag <= lags; ++lag) {
    int products = 0;
    for (std::size_t i = lag; i < n; ++i) products += side[i] * side[i - lag];
    const double weight = 1 - static_cast<double>(lag) / static_cast<double>(lags + 1);
    sum += weight * products / squares;
  }
  const double b = static_cast<double>(lags) / static_cast<double>(n);
  const double quantile = 1.96 + 2.9694 * b + 0.4160 * b * b - 0.5324 * b * b * b;
  return std::max(1.0, (1 + 2 * sum) * std::pow(quantile / kNormalQuantile, 2));
}

struct Interval {
  double low = 0;
  double high = 0;
};

Interval MedianInterval(const std::vector<double>& sorted, double inflation) {
  std::size_t rank = 0;
  if (!LowerRank(sorted.size(), inflation, rank)) return {sorted.front(), sorted.back()};
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
  const Interval interval = MedianInterval(sorted, 1);
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

double RelativeHalfWidth(const Ratio& ratio) {
  if (!(ratio.value > 0)) return INFINITY;
  return (ratio.ci_high - ratio.ci_low) / 2 / ratio.value;
}

Ratio PairedRatio(std::span<const double> baseline_us, std::span<const double> candidate_us) {
  CHECK(!baseline_us.empty() && baseline_us.size() == candidate_us.size());
  std::vector<double> ratios;
  ratios.reserve(baseline_us.size());
  for (std::size_t i = 0; i < baseline_us.size(); ++i) {
    CHECK(baseline_us[i] > 0 && candidate_us[i] > 0);
    ratios.push_back(baseline_us[i] / candidate_us[i]);
  }
  std::vector<double> sorted = ratios;
  std::sort(sorted.begin(), sorted.end());
  const double median = Quantile(sorted, 0.5);
  const Interval interval = MedianInterval(sorted, Inflation(ratios, median));
  return {median, interval.low, interval.high};
}

}  // namespace caesar
