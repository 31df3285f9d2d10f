// What is made of times: the floor, the comparison with the best kernel, the device's own state.
#include <gtest/gtest.h>

#include <deque>

#include "base/strings.h"
#include "judge/conclude.h"
#include "judge/floor.h"
#include "judge/health_watch.h"

namespace caesar {
namespace {

using Finding = HealthWatch::Finding;

// 4 MB in, 4 MB out.
Problem OneToOne(const std::string& bytes) {
  return ParseProblem(ReplaceAll(R"({
    "version": 1, "name": "scale", "summary": "s", "tags": [], "launcher": "solve", "dims": ["n"],
    "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": { "normal": [0, 1] } }],
    "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-6, "rtol": 1e-5 }],
    "scalars": [],
    "shapes": [{ "name": "bench", "roles": ["bench"], "n": 1000000 },
               { "name": "odd", "roles": ["check"], "n": 37 }],
    "flops": "100*n", "bytes": "BYTES", "policy": { "tf32": false, "libraries": [] },
    "baseline_libraries": [] })",
                                 "BYTES", bytes),
                      "scale")
      .value();
}

DeviceInfo Device() {
  DeviceInfo device;
  device.bandwidth_gbs = 800;
  device.read_gbs = 1000;
  device.fp32_tflops = 50;
  return device;
}

double Floor(const std::string& bytes, std::int64_t l2_bytes) {
  const Problem problem = OneToOne(bytes);
  DeviceInfo device = Device();
  device.l2_bytes = l2_bytes;
  return FloorUs(problem, problem.Bench(), device);
}

TEST(FloorUs, CountsBytesThatMustMove) {
  EXPECT_DOUBLE_EQ(Floor("8*n", 0), 8) << "8 MB at the faster of both ceilings";
  EXPECT_DOUBLE_EQ(Floor("8*n", 3'000'000), 5) << "part of the output stays in L2";
  EXPECT_DOUBLE_EQ(Floor("8*n", 50'000'000), 4) << "inputs never do: they were cold";
  EXPECT_DOUBLE_EQ(Floor("24*n", 0), 8) << "an author may count too much";
  EXPECT_DOUBLE_EQ(Floor("5*n", 0), 5) << "not all of an input need be read";
  EXPECT_DOUBLE_EQ(Floor("2*n", 50'000'000), 0);
}

TEST(FloorUs, IsUnknownWithoutACeiling) {
  const Problem problem = OneToOne("8*n");
  EXPECT_EQ(FloorUs(problem, problem.Bench(), DeviceInfo()), 0);
}

Timing Timed(double claimed_us, double trusted_us) {
  Timing timing;
  timing.cold = TimeStats();
  timing.cold->median_us = claimed_us;
  timing.trusted_us = trusted_us;
  return timing;
}

Verdict HeldAgainstFloor(double claimed_us, double trusted_us) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  verdict.device = Device();
  Timing timing = Timed(claimed_us, trusted_us);
  HoldAgainstFloor(OneToOne("8*n"), timing, verdict);
  EXPECT_DOUBLE_EQ(timing.floor_us, 8);
  return verdict;
}

bool HasFlag(const Verdict& verdict, const std::string& name) {
  for (const Flag& flag : verdict.flags) {
    if (flag.name == name) return true;
  }
  return false;
}

TEST(HoldAgainstFloor, ATimeBelowItIsCheatedIfTheJudgesClockAgrees) {
  const Verdict verdict = HeldAgainstFloor(7.1, 7.1);
  EXPECT_EQ(verdict.kind, VerdictKind::kCheated);
  EXPECT_TRUE(HasFlag(verdict, "under_floor"));
  EXPECT_EQ(HeldAgainstFloor(7.3, 7.1).kind, VerdictKind::kCorrect) << "nine tenths are granted";
  EXPECT_EQ(HeldAgainstFloor(1, 7.3).kind, VerdictKind::kCorrect)
      << "a claim that the clock contradicts is unverified instead";
}

TEST(HoldAgainstFloor, OperationsBeyondTheCeilingAreAHint) {
  // 1e8 operations: 50 TFLOP/s take 2 us.
  const Verdict fast = HeldAgainstFloor(1.8, 20);
  EXPECT_EQ(fast.kind, VerdictKind::kCorrect);
  EXPECT_TRUE(HasFlag(fast, "over_flops_ceiling"));
  EXPECT_FALSE(HasFlag(HeldAgainstFloor(8, 8), "over_flops_ceiling"));
}

std::vector<double> Near(double us) {
  std::vector<double> times;
  for (int i = 0; i < 40; ++i) times.push_back(us * (i % 2 == 0 ? 0.9999 : 1.0001));
  return times;
}

Samples Beside(double best_us, double candidate_us) {
  Samples samples;
  samples.best.cold_us = Near(best_us);
  samples.candidate.cold_us = Near(candidate_us);
  return samples;
}

TEST(CompareWithBest, NeedsASecondMeasurementForAGain) {
  Samples samples = Beside(20, 19);
  EXPECT_EQ(CompareWithBest(samples, true).change, Change::kUndecided);
  EXPECT_EQ(CompareWithBest(samples, true).reason, "there was no second measurement");
  samples.again = Ratio{1.05, 1.04, 1.06};
  samples.best.again_us = samples.best.without_us = {20, 20, 20};
  EXPECT_EQ(CompareWithBest(samples, true).change, Change::kImproved);
  EXPECT_EQ(CompareWithBest(samples, true).reason, "");
  samples.again = Ratio{1.001, 0.999, 1.003};
  EXPECT_EQ(CompareWithBest(samples, true).change, Change::kUndecided);
  EXPECT_NE(CompareWithBest(samples, true).reason.find("did not agree"), std::string::npos);
}

// Copies that a candidate leaves on the device would slow the best kernel down beside it alone.
TEST(CompareWithBest, TheBestMustBeSlowerWithoutTheCandidatesProcessToo) {
  Samples samples = Beside(20, 19);
  samples.again = Ratio{1.05, 1.04, 1.06};
  const auto compared = [&](double beside_us, std::vector<double> without_us) {
    samples.best.again_us = {beside_us, beside_us, beside_us};
    samples.best.without_us = std::move(without_us);
    return CompareWithBest(samples, true);
  };
  EXPECT_EQ(compared(20, {20, 20, 20}).change, Change::kImproved);
  EXPECT_EQ(compared(20, {21, 21, 21}).change, Change::kImproved) << "it only gets more";
  EXPECT_EQ(compared(20.4, {20, 20, 20}).change, Change::kImproved) << "1.04 of 1.02 is left";
  const BestComparison slowed = compared(21, {20, 20, 20});
  EXPECT_EQ(slowed.change, Change::kUndecided);
  EXPECT_NE(slowed.reason.find("faster once"), std::string::npos) << slowed.reason;
  for (const std::vector<double>& few : {std::vector<double>{}, {20, 20}}) {
    const BestComparison unknown = compared(20, few);
    EXPECT_EQ(unknown.change, Change::kUndecided);
    EXPECT_NE(unknown.reason.find("could not be timed"), std::string::npos) << unknown.reason;
  }
  samples.best_dropped = "it crashed";
  EXPECT_EQ(compared(20, {20, 20, 20}).reason, "it crashed");
  EXPECT_EQ(compared(20, {20, 20, 20}).change, Change::kUndecided);
}

TEST(CompareWithBest, AnUnverifiedTimeIsNeverAWin) {
  Samples samples = Beside(20, 10);
  samples.again = Ratio{2, 1.9, 2.1};
  const BestComparison comparison = CompareWithBest(samples, false);
  EXPECT_EQ(comparison.change, Change::kUndecided);
  EXPECT_NE(comparison.reason.find("unverified"), std::string::npos);
  EXPECT_TRUE(comparison.ratio.has_value()) << "it is shown all the same";
}

TEST(CompareWithBest, TheSameAndFarSlowerStandAlone) {
  EXPECT_EQ(CompareWithBest(Beside(20, 20), true).change, Change::kSame);
  EXPECT_EQ(CompareWithBest(Beside(20, 30), true).change, Change::kSlower);
}

TEST(CompareWithBest, SaysWhyTheBestIsMissing) {
  Samples samples;
  samples.candidate.cold_us = Near(20);
  samples.best_dropped = "it crashed";
  EXPECT_EQ(CompareWithBest(samples, true).reason, "it crashed");
}

// A device whose readings are scripted, and a clock that each of them moves on.
struct ScriptedHealth {
  std::deque<DeviceHealth> readings;
  SteadyTime now{};
  std::chrono::microseconds cost{0};
  int asked = 0;

  HealthWatch Watch() {
    return HealthWatch(
        [this]() -> std::optional<DeviceHealth> {
          ++asked;
          now += cost;
          if (readings.empty()) return std::nullopt;
          const DeviceHealth health = readings.front();
          if (readings.size() > 1) readings.pop_front();
          return health;
        },
        [this] { return now; });
  }
};

DeviceHealth At(double mhz, std::uint64_t throttle = 0) { return {mhz, 2619, 50, 300, throttle}; }

TEST(HealthWatch, WhatComesFromHeatOrSupplyDisqualifies) {
  for (const ThrottleReason& reason : kThrottleReasons) {
    ScriptedHealth device;
    device.readings = {At(1980, reason.bit)};
    HealthWatch watch = device.Watch();
    EXPECT_EQ(watch.Look(), reason.disqualifies ? Finding::kThrottled : Finding::kFine)
        << reason.name;
  }
}

TEST(HealthWatch, AClockThatLeavesItsUsualValueDisqualifiesUntilItStays) {
  ScriptedHealth device;
  HealthWatch watch = device.Watch();
  device.readings = {At(1980)};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(watch.Look(), Finding::kFine);
  device.readings = {At(1900)};
  EXPECT_EQ(watch.Look(), Finding::kFine) << "within a tenth";
  device.readings = {At(1200)};
  EXPECT_EQ(watch.Look(), Finding::kClockDrift);
  int refused = 1;
  while (watch.Look() == Finding::kClockDrift && refused < 100) ++refused;
  EXPECT_LE(refused, 31) << "then it is the rule";
}

TEST(HealthWatch, ReadingsTakeATwentiethOfTheTime) {
  ScriptedHealth device;
  device.readings = {At(1980)};
  device.cost = std::chrono::microseconds(500);
  HealthWatch watch = device.Watch();
  ASSERT_TRUE(watch.Look().has_value());
  device.now += std::chrono::microseconds(9'999);
  EXPECT_FALSE(watch.LookIfDue().has_value());
  device.now += std::chrono::microseconds(1);
  EXPECT_TRUE(watch.LookIfDue().has_value());
  EXPECT_EQ(device.asked, 2);
}

TEST(HealthWatch, ADeviceThatCannotBeAskedIsAskedOnce) {
  ScriptedHealth device;
  HealthWatch watch = device.Watch();
  EXPECT_FALSE(watch.Look().has_value());
  EXPECT_FALSE(watch.Look().has_value());
  EXPECT_EQ(device.asked, 1);
  EXPECT_FALSE(watch.Readings().has_value());
}

TEST(HealthWatch, TellsOfReadingsThatWereFine) {
  ScriptedHealth device;
  device.readings = {At(1980, 0x4), At(1965), At(1950), At(900, 0x40)};
  HealthWatch watch = device.Watch();
  for (int i = 0; i < 4; ++i) watch.Look();
  const ClockReadings readings = watch.Readings().value();
  EXPECT_EQ(readings.readings, 3);
  EXPECT_EQ(readings.sm_clock_mhz.min, 1950);
  EXPECT_EQ(readings.sm_clock_mhz.median, 1965);
  EXPECT_EQ(readings.sm_clock_mhz.max, 1980);
  EXPECT_EQ(readings.power_w_max, 300);
  EXPECT_EQ(readings.throttling, std::vector<std::string>{"software_power_cap"});
}

TEST(HoldAgainstSlowdown, TakesItFromTheSpeedUp) {
  Samples samples;
  samples.baseline.cold_us = {120, 120, 120};
  samples.baseline.without_us = {100, 100, 100};
  Verdict verdict;
  verdict.speedup = Ratio{2.4, 2.28, 2.52};
  verdict.comparison = BestComparison();
  verdict.comparison->change = Change::kImproved;
  HoldAgainstSlowdown(samples, verdict);
  EXPECT_DOUBLE_EQ(verdict.speedup->value, 2);
  EXPECT_DOUBLE_EQ(verdict.speedup->ci_low, 1.9);
  EXPECT_DOUBLE_EQ(verdict.speedup->ci_high, 2.1);
  EXPECT_EQ(verdict.comparison->change, Change::kUndecided);
  EXPECT_TRUE(HasFlag(verdict, "baseline_slowed"));
}

TEST(HoldAgainstSlowdown, LeavesTheRestAlone) {
  Samples samples;
  samples.baseline.cold_us = {102, 102, 102};
  Verdict verdict;
  verdict.speedup = Ratio{2, 1.9, 2.1};
  samples.baseline.without_us = {100, 100, 100};
  HoldAgainstSlowdown(samples, verdict);
  EXPECT_EQ(verdict.speedup->value, 2);
  EXPECT_TRUE(verdict.flags.empty());
}

TEST(HoldAgainstSlowdown, NothingIsBetterIfTheBaselineCouldNotBeTimedWithout) {
  Samples samples;
  samples.baseline.cold_us = {120, 120, 120};
  samples.baseline.without_us = {100, 100};
  Verdict verdict;
  verdict.speedup = Ratio{2, 1.9, 2.1};
  verdict.comparison = BestComparison();
  verdict.comparison->change = Change::kImproved;
  HoldAgainstSlowdown(samples, verdict);
  EXPECT_EQ(verdict.comparison->change, Change::kUndecided);
  EXPECT_NE(verdict.comparison->reason.find("could not be timed"), std::string::npos);
  EXPECT_TRUE(HasFlag(verdict, "baseline_unconfirmed"));
  EXPECT_EQ(verdict.speedup->value, 2);
}

Verdict Faster(double speedup, Ratio over_best, Change change) {
  Verdict verdict;
  verdict.speedup = Ratio{speedup, speedup - 0.1, speedup + 0.1};
  verdict.comparison = BestComparison();
  verdict.comparison->ratio = over_best;
  verdict.comparison->change = change;
  return verdict;
}

TEST(HoldAgainstFirst, TheLessOfBothCounts) {
  const Ratio better{1.1, 1.09, 1.11}, same{1, 0.999, 1.001};
  Verdict verdict = Faster(2, better, Change::kImproved);
  HoldAgainstFirst(Faster(1.8, better, Change::kUndecided), verdict);
  EXPECT_EQ(verdict.speedup->value, 1.8);
  EXPECT_DOUBLE_EQ(verdict.speedup->ci_high, 1.9);
  EXPECT_EQ(verdict.comparison->change, Change::kImproved) << "it was so in both";
  HoldAgainstFirst(Faster(2.2, same, Change::kUndecided), verdict);
  EXPECT_EQ(verdict.speedup->value, 1.8);
  EXPECT_EQ(verdict.comparison->change, Change::kUndecided);
  EXPECT_NE(verdict.comparison->reason.find("did not agree"), std::string::npos);
}

Verdict Claimed(double us, bool verified) {
  Verdict verdict;
  verdict.timing.emplace();
  verdict.timing->cold.emplace();
  verdict.timing->cold->median_us = us;
  verdict.timing->verified = verified;
  return verdict;
}

TEST(HoldAgainstFirst, WhoClaimedLessAtFirstIsNotForgiven) {
  for (const auto& [first_us, was_verified, stands] :
       {std::tuple(96.0, false, false), std::tuple(98.0, false, true),
        std::tuple(120.0, false, true), std::tuple(50.0, true, true)}) {
    Verdict verdict = Claimed(100, true);
    HoldAgainstFirst(Claimed(first_us, was_verified), verdict);
    EXPECT_EQ(verdict.timing->verified, stands) << first_us;
    EXPECT_EQ(HasFlag(verdict, "unverified_time"), !stands) << first_us;
  }
}

TEST(HoldAgainstFirst, AnUnverifiedTimeIsNeitherSlowerNorTheSame) {
  for (const Change change : {Change::kImproved, Change::kSame, Change::kSlower}) {
    Verdict verdict = Claimed(100, true);
    verdict.comparison.emplace();
    verdict.comparison->change = change;
    HoldAgainstFirst(Claimed(50, false), verdict);
    EXPECT_EQ(verdict.comparison->change, Change::kUndecided);
    EXPECT_NE(verdict.comparison->reason.find("unverified"), std::string::npos);
  }
}

TEST(HoldAgainstFirst, WhatTheCandidateDidInEitherStays) {
  Verdict first = Claimed(100, false), verdict = Claimed(100, true);
  for (const char* flag : {"extra_threads", "unverified_time", "baseline_slowed",
                           "baseline_unconfirmed", "best_dropped"})
    first.flags.push_back({flag, "at first"});
  verdict.flags.push_back({"graph", "now"});
  HoldAgainstFirst(first, verdict);
  ASSERT_EQ(verdict.flags.size(), 2U);
  EXPECT_EQ(verdict.flags[0].name, "graph");
  EXPECT_EQ(verdict.flags[1].name, "extra_threads");
}

TEST(HoldAgainstFirst, EveryBoundOfTheSpeedUpIsTheLess) {
  Verdict first, verdict;
  first.speedup = Ratio{2.1, 1.5, 2.7};
  verdict.speedup = Ratio{2, 1.9, 2.2};
  HoldAgainstFirst(first, verdict);
  EXPECT_EQ(verdict.speedup->value, 2);
  EXPECT_EQ(verdict.speedup->ci_low, 1.5);
  EXPECT_EQ(verdict.speedup->ci_high, 2.2);
}

TEST(HoldAgainstFirst, WithoutABestOneThereIsNothingToAgreeOn) {
  Verdict first, verdict;
  verdict.speedup = Ratio{2, 1.9, 2.1};
  HoldAgainstFirst(first, verdict);
  EXPECT_EQ(verdict.speedup->value, 2);
  EXPECT_FALSE(verdict.comparison.has_value());
}

}  // namespace
}  // namespace caesar
