// What is called improved, slower and the same, and how often: the whole procedure (sampling until
// Decide ends it, restart, a second measurement) on a model of a GPU's noise.
#include "measure/comparison.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "measure/statistics.h"
#include "measure/stopping.h"

namespace caesar {
namespace {

Ratio Of(double low, double high) { return {(low + high) / 2, low, high}; }

TEST(ChangeOf, NeedsAnIntervalClearOfTheGap) {
  EXPECT_EQ(ChangeOf(Of(1.0051, 1.2)), Change::kImproved);
  EXPECT_EQ(ChangeOf(Of(1.005, 1.2)), Change::kUndecided);
  EXPECT_EQ(ChangeOf(Of(0.999, 1.001)), Change::kSame);
  EXPECT_EQ(ChangeOf(Of(0.9951, 1.005)), Change::kSame);
  EXPECT_EQ(ChangeOf(Of(0.994, 1.001)), Change::kUndecided);
  EXPECT_EQ(ChangeOf(Of(0.8, 0.9949)), Change::kSlower);
  EXPECT_EQ(ChangeOf(Of(0.8, 0.9951)), Change::kUndecided);
  EXPECT_EQ(ChangeOf(Of(0.5, 2)), Change::kUndecided);
  EXPECT_EQ(ChangeOf(Of(NAN, NAN)), Change::kUndecided);
}

TEST(NeedsConfirmation, WhatIsClaimedAsAGainAndWhatIsCloseToTheGap) {
  EXPECT_TRUE(NeedsConfirmation(Of(1.01, 1.02)));
  EXPECT_TRUE(NeedsConfirmation(Of(3, 3.1)));
  EXPECT_TRUE(NeedsConfirmation(Of(0.97, 0.98)));
  EXPECT_FALSE(NeedsConfirmation(Of(0.7, 0.8)));
  EXPECT_FALSE(NeedsConfirmation(Of(0.999, 1.001)));
  EXPECT_FALSE(NeedsConfirmation(Of(0.9, 1.1)));
}

TEST(Agreed, TakesTwo) {
  EXPECT_EQ(Agreed(Of(1.01, 1.02), Of(1.006, 1.03)), Change::kImproved);
  EXPECT_EQ(Agreed(Of(1.01, 1.02), Of(0.99, 1.03)), Change::kUndecided);
  EXPECT_EQ(Agreed(Of(1.01, 1.02), Of(0.8, 0.9)), Change::kUndecided);
  EXPECT_EQ(Agreed(Of(0.97, 0.98), Of(0.96, 0.99)), Change::kSlower);
}

// A kernel of 20 us as CUPTI shows it: a clock that wanders for all processes alike, noise of each
// call, noise of a process that lasts for some calls, and now and then a call that takes longer. In
// microseconds; CUPTI's resolution on an H100 is 32 ns.
class NoisyGpu {
 public:
  explicit NoisyGpu(std::uint64_t seed) : random_(seed) { Restart(); }

  // Where the memory of a process lies: a bias that only a restart changes.
  void Restart() {
    for (Process& process : processes_) process.bias = 0.0005 * normal_(random_);
  }
  double Call(int process, double us) {
    clock_ = 0.999 * clock_ + 0.001 * normal_(random_);  // sd 2 %
    Process& own = processes_[static_cast<std::size_t>(process)];
    own.lasting = 0.7 * own.lasting + 0.004 * normal_(random_);
    double time = us * std::exp(clock_ + own.lasting + own.bias + 0.012 * normal_(random_));
    if (uniform_(random_) < 0.02) time *= 1 + 2 * uniform_(random_);
    return std::round(time / 0.032) * 0.032;
  }
  bool FirstGoesFirst() { return uniform_(random_) < 0.5; }

 private:
  struct Process {
    double bias = 0;
    double lasting = 0;
  };
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  std::array<Process, 2> processes_;
  double clock_ = 0;
};

// Of fresh data, and of calls of oracle, baseline, best and candidate with their hand-overs: more
// than an H100 takes for kernels of 20 us.
constexpr double kSampleUs = 1'500;

struct Measured {
  Ratio ratio;
  double seconds = 0;
};

Measured Measure(NoisyGpu& gpu, double best_us, double candidate_us) {
  const TimingConfig config;
  std::vector<double> best;
  std::vector<double> candidate;
  const auto elapsed_ms = [&] {
    return static_cast<std::int64_t>(static_cast<double>(best.size()) * kSampleUs / 1000);
  };
  while (Decide(config, {candidate, {}, best}, elapsed_ms()) == Stopping::kGoOn) {
    const bool first = gpu.FirstGoesFirst();
    if (first) best.push_back(gpu.Call(0, best_us));
    candidate.push_back(gpu.Call(1, candidate_us));
    if (!first) best.push_back(gpu.Call(0, best_us));
  }
  return {PairedRatio(best, candidate), static_cast<double>(best.size()) * kSampleUs / 1e6};
}

Change Compare(NoisyGpu& gpu, double best_us, double candidate_us) {
  const Ratio first = Measure(gpu, best_us, candidate_us).ratio;
  if (!NeedsConfirmation(first)) return ChangeOf(first);
  gpu.Restart();
  return Agreed(first, Measure(gpu, best_us, candidate_us).ratio);
}

int Count(int comparisons, double best_us, double candidate_us, Change change) {
  int count = 0;
  for (int i = 0; i < comparisons; ++i) {
    NoisyGpu gpu(1000 + static_cast<std::uint64_t>(i));
    count += Compare(gpu, best_us, candidate_us) == change;
  }
  return count;
}

TEST(Compare, AKernelAgainstItselfIsNeitherImprovedNorSlower) {
  constexpr int kComparisons = 300;
  const int improved = Count(kComparisons, 20, 20, Change::kImproved);
  const int slower = Count(kComparisons, 20, 20, Change::kSlower);
  EXPECT_LE(improved + slower, 3) << "the 1 % level";
  EXPECT_GE(Count(100, 20, 20, Change::kSame), 80);
}

TEST(Compare, ADifferenceIsSeen) {
  EXPECT_GE(Count(100, 20.4, 20, Change::kImproved), 95);
  EXPECT_GE(Count(100, 20, 20.4, Change::kSlower), 95);
  EXPECT_EQ(Count(100, 20, 20.4, Change::kImproved), 0);
}

TEST(Compare, TheIntervalOfAShortKernelIsNarrowWithinTwoSeconds) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    NoisyGpu gpu(seed);
    const Measured measured = Measure(gpu, 20, 20);
    EXPECT_LE(RelativeHalfWidth(measured.ratio), 0.005) << seed;
    EXPECT_LE(measured.seconds, 2) << seed;
  }
}

TEST(Slowdown, CountsFromTwoPercentOn) {
  const std::vector<double> without{100, 100, 100};
  EXPECT_EQ(Slowdown(std::vector{102.0, 102.0, 102.0}, without), 1) << "warmer or less so";
  EXPECT_DOUBLE_EQ(Slowdown(std::vector{104.0, 104.0, 104.0}, without), 1.04);
  EXPECT_EQ(Slowdown(std::vector{90.0, 90.0, 90.0}, without), 1) << "never a gain";
  EXPECT_EQ(Slowdown(std::vector{20.5}, std::vector{20.0}), 1) << "a few ticks of the clock";
  EXPECT_DOUBLE_EQ(Slowdown(std::vector{20.6}, std::vector{20.0}), 1.03);
}

TEST(Slowdown, SeesThatSomeAreSlow) {
  const std::vector<double> without{100, 101, 99, 100, 100};
  EXPECT_DOUBLE_EQ(Slowdown(std::vector{100.0, 100.0, 100.0, 130.0, 130.0}, without), 1.3);
}

}  // namespace
}  // namespace caesar
