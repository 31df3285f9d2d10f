// The published schema takes what the parser takes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "unit/problem/example.h"
#include "unit/record/json_schema.h"

namespace caesar {
namespace {

std::string Violations(const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, true, true);
  return Join(test::SchemaChecker(test::ReadSchema("problem")).Violations(value), "\n");
}

TEST(Schema, TakesTheExampleAndTheBundledProblems) {
  EXPECT_EQ(Violations(test::kExample), "");
  for (const std::string& name : BundledProblems())
    EXPECT_EQ(Violations(BundledProblem(name).value().json), "") << name;
}

TEST(Schema, RefusesWhatTheParserRefuses) {
  const std::pair<const char*, const char*> changes[] = {
      {"\"version\": 1", "\"version\": 2"},
      {"\"summary\"", "\"sumary\""},
      {"\"f32\", \"shape\"", "\"f31\", \"shape\""},
      {"\"normal\"", "\"normel\""},
      {"\"sim\"", "\"simm\""},
      {"\"rows\": 37", "\"rows\": 0"},
      {"\"value\": -3", "\"value\": \"3\""},
      {"\"tf32\": true", "\"tf32\": 1"},
      {"\"cublas\"", "\"cublass\""},
      {"\"flops\"", "\"check_fills\": [{\"row_scales\": [0, 1]}], \"flops\""},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_NE(Violations(test::With(from, to)), "") << to;
    test::ErrorOf(test::With(from, to));
  }
}

}  // namespace
}  // namespace caesar
