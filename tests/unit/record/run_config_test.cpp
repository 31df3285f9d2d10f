#include "record/run_config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "unit/record/corrupt.h"

namespace caesar {
namespace {

RunConfig Changed() {
  RunConfig config;
  config.caesar_version = "0.1.0";
  config.rounds = 8;
  config.target_speedup = 1.5;
  config.patience = 2;
  config.budget_tokens = 100'000;
  config.table = TableName::kReflect;
  config.history = HistoryKind::kBest;
  config.budget_usd = 2.5;
  config.feedback = {false, false, false, true};
  config.model = {"replay",  "m",    "http://localhost:1",
                  0.7,       0.9,    4096,
                  42,        "high", "{\"a\":1}",
                  "replies", "cat",  "key",
                  "prices",  1000,   500};
  config.timing = {true, 40, 500, 0.01, 20'000, 3};
  config.device = "cuda:1";
  config.sandbox = SandboxMode::kOff;
  config.prompts = "p";
  config.compile_timeout_ms = 1000;
  config.call_timeout_ms = 2000;
  config.sim_threads = 1;
  return config;
}

TEST(RunConfig, NamesOfEnums) {
  EXPECT_EQ(Name(TableName::kFull), "full");
  EXPECT_EQ(Name(TableName::kCompile), "compile");
  EXPECT_EQ(Name(TableName::kReflect), "reflect");
  EXPECT_EQ(Name(HistoryKind::kLast), "last");
  EXPECT_EQ(Name(HistoryKind::kAll), "all");
  EXPECT_EQ(Name(HistoryKind::kBest), "best");
}

TEST(RunConfig, RoundTrips) {
  for (const RunConfig& config : {RunConfig(), Changed()}) {
    const std::string json = ToJson(config);
    const auto read = ParseRunConfig(json);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(ToJson(read.value()), json);
    EXPECT_TRUE(Differences(config, read.value()).empty());
  }
  EXPECT_FALSE(ParseRunConfig(ToJson(RunConfig())).value().model.temperature.has_value());
  EXPECT_EQ(ParseRunConfig(ToJson(Changed())).value().model.temperature, 0.7);
}

TEST(RunConfig, KeysAreSortedAndIndented) {
  const std::string json = ToJson(RunConfig());
  EXPECT_EQ(json.substr(0, 22), "{\n  \"budget_tokens\": 0");
  EXPECT_EQ(json.substr(json.size() - 2), "}\n");
  EXPECT_LT(json.find("\"device\""), json.find("\"rounds\""));
}

TEST(RunConfig, EveryFieldIsCompared) {
  const auto lines = Differences(Changed(), RunConfig());
  EXPECT_EQ(lines.size(), 39u) << "one for each field but the version";
  const auto has = [&lines](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  EXPECT_TRUE(has("rounds: 8 here, 4 in run.json"));
  EXPECT_TRUE(has("table: \"reflect\" here, \"full\" in run.json"));
  EXPECT_TRUE(has("model.temperature: 0.7 here, none in run.json"));
  EXPECT_TRUE(has("timing.samples_min: 40 here, 30 in run.json"));
  EXPECT_TRUE(has("prompts: \"p\" here, none in run.json"));
  EXPECT_TRUE(has("feedback.compile: false here, true in run.json"));
}

TEST(RunConfig, EveryFieldIsNeededAndNoOtherIsTaken) {
  const std::string json = ToJson(Changed());
  for (const std::string name :
       {"budget_tokens", "caesar_version", "call_timeout_ms", "compile_timeout_ms", "device",
        "feedback", "history", "model", "patience", "prompts", "rounds", "table", "target_speedup",
        "timing", "version"}) {
    const auto read =
        ParseRunConfig(test::Replaced(json, "\n  \"" + name + "\"", "\n  \"" + name + "x\""));
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_EQ(read.error().message, "run.json: field " + name + " is missing");
  }
  EXPECT_EQ(ParseRunConfig(test::Replaced(json, "\"temperature\": 0.7,", "")).error().message,
            "run.json: field model.temperature is missing");
  EXPECT_EQ(ParseRunConfig(test::Replaced(json, "{", "{\"round\": 1,")).error().message,
            "run.json: field round is unknown (did you mean 'rounds'?)");
  EXPECT_EQ(
      ParseRunConfig(test::Replaced(json, "\"seed\"", "\"sed\": 0, \"seed\"")).error().message,
      "run.json: field model.sed is unknown (did you mean 'seed'?)");
  EXPECT_EQ(ParseRunConfig(test::Replaced(json, "\"reflect\"", "\"fast\"")).error().message,
            "run.json: field table is 'fast', but must be one of full, compile, reflect");
}

// As the first versions wrote it, but for the order of its members.
constexpr const char* kFirstRunJson = R"({
  "version": 1, "caesar_version": "0.1.0", "rounds": 6, "target_speedup": 0.0, "patience": 0,
  "budget_tokens": 0, "table": "full", "history": "last",
  "feedback": {"compile": true, "correct": true, "timing": false},
  "model": {"provider": "replay", "model": "", "base_url": "", "temperature": null, "top_p": null,
            "max_tokens": null, "seed": null, "reasoning_effort": "", "extra_json": "",
            "replies": ""},
  "timing": {"hot": false, "samples_min": 30, "samples_max": 1000, "ci_target": 0.005,
             "budget_ms": 10000, "check_calls": 5},
  "device": "auto", "prompts": "", "compile_timeout_ms": 120000, "call_timeout_ms": 10000
})";

TEST(RunConfig, WhatOlderVersionsDidNotWriteHasItsDefault) {
  const auto read = ParseRunConfig(kFirstRunJson);
  ASSERT_TRUE(read.ok()) << read.error().message;
  RunConfig same;
  same.caesar_version = "0.1.0";
  same.rounds = 6;
  same.feedback.timing = false;
  same.model.provider = "replay";
  EXPECT_EQ(Differences(same, read.value()), std::vector<std::string>());
  EXPECT_EQ(read.value().sandbox, SandboxMode::kBestEffort);
  // What is there is looked at as ever.
  EXPECT_EQ(
      ParseRunConfig(test::Replaced(kFirstRunJson, "\"rounds\"", "\"sandbox\": 1, \"rounds\""))
          .error()
          .message,
      "run.json: field sandbox must be a string, not number");
  EXPECT_EQ(ParseRunConfig(test::Replaced(kFirstRunJson, "\"rounds\"", "\"sandbx\": 1, \"rounds\""))
                .error()
                .message,
            "run.json: field sandbx is unknown (did you mean 'sandbox'?)");
}

TEST(CheckRunConfig, RefusesWhatCannotRun) {
  EXPECT_TRUE(CheckRunConfig(RunConfig()).ok());
  const auto error = [](auto change) {
    RunConfig config;
    change(config);
    const Status status = CheckRunConfig(config);
    return status.ok() ? std::string("no error") : status.error().message;
  };
  EXPECT_EQ(error([](RunConfig& c) { c.rounds = 0; }),
            "rounds is 0, but must be between 1 and 999");
  EXPECT_EQ(error([](RunConfig& c) { c.rounds = 1000; }),
            "rounds is 1000, but must be between 1 and 999");
  EXPECT_NE(error([](RunConfig& c) { c.target_speedup = NAN; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.target_speedup = -1; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.patience = -1; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.budget_tokens = -1; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.timing.samples_min = 0; }), "no error");
  EXPECT_EQ(error([](RunConfig& c) { c.timing.samples_max = 29; }),
            "timing.samples_max is 29, but must be between 30 and 1000000");
  EXPECT_NE(error([](RunConfig& c) { c.timing.ci_target = NAN; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.timing.budget_ms = -1; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.timing.check_calls = 0; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.compile_timeout_ms = 0; }), "no error");
  EXPECT_NE(error([](RunConfig& c) { c.call_timeout_ms = 86'400'001; }), "no error");
  EXPECT_EQ(ParseRunConfig(test::Replaced(ToJson(Changed()), "\"rounds\": 8", "\"rounds\": -8"))
                .error()
                .message,
            "run.json: rounds is -8, but must be between 1 and 999");
}

TEST(RunConfig, NoDamageCrashes) {
  const std::string json = ToJson(Changed());
  test::ForEachTruncation(json.substr(0, json.size() - 1),
                          [](const std::string& text) { EXPECT_FALSE(ParseRunConfig(text).ok()); });
  int refused = 0;
  test::ForEachChangedByte(
      json, [&refused](const std::string& text) { refused += !ParseRunConfig(text).ok(); });
  EXPECT_GT(refused, static_cast<int>(json.size() / 4));
}

}  // namespace
}  // namespace caesar
