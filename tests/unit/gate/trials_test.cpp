#include "gate/trials.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "problem/signature.h"
#include "unit/gate/gate_problem.h"
#include "unit/problem/example.h"

namespace caesar {
namespace {

std::set<std::string> NamesOf(const std::vector<Trial>& trials) {
  std::set<std::string> names;
  for (const Trial& trial : trials) names.insert(trial.name);
  return names;
}

TEST(Trials, AreThoseOfTheProblem) {
  const std::vector<Trial> trials = TrialsOf(test::GateProblem());
  EXPECT_EQ(NamesOf(trials),
            (std::set<std::string>{"zeros", "reference", "nan", "mean", "copy_x", "ignore_x",
                                   "stale", "replay", "first_half", "no_tail", "zeroed_inputs",
                                   "lower_inputs", "lower_results"}));
  // The reference is tried when the oracle has a past, and the trial has none.
  EXPECT_EQ(trials[0].kind, std::string(kCheat));
  EXPECT_EQ(trials[1].name, "reference");
  EXPECT_EQ(trials[1].kind, std::string(kHonest));
  std::set<int> numbers;
  for (const Trial& trial : trials) numbers.insert(trial.number);
  EXPECT_EQ(numbers.size(), trials.size());
}

TEST(Trials, EveryNumberIsACaseOfTheSource) {
  for (const char* from : {"", "\"f32\""}) {
    const Problem problem =
        *from == '\0' ? test::GateProblem() : test::GateProblem(from, "\"bf16\"");
    const std::string source = TrialSource(problem);
    for (const Trial& trial : TrialsOf(problem))
      EXPECT_NE(source.find("case " + std::to_string(trial.number) + ":"), std::string::npos)
          << trial.name;
    EXPECT_EQ(source.find("{0}"), std::string::npos);
    EXPECT_EQ(source.find("#define CAESAR_GATE_BF16") != std::string::npos, *from != '\0');
  }
}

TEST(Trials, IntegersHaveNoPrecisionAndNoNaN) {
  auto problem =
      ParseProblem(ReplaceAll(ReplaceAll(ReplaceAll(test::kGateProblem, "\"f32\"", "\"i32\""),
                                         "\"normal\": [0, 1]", "\"integers\": [0, 9]"),
                              "\"atol\": 1e-7, \"rtol\": 1e-6", "\"atol\": 0, \"rtol\": 0"),
                   "twice");
  ASSERT_TRUE(problem.ok()) << problem.error().message;
  const auto names = NamesOf(TrialsOf(problem.value()));
  EXPECT_EQ(names.count("lower_inputs") + names.count("lower_results") + names.count("nan"), 0U);
}

TEST(Trials, TheNextLowerPrecisionFollowsTypeAndPolicy) {
  EXPECT_EQ(LowerPrecisionOf(DType::kF64, false).bits, 23);
  EXPECT_EQ(LowerPrecisionOf(DType::kF32, false).bits, 10);
  EXPECT_EQ(LowerPrecisionOf(DType::kF32, true).bits, 7) << "TF32 is allowed there";
  EXPECT_EQ(LowerPrecisionOf(DType::kF16, false).bits, 7);
  EXPECT_EQ(LowerPrecisionOf(DType::kBf16, true).bits, 3);
  EXPECT_EQ(LowerPrecisionOf(DType::kI32, false).bits, 0);
}

TEST(Trials, EveryTensorIsRoundedToItsOwn) {
  std::string json = ReplaceAll(test::kGateProblem, "\"inputs\": [", R"("inputs": [
    { "name": "h", "dtype": "f16", "shape": ["rows"], "fill": { "normal": [0, 1] } },
    { "name": "b", "dtype": "bf16", "shape": ["rows"], "fill": { "normal": [0, 1] } },
    { "name": "i", "dtype": "i32", "shape": ["rows"], "fill": { "constant": 1 } }, )");
  auto problem = ParseProblem(json, "twice");
  ASSERT_TRUE(problem.ok()) << problem.error().message;
  const std::string source = TrialSource(problem.value());
  for (const char* part :
       {"h, caesar_n[0], 7, stream", "b, caesar_n[1], 3, stream", "x, caesar_n[3], 10, stream"})
    EXPECT_NE(source.find(part), std::string::npos) << part;
  EXPECT_EQ(source.find("i, caesar_n[2], 0, stream"), std::string::npos);
  const auto trials = TrialsOf(problem.value());
  const auto lower = std::find_if(trials.begin(), trials.end(),
                                  [](const Trial& trial) { return trial.name == "lower_inputs"; });
  ASSERT_NE(lower, trials.end());
  EXPECT_EQ(lower->text, "the exact result for inputs rounded to bf16 and fp8 and TF32 or half");
}

TEST(Trials, TheProblemGetsAScalarMore) {
  const Problem problem = test::GateProblem();
  const auto numbered = TrialProblem(problem, 703);
  ASSERT_TRUE(numbered.ok()) << numbered.error().message;
  ASSERT_EQ(numbered.value().scalars.size(), 1U);
  EXPECT_EQ(std::get<std::int64_t>(numbered.value().scalars[0].value), 703);
  // The judge reads it from the text.
  const auto again = ParseProblem(numbered.value().json, "twice");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value().scalars[0].name, "trial_number");
  EXPECT_EQ(again.value().shapes.size(), problem.shapes.size());
}

// The baseline is judged like a candidate, and must find what it links.
TEST(Trials, CandidatesMayLinkWhatTheBaselineLinks) {
  const Problem problem =
      test::GateProblem("\"baseline_libraries\": []", "\"baseline_libraries\": [\"cublas\"]");
  for (const std::optional<int> number : {std::optional<int>(), std::optional<int>(300)}) {
    const auto linked = TrialProblem(problem, number);
    ASSERT_TRUE(linked.ok()) << linked.error().message;
    EXPECT_EQ(linked.value().libraries, (std::vector<std::string>{"cublas"}));
    EXPECT_EQ(linked.value().scalars.size(), number.has_value() ? 1U : 0U);
  }
  EXPECT_TRUE(problem.libraries.empty());
}

TEST(Trials, TheScalarsNameIsFree) {
  const Problem problem = test::GateProblem("cols", "trial_number");
  const auto numbered = TrialProblem(problem, 1);
  ASSERT_TRUE(numbered.ok()) << numbered.error().message;
  EXPECT_EQ(numbered.value().scalars[0].name, "trial_number_");
  EXPECT_NE(TrialSource(problem).find("switch (trial_number_)"), std::string::npos);
}

TEST(Trials, SixteenScalarsAreTooMany) {
  std::string scalars;
  for (int i = 0; i < 16; ++i)
    scalars += (i > 0 ? ", " : "") + std::string("{\"name\": \"s") + std::to_string(i) +
               "\", \"dtype\": \"i32\", \"value\": 1}";
  const auto numbered =
      TrialProblem(test::GateProblem("\"scalars\": []", "\"scalars\": [" + scalars + "]"), 1);
  ASSERT_FALSE(numbered.ok());
  EXPECT_EQ(numbered.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(numbered.error().message,
            "problem twice has 16 scalars, and checking it needs one more");
}

TEST(Trials, FloatStandsInForDouble) {
  EXPECT_NE(FloatReference(test::GateProblem()).find("#define double float"), std::string::npos);
  Problem exact = test::GateProblem();
  exact.reference = "// float alone\n";
  EXPECT_EQ(FloatReference(exact), "");
  EXPECT_EQ(FloatReference(test::GateProblem("\"f32\"", "\"f64\"")), "");
}

TEST(Trials, AByteOrderMarkStaysNowhere) {
  Problem problem = test::GateProblem();
  problem.reference = "\xEF\xBB\xBF// double\n";
  for (const std::string& source :
       {TrialReference(problem), TrialSource(problem), FloatReference(problem)})
    EXPECT_EQ(source.find("\xEF\xBB\xBF"), std::string::npos);
}

}  // namespace
}  // namespace caesar
