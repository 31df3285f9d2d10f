#include "measure/stopping.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace caesar {
namespace {

constexpr std::int64_t kBudgetMs = 10'000;

std::vector<double> Steady(int n) { return std::vector<double>(static_cast<std::size_t>(n), 10.0); }

std::vector<double> Noisy(int n) {
  std::vector<double> samples;
  for (int i = 0; i < n; ++i) samples.push_back(i % 2 ? 10.0 : 12.0);
  return samples;
}

Stopping Decide(const TimingConfig& config, const std::vector<double>& candidate_us,
                const std::vector<double>& baseline_us, std::int64_t elapsed_ms) {
  return caesar::Decide(config, {candidate_us, baseline_us, {}}, elapsed_ms);
}

std::vector<double> Times(double factor, const std::vector<double>& samples) {
  std::vector<double> times;
  for (const double sample : samples) times.push_back(factor * sample);
  return times;
}

TEST(Decide, PreciseEnoughNeedsTheLeastNumberAndBothSeries) {
  const TimingConfig config;
  EXPECT_EQ(Decide(config, Steady(29), Steady(29), 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, Steady(30), Steady(30), 1), Stopping::kPreciseEnough);
  EXPECT_EQ(Decide(config, Noisy(30), Steady(30), 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, Steady(30), Noisy(30), 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, {}, {}, 1), Stopping::kGoOn);
}

TEST(Decide, TheTargetIsAHalfWidth) {
  TimingConfig config;
  config.ci_target = 0.1;  // Noisy: (12-10)/2 over 11
  EXPECT_EQ(Decide(config, Noisy(30), Noisy(30), 1), Stopping::kPreciseEnough);
  config.ci_target = 0.09;
  EXPECT_EQ(Decide(config, Noisy(30), Noisy(30), 1), Stopping::kGoOn);
}

TEST(Decide, TheBestMustBeToldApartOrBeTheSame) {
  const TimingConfig config;
  const std::vector<double> own = Steady(32);
  const auto decide = [&](const std::vector<double>& best_us) {
    return caesar::Decide(config, {own, own, best_us}, 1);
  };
  EXPECT_EQ(decide(Times(1.02, own)), Stopping::kPreciseEnough);
  EXPECT_EQ(decide(Times(0.98, own)), Stopping::kPreciseEnough);
  EXPECT_EQ(decide(own), Stopping::kPreciseEnough);
  EXPECT_EQ(decide(Noisy(32)), Stopping::kGoOn) << "too wide";
  // The interval is precise enough, but holds 1.005.
  std::vector<double> astride;
  for (int i = 0; i < 32; ++i) astride.push_back(i % 2 ? 10.07 : 10.03);
  EXPECT_EQ(decide(astride), Stopping::kGoOn);
}

TEST(Decide, LooksRarelyOnceThereAreMany) {
  const TimingConfig config;
  EXPECT_EQ(Decide(config, Steady(103), Steady(103), 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, Steady(104), Steady(104), 1), Stopping::kPreciseEnough);
}

TEST(Decide, SamplesUsedUp) {
  TimingConfig config;
  config.samples_max = 100;
  EXPECT_EQ(Decide(config, Noisy(99), Noisy(99), 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, Noisy(100), Noisy(100), 1), Stopping::kSamplesUsedUp);
}

TEST(Decide, TheBudgetEndsItOnlyAfterTheLeastNumber) {
  const TimingConfig config;
  EXPECT_EQ(Decide(config, Noisy(30), Noisy(30), kBudgetMs - 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, Noisy(30), Noisy(30), kBudgetMs), Stopping::kBudgetSpent);
  EXPECT_EQ(Decide(config, Noisy(29), Noisy(29), kBudgetMs), Stopping::kGoOn);
}

TEST(Decide, ThreeTimesTheBudgetEndsItAnyway) {
  const TimingConfig config;
  EXPECT_EQ(Decide(config, Noisy(3), Noisy(3), 3 * kBudgetMs - 1), Stopping::kGoOn);
  EXPECT_EQ(Decide(config, Noisy(3), Noisy(3), 3 * kBudgetMs), Stopping::kBudgetSpent);
  EXPECT_EQ(Decide(config, {}, {}, 3 * kBudgetMs), Stopping::kBudgetSpent);
}

TEST(Decide, AHugeBudgetDoesNotOverflow) {
  TimingConfig config;
  config.budget_ms = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(Decide(config, Noisy(3), Noisy(3), std::numeric_limits<std::int64_t>::max()),
            Stopping::kGoOn);
}

}  // namespace
}  // namespace caesar
