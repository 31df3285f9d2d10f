#include "judge/sets.h"

#include <gtest/gtest.h>

#include <memory>

#include "device/host_judge.h"
#include "problem/expression.h"

namespace caesar {
namespace {

class Sets : public ::testing::Test {
 protected:
  // Two inputs of 1000 elements and one output.
  std::unique_ptr<CallSets> Make(Fill first, Fill second,
                                 CallSets::Outputs outputs = CallSets::Outputs::kCandidate) {
    problem_ = Problem();
    problem_.dims = {"n"};
    problem_.inputs = {Tensor("a", first), Tensor("b", second)};
    problem_.outputs = {Tensor("y", {})};
    shape_.dims = {{"n", 1000}};
    auto sets = CallSets::Make(*device_, problem_, shape_, outputs);
    EXPECT_TRUE(sets.ok());
    return std::move(sets).value();
  }

  static TensorSpec Tensor(const std::string& name, Fill fill) {
    TensorSpec tensor;
    tensor.name = name;
    tensor.fill = fill;
    tensor.shape = {Expression::Parse("n").value()};
    return tensor;
  }

  static DeviceInfo Info() {
    DeviceInfo info;
    info.memory_bytes = std::int64_t{1} << 30;
    return info;
  }

  std::unique_ptr<JudgeDevice> device_ = MakeHostJudge(Info(), "");
  Problem problem_;
  ShapeSpec shape_;
};

TEST_F(Sets, ANearDuplicateDiffersInOneInput) {
  const auto sets = Make({}, {});
  ASSERT_TRUE(sets->FillInputs(0, std::nullopt).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(sets->HashInputs(0).ok());
    const auto filled = sets->FillNearDuplicate(0);
    ASSERT_TRUE(filled.ok() && filled.value());
    ASSERT_TRUE(device_->Synchronize().ok());
    const auto changed = sets->ChangedInputs(0, RunnerRole::kOracle);
    ASSERT_TRUE(changed.ok());
    // Two in the worst case: the patch of the turn before goes, too.
    EXPECT_GE(changed.value().size(), 1U);
  }
}

TEST_F(Sets, AnInputThatMeansSomethingIsNoNearDuplicateOfItself) {
  const auto one = Make({Fill::Kind::kPermutation, 0, 0}, {});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(one->FillInputs(0, std::nullopt).ok());
    ASSERT_TRUE(device_->Synchronize().ok());
    ASSERT_TRUE(one->HashInputs(0).ok());
    ASSERT_TRUE(one->FillNearDuplicate(0).value());
    ASSERT_TRUE(device_->Synchronize().ok());
    EXPECT_EQ(one->ChangedInputs(0, RunnerRole::kOracle).value(), std::vector<std::string>{"b"});
  }
  const auto none = Make({Fill::Kind::kConstant, 1, 0}, {Fill::Kind::kOneHot, 1, 0});
  ASSERT_TRUE(none->FillInputs(0, std::nullopt).ok());
  EXPECT_FALSE(none->FillNearDuplicate(0).value());
}

TEST_F(Sets, OtherFillsStandInForPlainRandomFloatsAlone) {
  const auto sets = Make({Fill::Kind::kUniform, 0, 1}, {Fill::Kind::kRamp, 0, 1});
  ASSERT_TRUE(sets->FillInputs(0, std::nullopt).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  ASSERT_TRUE(sets->HashInputs(0).ok());
  ASSERT_TRUE(sets->FillInputs(0, Fill{Fill::Kind::kRowScale, -3, 2}).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  EXPECT_EQ(sets->ChangedInputs(0, RunnerRole::kOracle).value(), std::vector<std::string>{"a"});
  // Rows of random scale have near-duplicates, too.
  ASSERT_TRUE(sets->HashInputs(0).ok());
  ASSERT_TRUE(sets->FillNearDuplicate(0).value());
  ASSERT_TRUE(device_->Synchronize().ok());
  EXPECT_EQ(sets->ChangedInputs(0, RunnerRole::kOracle).value(), std::vector<std::string>{"a"});
}

TEST_F(Sets, WhoIsTimedGetsItsInputsLast) {
  const auto sets = Make({}, {}, CallSets::Outputs::kBest);
  for (const RunnerRole role : {RunnerRole::kCandidate, RunnerRole::kBest}) {
    ASSERT_TRUE(sets->FillInputs(0, std::nullopt).ok());
    ASSERT_TRUE(device_->Synchronize().ok());
    ASSERT_TRUE(sets->HashInputs(0).ok());
    EXPECT_EQ(sets->ChangedInputs(0, role).value().size(), 2U);
    EXPECT_TRUE(sets->ChangedInputs(0, RunnerRole::kBaseline).value().empty());
    ASSERT_TRUE(sets->Deliver(0, role).ok());
    ASSERT_TRUE(device_->Synchronize().ok());
    EXPECT_TRUE(sets->ChangedInputs(0, role).value().empty());
    sets->SwapCandidateAndBest();
    EXPECT_EQ(sets->ChangedInputs(0, role).value().size(), 2U);
    sets->SwapCandidateAndBest();
  }
}

TEST_F(Sets, OutputsOfTheSameBitsHaveTheSameHash) {
  const auto sets = Make({}, {});
  ASSERT_TRUE(sets->PoisonOutputs(0, RunnerRole::kCandidate, CallSets::Poison::kFresh).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  const auto before = sets->HashOutputs(0, RunnerRole::kCandidate);
  EXPECT_EQ(before.value(), sets->HashOutputs(0, RunnerRole::kCandidate).value());
  ASSERT_TRUE(sets->PoisonOutputs(0, RunnerRole::kCandidate, CallSets::Poison::kFresh).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  EXPECT_NE(before.value(), sets->HashOutputs(0, RunnerRole::kCandidate).value());
}

TEST_F(Sets, MoreAndFewerLeaveTheFirstAsItIs) {
  const auto sets = Make({}, {}, CallSets::Outputs::kBest);
  ASSERT_TRUE(sets->FillInputs(0, std::nullopt).ok());
  ASSERT_TRUE(device_->Synchronize().ok());
  ASSERT_TRUE(sets->HashInputs(0).ok());
  const auto is_as_it_was = [&] { return sets->ChangedInputs(0, RunnerRole::kOracle).value(); };
  for (const int count : {3, 2, 5, 1}) {
    EXPECT_TRUE(sets->Resize(count).value());
    EXPECT_EQ(sets->count(), count);
    EXPECT_TRUE(sets->FillInputs(count - 1, std::nullopt).ok() && device_->Synchronize().ok());
    EXPECT_EQ(is_as_it_was().empty(), count > 1) << "the last one was filled anew";
  }
  ASSERT_TRUE(sets->HashInputs(0).ok());
  EXPECT_FALSE(sets->Resize(100'000).value()) << "the device has 1 GiB";
  EXPECT_EQ(sets->count(), 1);
  EXPECT_TRUE(is_as_it_was().empty());
  EXPECT_TRUE(sets->Resize(2).value()) << "what there was no room for is given back";
}

TEST_F(Sets, ASpotOfPoisonIsNewAndSmall) {
  Make({}, {});
  shape_.dims = {{"n", 16384}};
  const auto made = CallSets::Make(*device_, problem_, shape_, CallSets::Outputs::kBaseline);
  CallSets& sets = *made.value();
  const auto poisoned = [&](CallSets::Poison poison) {
    EXPECT_TRUE(sets.PoisonOutputs(0, RunnerRole::kBaseline, poison).ok());
    EXPECT_TRUE(device_->Synchronize().ok());
    return sets.CompareAll(0, RunnerRole::kBaseline, true).value()[0];
  };
  EXPECT_EQ(poisoned(CallSets::Poison::kFresh).unwritten, 16384);
  for (int i = 0; i < 20; ++i) {
    const OutputCheck spot = poisoned(CallSets::Poison::kSpot);
    EXPECT_EQ(spot.unwritten, 1024);
    EXPECT_EQ(spot.guard_bytes_changed, 0);
  }
}

}  // namespace
}  // namespace caesar
