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

TEST(SampleResult, ErrorsNameTheField) {
  const std::string json = ToJson(FullResult());
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
