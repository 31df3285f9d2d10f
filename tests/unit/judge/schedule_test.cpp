#include "judge/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace caesar {
namespace {

using Inputs = PlannedCall::Inputs;

Problem WithFill(Fill fill) {
  Problem problem;
  TensorSpec input;
  input.name = "x";
  input.fill = fill;
  problem.inputs.push_back(input);
  return problem;
}

std::uint32_t Lowest(std::uint32_t) { return 0; }
std::uint32_t Highest(std::uint32_t bound) { return bound - 1; }

int Count(const std::vector<PlannedCall>& calls, Inputs inputs) {
  return static_cast<int>(std::count_if(
      calls.begin(), calls.end(), [&](const PlannedCall& call) { return call.inputs == inputs; }));
}

std::vector<std::string> Fills(const std::vector<PlannedCall>& calls) {
  std::vector<std::string> fills;
  for (const PlannedCall& call : calls) {
    if (call.fill.has_value()) fills.push_back(Describe(*call.fill));
  }
  return fills;
}

TEST(Schedule, BeginsAsDeclaredAndRepeatsTheSameInputs) {
  const auto calls = PlanCalls(WithFill({}), {}, {}, Lowest);
  ASSERT_GT(calls.size(), 3U);
  EXPECT_EQ(calls[0].inputs, Inputs::kFresh);
  EXPECT_FALSE(calls[0].fill.has_value());
  // What is repeated or changed a little is the call right before.
  EXPECT_EQ(calls[1].inputs, Inputs::kSame);
  EXPECT_EQ(calls[2].inputs, Inputs::kNearDuplicate);
  EXPECT_FALSE(calls[2].fill.has_value());
}

TEST(Schedule, TheDiceChooseHowManyCallsThereAre) {
  const auto least = PlanCalls(WithFill({}), {}, {}, Lowest);
  const auto most = PlanCalls(WithFill({}), {}, {}, Highest);
  EXPECT_EQ(Count(least, Inputs::kFresh) + 2, Count(most, Inputs::kFresh));
}

TEST(Schedule, TheDiceChooseTheOrderOfStructuredFills) {
  const auto low = Fills(PlanCalls(WithFill({}), {}, {}, Lowest));
  const auto high = Fills(PlanCalls(WithFill({}), {}, {}, Highest));
  EXPECT_NE(low, high);
  EXPECT_EQ(std::set<std::string>(low.begin(), low.end()),
            std::set<std::string>(high.begin(), high.end()));
  EXPECT_EQ(low.size(), std::set<std::string>(low.begin(), low.end()).size());
}

TEST(Schedule, TheProblemsOwnFillsFollowTheStructuredOnes) {
  Problem problem = WithFill({});
  const std::size_t structured = Fills(PlanCalls(problem, {}, {}, Lowest)).size();
  problem.check_fills = {
      {Fill::Kind::kNormal, 200, 1}, {Fill::Kind::kRowScale, -3, 2}, {Fill::Kind::kRamp, 0, 1e-4}};
  std::set<std::vector<std::string>> orders;
  for (const bool simulated : {false, true}) {
    for (const Dice& dice : {Dice(Lowest), Dice(Highest)}) {
      const auto calls = PlanCalls(problem, {}, {simulated, 5}, dice);
      auto fills = Fills(calls);
      ASSERT_EQ(fills.size(), structured + 3) << "one call each";
      fills.erase(fills.begin(), fills.begin() + static_cast<std::ptrdiff_t>(structured));
      orders.insert(fills);
      EXPECT_EQ(std::set<std::string>(fills.begin(), fills.end()),
                (std::set<std::string>{"normal(200, 1)", "row_scale(-3, 2)", "ramp(0, 0.0001)"}));
      EXPECT_EQ(calls.back().inputs, Inputs::kFresh);
    }
  }
  EXPECT_EQ(orders.size(), 2U) << "the dice choose their order";
  ShapeSpec bench;
  bench.bench = true;
  EXPECT_TRUE(Fills(PlanCalls(problem, bench, {}, Lowest)).empty());
}

TEST(Schedule, FillsThatMeanSomethingAreLeftAlone) {
  for (const Fill::Kind kind :
       {Fill::Kind::kPermutation, Fill::Kind::kOneHot, Fill::Kind::kRamp, Fill::Kind::kIntegers}) {
    EXPECT_TRUE(Fills(PlanCalls(WithFill({kind, 0, 9}), {}, {}, Lowest)).empty());
  }
  EXPECT_FALSE(Fills(PlanCalls(WithFill({Fill::Kind::kUniform, 0, 1}), {}, {}, Lowest)).empty());
}

TEST(Schedule, TheBenchShapeIsCalledAsDeclaredAndAsOftenAsAsked) {
  ShapeSpec bench;
  bench.bench = true;
  const auto calls = PlanCalls(WithFill({}), bench, {false, 5}, Lowest);
  EXPECT_EQ(Count(calls, Inputs::kFresh), 5);
  EXPECT_EQ(Count(calls, Inputs::kSame), 1);
  EXPECT_TRUE(Fills(calls).empty());
  EXPECT_EQ(Count(PlanCalls(WithFill({}), bench, {false, 0}, Lowest), Inputs::kFresh), 1);
}

TEST(Schedule, TheSimulatedGpuRunsBothOrdersOfWarpsOnTheSameInputs) {
  const auto calls = PlanCalls(WithFill({}), {}, {true, 5}, Highest);
  ASSERT_GE(calls.size(), 2U);
  EXPECT_FALSE(calls[0].reversed);
  EXPECT_TRUE(calls[1].reversed);
  EXPECT_EQ(calls[1].inputs, Inputs::kSame);
  EXPECT_EQ(calls.size(), 3 + Fills(calls).size());
}

}  // namespace
}  // namespace caesar
