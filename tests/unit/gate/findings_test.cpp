#include "gate/findings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/gate/gate_problem.h"

namespace caesar {
namespace {

GateTrial Honest(const char* name, double error, const char* outcome = "correct") {
  return {name,
          kHonest,
          std::string("the ") + name,
          outcome,
          std::string(outcome) == "correct" ? "" : "output y is wrong",
          {{"odd", "as declared", "y", error, error <= 1},
           {"large", "as declared", "y", error / 2, error <= 2}}};
}

// Errors at shapes odd and large.
GateTrial Failing(const char* name, double odd, double large, const char* kind = kCheat) {
  GateTrial trial{name, kind, std::string("a ") + name, "correct", "", {}};
  trial.calls = {{"odd", "as declared", "y", odd, odd <= 1},
                 {"large", "as declared", "y", large, large <= 1}};
  if (!(odd <= 1) || !(large <= 1)) trial.outcome = "wrong";
  return trial;
}

std::vector<GateFinding> Of(const std::vector<GateTrial>& trials) {
  return TrialFindings(test::GateProblem(), trials);
}

TEST(GateFindings, ASoundProblemHasNone) {
  EXPECT_TRUE(Of({Honest("baseline", 0.1), Honest("reference", 0), Failing("zeros", 1e6, 1e6),
                  Failing("nan", NAN, NAN), Failing("lower_inputs", 40, 30, kPrecision)})
                  .empty());
}

TEST(GateFindings, ACheatThatPassesIsAnError) {
  const auto findings = Of({Failing("zeros", 0.5, 0.9)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_EQ(
      findings[0].text,
      "a zeros passes at every shape; its largest error is 0.9 of the tolerance, at shape large "
      "(as declared)");
  EXPECT_NE(findings[0].advice.find("smaller atol"), std::string::npos);
}

TEST(GateFindings, EveryCheatHasItsAdvice) {
  for (const char* name : {"zeros", "mean", "copy_x", "ignore_x", "replay", "stale", "first_half",
                           "no_tail", "zeroed_inputs", "nan"}) {
    const auto findings = Of({Failing(name, 0, 0)});
    ASSERT_EQ(findings.size(), 1U) << name;
    EXPECT_NE(findings[0].advice, "Make the tolerance smaller.") << name;
  }
}

// A candidate sees the shapes: it may cheat at one of them alone.
TEST(GateFindings, PassingAtTheBenchShapeIsAnError) {
  GateTrial trial = Failing("mean", 50, 50);
  trial.calls.push_back({"bench", "as declared", "y", 0.25, true});
  const auto findings = Of({trial});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_EQ(findings[0].text,
            "a mean passes at shape bench: 0.25 of the tolerance, and candidates know the shapes");
  // One call there that fails is enough.
  trial.calls.push_back({"bench", "as declared", "y", 3, false});
  EXPECT_TRUE(Of({trial}).empty());
}

TEST(GateFindings, PassingAtASmallShapeIsNothing) {
  GateTrial trial = Failing("mean", 50, 50);
  trial.calls.push_back({"one", "as declared", "y", 0, true});  // a single element is its own mean
  EXPECT_TRUE(Of({trial}).empty());
  const auto findings = Of({Failing("mean", 50, 0.5)});  // shape large has a million
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "warning");
}

// A candidate may fake one output of several.
TEST(GateFindings, EveryOutputMustFail) {
  GateTrial trial = Failing("mean", 50, 50);
  trial.calls.push_back({"odd", "as declared", "flag", 0, true});
  trial.calls.push_back({"large", "as declared", "flag", 0, true});
  const auto findings = Of({trial});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_EQ(findings[0].text, "a mean passes for output flag at every shape");
  trial.calls.back().passed = false;
  EXPECT_TRUE(Of({trial}).empty());
  trial.calls.back().passed = true;
  for (const char* name : {"ignore_x", "replay", "stale"}) {
    trial.name = name;  // what does not depend on x, or was not changed
    EXPECT_TRUE(Of({trial}).empty()) << name;
  }
}

TEST(GateFindings, ACrashIsAFailureToo) {
  GateTrial trial = Failing("zeroed_inputs", 0, 0);
  trial.outcome = "crashed";
  trial.calls.clear();
  EXPECT_TRUE(Of({trial}).empty());
}

TEST(GateFindings, LowerPrecisionMustFailAndSaysHowFarToGo) {
  const auto findings =
      Of({Honest("baseline", 0.0001), Failing("lower_results", 0.04, 0.01, kPrecision)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_NE(findings[0].text.find("passes at every shape; its largest error is 0.04"),
            std::string::npos)
      << findings[0].text;
  // Half way between 0.0001 and 0.04, in orders of magnitude.
  EXPECT_EQ(
      findings[0].advice,
      "Make atol and rtol smaller: times 0.002, honest errors and this one lie equally far from "
      "it.");
}

TEST(GateFindings, LowerPrecisionThatBarelyFailsIsAWarning) {
  const auto findings = Of({Failing("lower_results", 1.5, 0.5, kPrecision)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "warning");
  EXPECT_NE(findings[0].text.find("fails by a factor of 1.5 only, at shape odd"),
            std::string::npos);
}

TEST(GateFindings, HonestOnesMustPassWithRoom) {
  const auto wrong = Of({Honest("baseline", 3, "wrong")});
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].level, "error");
  EXPECT_EQ(wrong[0].text, "the baseline does not agree with the reference: output y is wrong");
  const auto narrow = Of({Honest("baseline", 0.8)});
  ASSERT_EQ(narrow.size(), 1U);
  EXPECT_EQ(narrow[0].level, "warning");
  EXPECT_EQ(narrow[0].text,
            "the baseline comes to 0.8 of the tolerance at shape odd (as declared)");
}

TEST(GateFindings, AReferenceMustAgreeWithItself) {
  const auto findings = Of({Honest("reference", 3, "wrong")});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_NE(findings[0].text.find("the reference disagrees with itself in another process"),
            std::string::npos);
}

// Long sums in float may be too much for a good tolerance.
TEST(GateFindings, ThePlainFloatReferenceMayFail) {
  const auto findings = Of({Honest("float_reference", 3, "wrong")});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "warning");
}

TEST(GateFindings, WhatWasNotTriedIsSaid) {
  GateTrial skipped = Honest("baseline", 0, "skipped");
  GateTrial lacking = Failing("mean", 0, 0);
  lacking.outcome = "not_simulated";
  lacking.reason = "it uses textures";
  const auto findings = Of({skipped, lacking});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "warning");
  EXPECT_EQ(findings[0].text, "mean could not be tried: it uses textures");
}

TEST(GateFindings, MarginsKeepTheLargestErrorOfAShape) {
  GateTrial trial = Failing("zeros", 2, 3);
  trial.calls.push_back({"odd", "one_hot(1)", "y", 7, false});
  trial.calls.push_back({"large", "constant(0)", "y", NAN, false});
  trial.calls.push_back({"large", "uniform(0, 1)", "y", 9, false});
  const auto margins = MarginsOf(trial);
  ASSERT_EQ(margins.size(), 2U);
  EXPECT_EQ(margins[0].error_max, 7);
  EXPECT_EQ(margins[0].fill, "one_hot(1)");
  EXPECT_TRUE(std::isnan(margins[1].error_max));
  EXPECT_EQ(margins[1].fill, "constant(0)");
}

std::vector<GateFinding> WithCheckFill(const std::vector<GateTrial>& trials) {
  return TrialFindings(
      test::GateProblem("\"flops\"", R"("check_fills": [{ "normal": [200, 1] }], "flops")"),
      trials);
}

GateTrial With(GateTrial trial, double error, const char* fill = "normal(200, 1)") {
  trial.calls.push_back({"odd", fill, "y", error, error <= 1});
  if (error > 1) trial.outcome = "wrong";
  return trial;
}

TEST(GateFindings, ACheckFillWithWhichSomethingFailsIsSound) {
  EXPECT_TRUE(WithCheckFill({With(Honest("baseline", 0.1), 0.2),
                             With(Failing("lower_inputs", 40, 30, kPrecision), 0.5),
                             With(Failing("lower_results", 40, 30, kPrecision), 300)})
                  .empty());
  // Not tried, so nothing is known.
  EXPECT_TRUE(WithCheckFill({With(Honest("baseline", 0.1), 0.2)}).empty());
}

TEST(GateFindings, ACheckFillWithWhichNothingFailsIsAWarning) {
  const auto findings = WithCheckFill({With(Honest("baseline", 0.1), 0.2),
                                       With(Failing("lower_inputs", 40, 30, kPrecision), 0.5),
                                       With(Failing("lower_results", 40, 30, kPrecision), 0.9)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "warning");
  EXPECT_EQ(findings[0].text, "nothing that must fail does so with check fill normal(200, 1)");
}

TEST(GateFindings, AnHonestKernelThatFailsWithACheckFillIsAnErrorOfTheFill) {
  const auto findings = WithCheckFill({With(Honest("baseline", 0.1), 7)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_EQ(findings[0].advice,
            "Choose check_fills nearer to the declared fills, or a larger tolerance.");
  const auto floats = WithCheckFill({With(Honest(kFloatTrial, 0.1), 7)});
  ASSERT_EQ(floats.size(), 1U);
  EXPECT_EQ(floats[0].level, "error") << "who asks for other fills must grant them";
  EXPECT_EQ(floats[0].advice, findings[0].advice);
  const auto both = WithCheckFill({With(With(Honest("baseline", 0.1), 7), 7, "uniform(0, 1)")});
  ASSERT_EQ(both.size(), 1U);
  EXPECT_EQ(both[0].advice,
            "One of them is wrong, or the tolerance is too small for an honest kernel.");
}

}  // namespace
}  // namespace caesar
