#include "cli/settings.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fakes/memory_files.h"

namespace caesar {
namespace {

class SettingsTest : public testing::Test {
 protected:
  Result<Settings> Resolve() {
    return ResolveSettings(
        arguments,
        [this](const std::string& name) {
          return variables.count(name) > 0 ? variables[name] : std::string();
        },
        files);
  }
  Settings Good() {
    const Result<Settings> settings = Resolve();
    EXPECT_TRUE(settings.ok()) << (settings.ok() ? "" : settings.error().message);
    return settings.ok() ? settings.value() : Settings();
  }
  Error Bad() {
    const Result<Settings> settings = Resolve();
    EXPECT_FALSE(settings.ok());
    return settings.ok() ? Error() : settings.error();
  }
  void File(const std::string& path, const std::string& text) {
    ASSERT_TRUE(files.MakeFolders(path.substr(0, path.rfind('/'))).ok());
    ASSERT_TRUE(files.Write(path, text).ok());
  }

  Arguments arguments;
  std::map<std::string, std::string> variables = {{"HOME", "/home/me"}};
  MemoryFiles files;
};

TEST_F(SettingsTest, DefaultsWithoutAnything) {
  const Settings settings = Good();
  EXPECT_EQ(settings.run.rounds, 4);
  EXPECT_EQ(settings.run.model.provider, "openai");
  EXPECT_EQ(settings.out, "");
}

TEST_F(SettingsTest, FlagsBeatEnvironmentBeatsFile) {
  File("/home/me/.config/caesar/config.json",
       R"({"rounds": 5, "model": "from-file", "base_url": "http://file"} // a comment)");
  EXPECT_EQ(Good().run.rounds, 5);
  EXPECT_EQ(Good().run.model.model, "from-file");
  variables["CAESAR_MODEL"] = "from-environment";
  variables["CAESAR_ROUNDS"] = "6";
  EXPECT_EQ(Good().run.model.model, "from-environment");
  EXPECT_EQ(Good().run.rounds, 6);
  arguments.values["rounds"] = "7";
  const Settings settings = Good();
  EXPECT_EQ(settings.run.rounds, 7);
  EXPECT_EQ(settings.run.model.model, "from-environment");
  EXPECT_EQ(settings.run.model.base_url, "http://file");
}

TEST_F(SettingsTest, ConfigFlagReplacesTheDefaultFile) {
  File("/home/me/.config/caesar/config.json", R"({"rounds": 5, "patience": 2})");
  File("/etc/mine.json", R"({"rounds": 6})");
  arguments.values["config"] = "/etc/mine.json";
  EXPECT_EQ(Good().run.rounds, 6);
  EXPECT_EQ(Good().run.patience, 0);
  arguments.values["config"] = "/etc/missing.json";
  EXPECT_EQ(Bad().code, ErrorCode::kUsage);
}

TEST_F(SettingsTest, XdgFolder) {
  const auto file = [this] {
    return DefaultConfigFile([this](const std::string& name) {
      return variables.count(name) > 0 ? variables[name] : std::string();
    });
  };
  EXPECT_EQ(file(), "/home/me/.config/caesar/config.json");
  variables["XDG_CONFIG_HOME"] = "/xdg";
  EXPECT_EQ(file(), "/xdg/caesar/config.json");
  variables["XDG_CONFIG_HOME"] = "relative";
  EXPECT_EQ(file(), "/home/me/.config/caesar/config.json");
  variables.clear();
  EXPECT_EQ(file(), "");
}

TEST_F(SettingsTest, EmptyVariablesCountAsUnset) {
  variables["CAESAR_ROUNDS"] = "";
  EXPECT_EQ(Good().run.rounds, 4);
}

TEST_F(SettingsTest, ErrorsNameTheSource) {
  variables["CAESAR_ROUNDS"] = "many";
  EXPECT_EQ(Bad().message, "CAESAR_ROUNDS: 'many' is not a whole number from 1 to 999");
  EXPECT_EQ(Bad().code, ErrorCode::kUsage);
  variables.erase("CAESAR_ROUNDS");
  arguments.values["table"] = "ful";
  EXPECT_EQ(Bad().message, "--table: 'ful' is not one of full, compile, reflect");
  EXPECT_EQ(Bad().detail, "Did you mean full?");
  arguments.values.clear();
  File("/home/me/.config/caesar/config.json", R"({"rounds": "x"})");
  EXPECT_EQ(Bad().message,
            "/home/me/.config/caesar/config.json: rounds: 'x' is not a whole number from 1 to 999");
  EXPECT_EQ(Bad().code, ErrorCode::kBadInput);
}

TEST_F(SettingsTest, UnknownKeysOfTheFileAreErrorsWithTheNearest) {
  File("/home/me/.config/caesar/config.json", R"({"base-url": "http://x"})");
  EXPECT_EQ(Bad().message, "/home/me/.config/caesar/config.json: unknown setting 'base-url'");
  EXPECT_EQ(Bad().detail, "Did you mean base_url?");
}

TEST_F(SettingsTest, FilesThatAreNoJsonObjectAreErrors) {
  for (const char* bad :
       {"", "{", "[]", "rounds = 5", R"({"rounds": null})", R"({"rounds": [1]})", "\xff"}) {
    File("/home/me/.config/caesar/config.json", bad);
    EXPECT_EQ(Bad().code, ErrorCode::kBadInput) << bad;
  }
}

TEST_F(SettingsTest, TheFileTakesPlainJsonValues) {
  File(
      "/home/me/.config/caesar/config.json",
      R"({"temperature": 0.5, "hot": true, "extra_json": {"top_k": 20}, "time_budget": 3, "seed": -7})");
  const RunConfig run = Good().run;
  EXPECT_DOUBLE_EQ(run.model.temperature.value_or(0), 0.5);
  EXPECT_TRUE(run.timing.hot);
  EXPECT_EQ(run.model.extra_json, R"({"top_k":20})");
  EXPECT_EQ(run.timing.budget_ms, 3'000);
  EXPECT_EQ(run.model.seed.value_or(0), -7);
}

TEST_F(SettingsTest, EverySettingReachesItsField) {
  arguments.values = {{"device", "cuda:1"},
                      {"provider", "replay"},
                      {"model", "m"},
                      {"base-url", "http://u"},
                      {"rounds", "9"},
                      {"target-speedup", "1.5"},
                      {"patience", "2"},
                      {"budget-tokens", "1000"},
                      {"history", "best"},
                      {"feedback", "compile"},
                      {"table", "reflect"},
                      {"seed", "3"},
                      {"temperature", "0.1"},
                      {"top-p", "0.9"},
                      {"max-tokens", "500"},
                      {"reasoning-effort", "high"},
                      {"extra-json", "{}"},
                      {"replies", "/r"},
                      {"prompts", "p"},
                      {"out", "o"},
                      {"hot", "true"},
                      {"samples", "100"},
                      {"check-calls", "6"},
                      {"time-budget", "4s"},
                      {"compile-timeout", "5s"},
                      {"call-timeout", "6s"},
                      {"sim-threads", "2"},
                      {"budget-usd", "2.5"},
                      {"command", "cat"},
                      {"api-key-file", "/k"},
                      {"prices", "/$"},
                      {"model-timeout", "2h"},
                      {"idle-timeout", "7s"},
                      {"sandbox", "required"}};
  ASSERT_EQ(arguments.values.size(), AllSettings().size()) << "a setting is not tested";
  const Settings settings = Good();
  const RunConfig& run = settings.run;
  EXPECT_EQ(run.device, "cuda:1");
  EXPECT_EQ(run.model.provider, "replay");
  EXPECT_EQ(run.model.model, "m");
  EXPECT_EQ(run.model.base_url, "http://u");
  EXPECT_EQ(run.rounds, 9);
  EXPECT_EQ(run.budget_usd, 2.5);
  EXPECT_EQ(run.model.command, "cat");
  EXPECT_EQ(run.model.api_key_file, "/k");
  EXPECT_EQ(run.model.prices, "/$");
  EXPECT_EQ(run.model.timeout_ms, 7'200'000);
  EXPECT_EQ(run.model.idle_timeout_ms, 7'000);
  EXPECT_DOUBLE_EQ(run.target_speedup, 1.5);
  EXPECT_EQ(run.patience, 2);
  EXPECT_EQ(run.budget_tokens, 1'000);
  EXPECT_EQ(run.history, HistoryKind::kBest);
  EXPECT_FALSE(run.feedback.timing);
  EXPECT_EQ(run.table, TableName::kReflect);
  EXPECT_EQ(run.model.seed.value_or(0), 3);
  EXPECT_DOUBLE_EQ(run.model.temperature.value_or(0), 0.1);
  EXPECT_DOUBLE_EQ(run.model.top_p.value_or(0), 0.9);
  EXPECT_EQ(run.model.max_tokens.value_or(0), 500);
  EXPECT_EQ(run.model.reasoning_effort, "high");
  EXPECT_EQ(run.model.extra_json, "{}");
  EXPECT_EQ(run.model.replies, "/r");
  EXPECT_EQ(run.prompts, "p");
  EXPECT_EQ(settings.out, "o");
  EXPECT_TRUE(run.timing.hot);
  EXPECT_EQ(run.timing.samples_min, 100);
  EXPECT_EQ(run.timing.samples_max, 100);
  EXPECT_EQ(run.timing.check_calls, 6);
  EXPECT_EQ(run.timing.budget_ms, 4'000);
  EXPECT_EQ(run.compile_timeout_ms, 5'000);
  EXPECT_EQ(run.call_timeout_ms, 6'000);
  EXPECT_EQ(run.sim_threads, 2);
  EXPECT_EQ(run.sandbox, SandboxMode::kRequired);
}

TEST_F(SettingsTest, ExtraJsonMustBeAnObject) {
  for (const char* bad : {"[1]", "x", ""}) {
    arguments.values = {{"extra-json", bad}};
    EXPECT_EQ(Bad().message, "--extra-json: this is not a JSON object") << bad;
  }
}

TEST(SuspectVariables, AreMistypedSettingsAlone) {
  EXPECT_EQ(SuspectVariables({"CAESAR_ROUNDS", "CAESAR_ROUND", "CAESAR_API_KEY", "CAESAR_TEST_LOG",
                              "ROUND", "CAESAR_" + std::string(1000, 'X')}),
            std::vector<std::string>{"CAESAR_ROUND is no setting; did you mean CAESAR_ROUNDS?"});
}

TEST(SettingTable, NamesAreUniqueAndScopesNest) {
  std::set<std::string> names;
  for (const Setting& setting : AllSettings())
    EXPECT_TRUE(names.insert(FlagName(setting)).second) << setting.name;
  const auto names_of = [](Scope scope) {
    std::set<std::string> flags;
    for (const FlagSpec& flag : SettingFlags(scope)) flags.insert(flag.name);
    return flags;
  };
  EXPECT_EQ(names_of(Scope::kRun).size(), AllSettings().size() + 1);
  EXPECT_EQ(names_of(Scope::kDoctor), (std::set<std::string>{"--device", "--sandbox", "--config"}));
  EXPECT_TRUE(names_of(Scope::kEval).count("--samples"));
  EXPECT_FALSE(names_of(Scope::kEval).count("--model"));
}

}  // namespace
}  // namespace caesar
