#include "gate/findings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gate/margins.h"
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

// What passes for one reason is said once, with the numbers: zeros are off by |y| / (atol + rtol
// |y|).
TEST(GateFindings, AToleranceAboveAllResultsIsSaidOnce) {
  const Problem problem =
      test::GateProblem("\"atol\": 1e-7, \"rtol\": 1e-6", "\"atol\": 8, \"rtol\": 0.5");
  std::vector<GateTrial> trials = {Honest("baseline", 0.0001)};
  for (const char* name : {"zeros", "mean", "copy_x", "replay", "first_half", "no_tail"})
    trials.push_back(Failing(name, 0.5, 0.25));
  trials.push_back(Failing("lower_results", 0.04, 0.04, kPrecision));
  const auto findings = TrialFindings(problem, trials);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error");
  EXPECT_EQ(findings[0].text,
            "the tolerance of output y is larger than every result at every shape: atol is 8, rtol "
            "0.5, the largest result 5.33");
  EXPECT_EQ(findings[0].advice,
            "Zeros pass, and much else that is wrong. Make the tolerance smaller: atol 0.016, rtol "
            "0.001. Honest errors and those of lower precision lie equally far from that.");
}

TEST(GateFindings, AToleranceAboveTheResultsOfAShapeIsSaidOfThatShape) {
  std::vector<GateTrial> trials;
  for (const char* name : {"zeros", "mean", "first_half", "no_tail"})
    trials.push_back(Failing(name, 50, 0.5));
  auto findings = Of(trials);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "warning");
  EXPECT_EQ(findings[0].text,
            "the tolerance of output y is larger than every result at shape large: atol is 1e-07, "
            "rtol 1e-06, the largest result 5e-08");
  for (GateTrial& trial : trials) trial.calls[1].shape = "bench";
  findings = Of(trials);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, "error") << "candidates know the shapes";
}

TEST(GateFindings, ResultsThatAreAllZeroAreSaidToBe) {
  const auto findings = Of({Failing("zeros", 0, 0), Failing("mean", 0, 0),
                            Failing("first_half", 0, 0), Failing("replay", 0, 0)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].text, "every result of output y is 0 at every shape");
}

// Constants repeat; of random inputs it is the results that do.
TEST(GateFindings, AdviceOnReplaysFollowsTheFills) {
  const std::vector<GateTrial> trials = {Failing("replay", 0.5, 0.5)};
  EXPECT_EQ(Of(trials)[0].advice.find("random fills"), std::string::npos);
  const Problem constant = test::GateProblem("\"normal\": [0, 1]", "\"constant\": 1");
  EXPECT_NE(TrialFindings(constant, trials)[0].advice.find("random fills"), std::string::npos);
}

// A flag beside a result: no integer is a NaN.
TEST(GateFindings, NaNsAreForFloats) {
  const Problem problem = test::GateProblem("\"outputs\": [", R"("outputs": [
    { "name": "flag", "dtype": "i32", "shape": ["rows"], "atol": 1, "rtol": 0 },)");
  GateTrial trial = Failing("nan", NAN, NAN);
  trial.calls.push_back({"odd", "as declared", "flag", 1, true});
  EXPECT_TRUE(TrialFindings(problem, {trial}).empty());
  trial.name = "no_tail";
  EXPECT_EQ(TrialFindings(problem, {trial}).size(), 1U);
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
  // Half way between 0.0001 and 0.04, in orders of magnitude: 0.002 of what it was.
  EXPECT_EQ(findings[0].advice,
            "Make atol and rtol smaller: atol 2e-10, rtol 2e-09. Honest errors and those of lower "
            "precision lie equally far from that.");
}

// One pair of values with which all of them fail, and none for a precision that passes whatever the
// tolerance is.
TEST(GateFindings, SeveralPrecisionsGetOneTolerance) {
  const auto findings = Of(
      {Honest("baseline", 0.0001), Failing("lower_inputs", 0.01, 0.04, kPrecision),
       Failing("lower_results", 0.16, 0.01, kPrecision), Failing("lower_more", 0, 0, kPrecision)});
  ASSERT_EQ(findings.size(), 3U);
  for (const GateFinding& finding : findings)
    EXPECT_NE(finding.advice.find("atol 2e-10, rtol 2e-09"), std::string::npos) << finding.advice;
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
