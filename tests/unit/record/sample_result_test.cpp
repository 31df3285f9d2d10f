#include "record/sample_result.h"

#include <gtest/gtest.h>

#include "unit/record/corrupt.h"

namespace caesar {
namespace {

SampleResult Full() {
  SampleResult result;
  result.problem = "softmax";
  result.sample = 3;
  result.finished_by = "TargetReached";
  result.correct = result.target_met = true;
  result.best_round = 2;
  result.best_speedup = Ratio{1.5, 1.4, 1.6};
  result.best_us = 12.5;
  result.tokens = {100, 20, 300, 50, true};
  result.device = "NVIDIA H100";
  RoundSummary failed;
  failed.round = 1;
  failed.outcome = "CompileFailed";
  failed.headline = "2 errors: expected a ';'";
  RoundSummary measured{2,
                        "Measured",
                        "12.5 us",
                        12.5,
                        18.75,
                        Ratio{1.5, 1.4, 1.6},
                        true,
                        true,
                        {{"leak", "4096 bytes"}},
                        {100, 20, 300, 50, true},
                        2000,
                        1312,
                        5000};
  result.rounds = {failed, measured};
  return result;
}

TEST(SampleResult, RoundTrips) {
  for (const SampleResult& result : {Full(), SampleResult()}) {
    const std::string json = ToJson(result);
    EXPECT_EQ(json.back(), '\n');
    const auto read = ParseSampleResult(json);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(ToJson(read.value()), json);
  }
  const SampleResult read = ParseSampleResult(ToJson(Full())).value();
  EXPECT_FALSE(read.rounds[0].speedup.has_value());
  EXPECT_EQ(read.rounds[1].speedup->ci_high, 1.6);
  EXPECT_EQ(read.rounds[1].tokens.reasoning, 50);
  EXPECT_EQ(read.rounds[1].judge_ms, 5000);
}

TEST(SampleResult, ErrorsNameTheField) {
  const std::string json = ToJson(Full());
  EXPECT_EQ(
      ParseSampleResult(test::Replaced(json, "\"version\": 1", "\"version\": 9")).error().message,
      "result.json: field version is 9, but this caesar reads versions up to 1: use a newer "
      "caesar");
  EXPECT_EQ(ParseSampleResult(test::Replaced(json, "\"judge_ms\": 5000", "\"judge_ms\": null"))
                .error()
                .message,
            "result.json: field rounds[1].judge_ms must be an integer, not null");
}

TEST(SampleResult, NoDamageCrashes) {
  const std::string json = ToJson(Full());
  // All but the last end of line is needed.
  test::ForEachTruncation(json.substr(0, json.size() - 1), [](const std::string& text) {
    EXPECT_FALSE(ParseSampleResult(text).ok());
  });
  int refused = 0;
  test::ForEachChangedByte(
      json, [&refused](const std::string& text) { refused += !ParseSampleResult(text).ok(); });
  EXPECT_GT(refused, static_cast<int>(json.size() / 4));
}

}  // namespace
}  // namespace caesar
