#include "measure/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace caesar {
namespace {

// 1, 2, ..., n: the value of an order statistic is its 1-based rank.
std::vector<double> Ranks(int n) {
  std::vector<double> samples(static_cast<std::size_t>(n));
  std::iota(samples.begin(), samples.end(), 1.0);
  return samples;
}

TEST(Summarize, MedianQuartilesAndMinimum) {
  const double samples[] = {4, 1, 3, 2};
  const TimeStats stats = Summarize(samples, 7);
  EXPECT_EQ(stats.median_us, 2.5);
  EXPECT_EQ(stats.q1_us, 1.75) << "type 7";
  EXPECT_EQ(stats.q3_us, 3.25);
  EXPECT_EQ(stats.min_us, 1);
  EXPECT_EQ(stats.samples, 4);
  EXPECT_EQ(stats.discarded, 7);
}

TEST(Summarize, OneSample) {
  const double sample[] = {5};
  const TimeStats stats = Summarize(sample, 0);
  for (const double value : {stats.median_us, stats.q1_us, stats.q3_us, stats.min_us,
                             stats.ci_low_us, stats.ci_high_us}) {
    EXPECT_EQ(value, 5);
  }
}

TEST(Summarize, TheOrderOfSamplesDoesNotMatter) {
  std::vector<double> samples = Ranks(101);
  const TimeStats sorted = Summarize(samples, 0);
  std::mt19937 random(1);
  std::shuffle(samples.begin(), samples.end(), random);
  const TimeStats shuffled = Summarize(samples, 0);
  EXPECT_EQ(shuffled.median_us, sorted.median_us);
  EXPECT_EQ(shuffled.q1_us, sorted.q1_us);
  EXPECT_EQ(shuffled.ci_low_us, sorted.ci_low_us);
}

// Ranks of the 95 % interval of the median as printed in tables of the sign test (two-sided, 5 %).
TEST(Summarize, RanksOfTheIntervalAreThoseOfTheTables) {
  const std::pair<int, int> lower[] = {{6, 1},   {7, 1},   {8, 1},   {9, 2},   {10, 2},
                                       {11, 2},  {12, 3},  {15, 4},  {20, 6},  {25, 8},
                                       {30, 10}, {40, 14}, {50, 18}, {100, 40}};
  for (const auto& [n, rank] : lower) {
    const TimeStats stats = Summarize(Ranks(n), 0);
    EXPECT_EQ(stats.ci_low_us, rank) << n;
    EXPECT_EQ(stats.ci_high_us, n + 1 - rank) << n;
  }
}

TEST(Summarize, FewerThanSixSamplesGiveTheExtremes) {
  for (int n = 1; n < 6; ++n) {
    const TimeStats stats = Summarize(Ranks(n), 0);
    EXPECT_EQ(stats.ci_low_us, 1) << n;
    EXPECT_EQ(stats.ci_high_us, n) << n;
  }
}

TEST(Summarize, TheIntervalIsTheNarrowestThatCovers95Percent) {
  for (const int n : {6, 13, 31, 100, 333, 1000}) {
    const auto lower = static_cast<int>(Summarize(Ranks(n), 0).ci_low_us);
    // P(Binomial(n, 1/2) <= k), summed in exact powers of two as far as a double goes.
    const auto below = [n](int k) {
      long double sum = 0;
      long double term = std::pow(2.0L, -n);
      for (int i = 0; i <= k; ++i) {
        sum += term;
        term = term * static_cast<long double>(n - i) / static_cast<long double>(i + 1);
      }
      return sum;
    };
    EXPECT_LE(below(lower - 1), 0.025L) << n;
    EXPECT_GT(below(lower), 0.025L) << n;
  }
}

TEST(Summarize, TheApproximationForManySamplesContinuesTheExactRanks) {
  const TimeStats exact = Summarize(Ranks(1000), 0);
  const TimeStats approximate = Summarize(Ranks(1001), 0);
  EXPECT_NEAR(approximate.ci_low_us, exact.ci_low_us, 1);
  EXPECT_EQ(approximate.ci_low_us + approximate.ci_high_us, 1002);
  EXPECT_EQ(Summarize(Ranks(10'000), 0).ci_low_us, 4903) << "5000 - 1.96 * 50, rounded up";
}

TEST(Summarize, TheIntervalHoldsTheMedianAsOftenAsItSays) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> times(3, 0.5);  // skewed, as times are
  const double median = std::exp(3.0);
  int held = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> samples(30);
    for (double& sample : samples) sample = times(random);
    const TimeStats stats = Summarize(samples, 0);
    held += stats.ci_low_us <= median && median <= stats.ci_high_us;
  }
  EXPECT_GT(held, kTrials * 94 / 100);
  EXPECT_LT(held, kTrials * 98 / 100);
}

TEST(RelativeHalfWidth, IsHalfTheIntervalOverTheMedian) {
  TimeStats stats;
  stats.median_us = 10;
  stats.ci_low_us = 9;
  stats.ci_high_us = 12;
  EXPECT_DOUBLE_EQ(RelativeHalfWidth(stats), 0.15);
  stats.median_us = 0;
  EXPECT_TRUE(std::isinf(RelativeHalfWidth(stats)));
}

TEST(PairedRatio, IsTheMedianOfRatiosNotTheRatioOfMedians) {
  const double baseline[] = {2, 30, 400};
  const double candidate[] = {1, 10, 200};
  const Ratio ratio = PairedRatio(baseline, candidate);
  EXPECT_EQ(ratio.value, 2);
  EXPECT_EQ(ratio.ci_low, 2);
  EXPECT_EQ(ratio.ci_high, 3);
}

TEST(PairedRatio, DriftCommonToBothCancels) {
  std::vector<double> baseline;
  std::vector<double> candidate;
  for (int i = 0; i < 40; ++i) {
    const double clock = 1 + 0.02 * i;  // the device slows down by almost a factor of two
    candidate.push_back(10 * clock);
    baseline.push_back(15 * clock);
  }
  const Ratio ratio = PairedRatio(baseline, candidate);
  EXPECT_DOUBLE_EQ(ratio.value, 1.5);
  EXPECT_NEAR(ratio.ci_high - ratio.ci_low, 0, 1e-12);
}

TEST(PairedRatio, UsesTheSameRanks) {
  std::vector<double> baseline;
  for (int i = 1; i <= 15; ++i) baseline.insert(baseline.end(), {1.0 * i, 31.0 - i});
  const Ratio ratio = PairedRatio(baseline, std::vector<double>(30, 1.0));
  EXPECT_EQ(ratio.value, 15.5);
  EXPECT_EQ(ratio.ci_low, 10);
  EXPECT_EQ(ratio.ci_high, 21);
}

TEST(PairedRatio, RatiosThatDependOnTheOnesBeforeWidenTheInterval) {
  const std::vector<double> ones(100, 1.0);
  std::vector<double> baseline = Ranks(100);  // a steady climb: little more than one observation
  const Ratio climbing = PairedRatio(baseline, ones);
  std::mt19937 random(3);
  std::shuffle(baseline.begin(), baseline.end(), random);
  const Ratio shuffled = PairedRatio(baseline, ones);
  EXPECT_EQ(climbing.value, shuffled.value);
  EXPECT_GT(RelativeHalfWidth(climbing), 2 * RelativeHalfWidth(shuffled));
}

// The share of 95 % intervals that hold the true ratio, where the ratio's noise is an AR(1)
// process.
double Coverage(int samples, double correlation) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  constexpr int kTrials = 1000;
  int held = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> baseline;
    double noise = normal(random);
    for (int i = 0; i < samples; ++i) {
      noise = correlation * noise + std::sqrt(1 - correlation * correlation) * normal(random);
      baseline.push_back(std::exp(0.02 * noise));
    }
    const Ratio ratio = PairedRatio(baseline, std::vector<double>(baseline.size(), 1.0));
    held += ratio.ci_low <= 1 && 1 <= ratio.ci_high;
  }
  return held / double{kTrials};
}

TEST(PairedRatio, TheIntervalHoldsTheRatioAsOftenAsItSays) {
  for (const int samples : {30, 200, 1000}) {
    EXPECT_GT(Coverage(samples, 0), 0.94) << samples;
    EXPECT_LT(Coverage(samples, 0), 0.985) << samples;
  }
  EXPECT_GT(Coverage(200, 0.5), 0.925);
  EXPECT_GT(Coverage(1000, 0.5), 0.93);
  EXPECT_GT(Coverage(1000, 0.8), 0.90);
}

TEST(Median, IsTheUpperOne) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({3}), 3);
  EXPECT_EQ(Median({4, 1, 3, 2}), 3);
}

TEST(StatisticsDeathTest, CallersBugsAreCaught) {
  const double one[] = {1};
  const double two[] = {1, 2};
  const double zero[] = {0};
  const double nan[] = {NAN};
  EXPECT_DEATH(Summarize({}, 0), "empty");
  EXPECT_DEATH(Summarize(nan, 0), "isfinite");
  EXPECT_DEATH(PairedRatio(one, two), "size");
  EXPECT_DEATH(PairedRatio(one, zero), "> 0");
}

}  // namespace
}  // namespace caesar
