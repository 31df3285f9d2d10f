// The published schemas describe exactly what is written.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/strings.h"
#include "record/journal.h"
#include "unit/record/examples.h"
#include "unit/record/json_schema.h"

namespace caesar {
namespace {

std::string Violations(const std::string& schema, const std::string& json) {
  return Join(test::SchemaChecker(test::ReadSchema(schema)).Violations(nlohmann::json::parse(json)),
              "\n");
}

TEST(Schema, Verdict) {
  EXPECT_EQ(Violations("verdict", ToJson(test::FullVerdict())), "");
  EXPECT_EQ(Violations("verdict", ToJson(Verdict())), "");
}

TEST(Schema, VerdictWithEveryNumberBeyondJson) {
  Verdict verdict = test::FullVerdict();
  verdict.speedup = Ratio{NAN, -INFINITY, INFINITY};
  verdict.timing->cold = TimeStats{NAN, NAN, NAN, NAN, NAN, NAN, 1, 0};
  verdict.timing->wall_us = verdict.timing->trusted_us = INFINITY;
  verdict.device.clock_mhz = verdict.device.bandwidth_gbs = NAN;
  verdict.sol_us = INFINITY;
  EXPECT_EQ(Violations("verdict", ToJson(verdict)), "");
  EXPECT_EQ(ToJson(ParseVerdict(ToJson(verdict)).value()), ToJson(verdict));
}

TEST(Schema, Result) {
  EXPECT_EQ(Violations("result", ToJson(test::FullResult())), "");
  SampleResult empty;
  empty.rounds.emplace_back().round = 1;
  EXPECT_EQ(Violations("result", ToJson(empty)), "");
}

TEST(Schema, JournalLine) {
  JournalLine line;
  line.seq = line.round = 1;
  line.from = line.outcome = line.to = "x";
  line.files = {{"kernel.cu", {7, HashHex("k")}}};
  EXPECT_EQ(Violations("journal", ToJsonLine(line)), "");
  line.round = 0;
  EXPECT_NE(Violations("journal", ToJsonLine(line)), "");
}

TEST(Schema, TheCheckerFindsViolations) {
  std::string json = ToJson(test::FullVerdict(), -1);
  json = ReplaceAll(json, "\"mismatches\":3", "\"mismatch\":3");
  EXPECT_EQ(Violations("verdict", json),
            "$.correctness[0].outputs[0] lacks mismatches\n$.correctness[0].outputs[0].mismatch is "
            "not in the schema");
  EXPECT_NE(Violations("verdict", ReplaceAll(json, "\"wrong\"", "\"bad\"")),
            Violations("verdict", json));
}

}  // namespace
}  // namespace caesar
