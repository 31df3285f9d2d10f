#include "record/verdict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "unit/record/corrupt.h"
#include "unit/record/examples.h"

namespace caesar {
namespace {

using test::FullVerdict;

TEST(VerdictKind, NamesRoundTrip) {
  int count = 0;
  for (const char* name : {"correct", "wrong", "crashed", "timed_out", "cheated", "compile_failed",
                           "ambiguous", "not_simulated", "infra"}) {
    const auto kind = VerdictKindOf(name);
    ASSERT_TRUE(kind.has_value()) << name;
    EXPECT_EQ(static_cast<int>(*kind), count++);
    EXPECT_EQ(Name(*kind), name);
  }
  EXPECT_EQ(VerdictKindOf("CORRECT"), std::nullopt);
}

TEST(Verdict, RoundTripsWithEveryField) {
  const std::string json = ToJson(FullVerdict());
  const auto read = ParseVerdict(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
  const Verdict& verdict = read.value();
  EXPECT_EQ(verdict.kind, VerdictKind::kWrong);
  EXPECT_EQ(verdict.correctness[0].dims[0].first, "rows");
  EXPECT_TRUE(std::isnan(verdict.correctness[0].outputs[0].error_max));
  EXPECT_TRUE(std::isnan(verdict.correctness[0].outputs[0].first_bad[0].got));
  EXPECT_EQ(verdict.correctness[0].outputs[0].worst.got, -INFINITY);
  EXPECT_EQ(verdict.timing->cold->ci_high_us, 12.625);
  EXPECT_FALSE(verdict.baseline->hot.has_value());
  EXPECT_EQ(verdict.sol_us, 10);
}

TEST(Verdict, RoundTripsWithNothing) {
  const std::string json = ToJson(Verdict());
  const auto read = ParseVerdict(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
  EXPECT_FALSE(read.value().timing || read.value().compile || read.value().speedup ||
               read.value().baseline);
}

TEST(Verdict, HasNoDeviceWhereThereWasNone) {
  const auto json = nlohmann::json::parse(ToJson(Verdict()));
  EXPECT_TRUE(json["device"].is_null());
  EXPECT_EQ(ParseVerdict(json.dump()).value().device.name, "");
  auto old = json;
  old["device"] = nlohmann::json::parse(ToJson(DeviceInfo()));
  const auto read = ParseVerdict(old.dump());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), ToJson(Verdict()));
}

TEST(Verdict, HasNoShareOfTheFloorWhereNothingWasTimed) {
  Verdict verdict;
  verdict.sol_us = 10;
  const auto json = nlohmann::json::parse(ToJson(verdict));
  EXPECT_EQ(json["sol"], (nlohmann::json{{"us", 10.0}, {"share", nullptr}}));
  EXPECT_EQ(ParseVerdict(json.dump()).value().sol_us, 10);
}

TEST(Verdict, HasTheDocumentedLayout) {
  const auto json = nlohmann::json::parse(ToJson(FullVerdict()));
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["verdict"], "wrong");
  EXPECT_EQ(json["flags"][0]["name"], "side_stream");
  EXPECT_EQ(json["correctness"][0]["dims"]["cols"], 1021);
  EXPECT_EQ(json["correctness"][0]["outputs"][0]["error_max"], nullptr);
  EXPECT_EQ(json["correctness"][0]["outputs"][0]["error_max_reason"], "nan");
  EXPECT_EQ(json["timing"]["cold"]["ci_us"], (nlohmann::json{12.375, 12.625}));
  EXPECT_EQ(json["timing"]["kernels"][0]["launches"], 2);
  EXPECT_EQ(json["timing"]["discarded"][0],
            (nlohmann::json{{"reason", "time_slicing"}, {"count", 2}}));
  EXPECT_EQ(json["timing"]["clocks"]["sm_clock_mhz"],
            (nlohmann::json{{"min", 1965.0}, {"median", 1980.0}, {"max", 1980.0}}));
  EXPECT_EQ(json["timing"]["cost"]["turn_us"], 30.5);
  EXPECT_EQ(json["comparison"]["change"], "improved");
  EXPECT_EQ(json["comparison"]["again"]["ci"], (nlohmann::json{1.08, 1.12}));
  EXPECT_EQ(json["baseline"]["kind"], "baseline");
  EXPECT_EQ(json["speedup"]["ci"], (nlohmann::json{1.55, 1.65}));
  EXPECT_EQ(json["sol"], (nlohmann::json{{"us", 10.0}, {"share", 0.8}}));
}

TEST(Verdict, ReadsTimesOfBeforeClocksAndComparisons) {
  auto json = nlohmann::json::parse(ToJson(FullVerdict()));
  json.erase("comparison");
  for (const char* name : {"floor_us", "discarded", "clocks", "cost"}) json["timing"].erase(name);
  const auto read = ParseVerdict(json.dump());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_FALSE(read.value().comparison.has_value());
  EXPECT_FALSE(read.value().timing->clocks.has_value());
  EXPECT_TRUE(read.value().timing->discarded.empty());
}

TEST(Verdict, CompactWhereAsked) {
  EXPECT_EQ(ToJson(FullVerdict(), -1).find('\n'), std::string::npos);
}

TEST(Verdict, ErrorsNameTheField) {
  const std::string json = ToJson(FullVerdict(), -1);
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"\"version\":1", "\"version\":2",
       "verdict: field version is 2, but this caesar reads versions up to 1: use a newer caesar"},
      {"\"version\":1", "\"version\":0", "verdict: field version is 0, but versions start at 1"},
      {"\"verdict\":\"wrong\"", "\"verdict\":\"fine\"",
       "verdict: field verdict is 'fine', but must be one of correct, wrong, crashed, "
       "timed_out, cheated, compile_failed, ambiguous, not_simulated, infra"},
      {"\"mismatches\":3", "\"mismatches\":\"3\"",
       "verdict: field correctness[0].outputs[0].mismatches must be an integer, not string"},
      {"\"mismatches\":3,", "", "verdict: field correctness[0].outputs[0].mismatches is missing"},
      {"\"index\":[0,5]", "\"index\":[0,\"5\"]",
       "verdict: field correctness[0].outputs[0].first_bad[0].index[1] must be an integer, not "
       "string"},
      {"\"inputs_changed\":[\"x\"]", "\"inputs_changed\":[1]",
       "verdict: field correctness[0].inputs_changed[0] must be a string, not number"},
      {"\"median_us\":12.5", "\"median_us\":true",
       "verdict: field timing.cold.median_us must be a number, not boolean"},
      {"\"rows\":37", "\"rows\":1e3",
       "verdict: field correctness[0].dims.rows must be an integer, not a fraction"},
  };
  for (const auto& [from, to, want] : cases) {
    const auto read = ParseVerdict(test::Replaced(json, from, to));
    ASSERT_FALSE(read.ok()) << want;
    EXPECT_EQ(read.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(read.error().message, want);
  }
}

TEST(Verdict, AFieldOfALaterWriterIsIgnored) {
  EXPECT_TRUE(
      ParseVerdict(test::Replaced(ToJson(FullVerdict()), "{", "{\"estimated_us\": 3,")).ok());
}

TEST(Verdict, NoDamageCrashes) {
  const std::string json = ToJson(FullVerdict(), -1);
  test::ForEachTruncation(
      json, [](const std::string& text) { EXPECT_FALSE(ParseVerdict(text).ok()) << text; });
  int refused = 0;
  test::ForEachChangedByte(
      json, [&refused](const std::string& text) { refused += !ParseVerdict(text).ok(); });
  EXPECT_GT(refused, static_cast<int>(json.size() / 4));
}

TEST(ValueText, HasAsManyDigitsAsTheTypeCarries) {
  const auto text = [](const char* dtype, double value) {
    OutputCheck output;
    output.dtype = dtype;
    return ValueText(output, value);
  };
  EXPECT_EQ(text("i32", 34'570'812), "34570812");
  EXPECT_EQ(text("i64", -9'007'199'254'740'992.0), "-9007199254740992");
  EXPECT_EQ(text("bool", 1), "1");
  EXPECT_EQ(text("f32", 0.01897159032523632), "0.01897159");
  EXPECT_EQ(text("f32", 1), "1");
  EXPECT_EQ(text("f64", 0.1), "0.1");
  EXPECT_EQ(text("f64", 0.01897159032523632), "0.01897159032523632");
  EXPECT_EQ(text("f16", 0.0999755859375), "0.099976");
  EXPECT_EQ(text("bf16", 0.10009765625), "0.1001");
  EXPECT_EQ(text("", 0.01897159032523632), "0.0189715903") << "of an older verdict";
  EXPECT_EQ(text("f32", std::nan("")), "nan");
  EXPECT_EQ(text("i32", INFINITY), "inf");
}

Check Failing(const std::string& shape, std::int64_t elements, int patterns) {
  Check check;
  check.shape = shape;
  OutputCheck& output = check.outputs.emplace_back();
  output.elements = elements;
  output.mismatches = 1;
  output.where_patterns = patterns;
  return check;
}

std::vector<std::string> Order(std::vector<Check> checks) {
  Verdict verdict;
  verdict.correctness = std::move(checks);
  std::vector<std::string> shapes;
  for (const Check* check : FailedChecksOf(verdict)) shapes.push_back(check->shape);
  return shapes;
}

TEST(FailedChecksOf, BeginsWithTheOneThatTellsMost) {
  using Shapes = std::vector<std::string>;
  Check passed = Failing("passed", 1000, 3);
  passed.passed = true;
  EXPECT_EQ(Order({passed}), Shapes());
  EXPECT_EQ(Order({Failing("one", 1, 3), Failing("a", 7, 0), passed, Failing("b", 7, 0)}),
            (Shapes{"a", "one", "b"}))
      << "a single element shows nothing";
  EXPECT_EQ(Order({Failing("a", 900, 1), Failing("b", 7, 2), Failing("c", 900, 0)}),
            (Shapes{"b", "a", "c"}));
  EXPECT_EQ(Order({Failing("a", 7, 2), Failing("b", 900, 2), Failing("c", 9000, 2)}),
            (Shapes{"b", "a", "c"}))
      << "in many elements, and then the first";
}

TEST(Verdict, KeepsWhereAResultIsWrong) {
  Verdict verdict;
  verdict.correctness.emplace_back().outputs.emplace_back().where = "only column 0";
  const auto again = ParseVerdict(ToJson(verdict));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value().correctness[0].outputs[0].where, "only column 0");
  // Verdicts of earlier versions do not say it.
  std::string json = ToJson(verdict);
  const std::string field = "\"where\": \"only column 0\",";
  ASSERT_NE(json.find(field), std::string::npos) << json;
  json.replace(json.find(field), field.size(), "");
  const auto older = ParseVerdict(json);
  ASSERT_TRUE(older.ok()) << older.error().message;
  EXPECT_EQ(older.value().correctness[0].outputs[0].where, "");
}

}  // namespace
}  // namespace caesar
