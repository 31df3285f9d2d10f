#include "record/sample_result.h"

#include <gtest/gtest.h>

#include "unit/record/corrupt.h"
#include "unit/record/examples.h"

namespace caesar {
namespace {

using test::FullResult;

TEST(SampleResult, RoundTrips) {
  for (const SampleResult& result : {FullResult(), SampleResult()}) {
    const std::string json = ToJson(result);
    EXPECT_EQ(json.back(), '\n');
    const auto read = ParseSampleResult(json);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(ToJson(read.value()), json);
  }
  const SampleResult read = ParseSampleResult(ToJson(FullResult())).value();
  EXPECT_FALSE(read.rounds[0].speedup.has_value());
  EXPECT_EQ(read.rounds[1].speedup->ci_high, 1.6);
  EXPECT_EQ(read.rounds[1].tokens.reasoning, 50);
  EXPECT_EQ(read.rounds[1].judge_ms, 5000);
}

TEST(SampleResult, WhatHasNoValueIsNull) {
  SampleResult none;
  none.rounds.emplace_back().round = 1;
  const std::string json = ToJson(none);
  for (const char* name : {"finished_by", "best_round", "best_us", "best_speedup", "device",
                           "outcome", "headline", "median_us", "baseline_us", "speedup", "model_ms",
                           "compile_ms", "judge_ms", "input", "cached", "output", "reasoning"}) {
    const std::string member = "\"" + std::string(name) + "\": ";
    EXPECT_NE(json.find(member + "null"), std::string::npos) << name;
    EXPECT_EQ(json.find(member + "0"), std::string::npos) << name;
  }
  const SampleResult read = ParseSampleResult(json).value();
  EXPECT_EQ(read.best_us, 0);
  EXPECT_EQ(read.best_round, 0);
  EXPECT_EQ(read.device, "");
  EXPECT_EQ(read.rounds[0].median_us, 0);
  EXPECT_FALSE(read.rounds[0].compile_ms.has_value());
}

TEST(SampleResult, WhatTookNoTimeIsStillThere) {
  SampleResult result = FullResult();
  result.rounds[1].compile_ms = 0;  // from the cache
  result.rounds[1].tokens = {.reported = true};
  const SampleResult read = ParseSampleResult(ToJson(result)).value();
  EXPECT_EQ(read.rounds[1].compile_ms, 0);
  EXPECT_TRUE(read.rounds[1].tokens.reported);
  EXPECT_NE(ToJson(result).find("\"cached\": 0"), std::string::npos);
}

TEST(SampleResult, ReadsTheZerosOfEarlierWriters) {
  const std::string json = ToJson(SampleResult());
  std::string old = json;
  for (const char* name : {"best_round", "best_us", "input", "cached", "output", "reasoning"}) {
    const std::string member = "\"" + std::string(name) + "\": ";
    old = test::Replaced(old, member + "null", member + "0");
  }
  for (const char* name : {"finished_by", "device"}) {
    const std::string member = "\"" + std::string(name) + "\": ";
    old = test::Replaced(old, member + "null", member + "\"\"");
  }
  const auto read = ParseSampleResult(old);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
}

TEST(SampleResult, ErrorsNameTheField) {
  const std::string json = ToJson(FullResult());
  EXPECT_EQ(
      ParseSampleResult(test::Replaced(json, "\"version\": 1", "\"version\": 9")).error().message,
      "result.json: field version is 9, but this caesar reads versions up to 1: use a newer "
      "caesar");
  EXPECT_EQ(ParseSampleResult(test::Replaced(json, "\"judge_ms\": 5000", "\"judge_ms\": \"5\""))
                .error()
                .message,
            "result.json: field rounds[1].judge_ms must be an integer, not string");
}

TEST(SampleResult, NoDamageCrashes) {
  const std::string json = ToJson(FullResult());
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
