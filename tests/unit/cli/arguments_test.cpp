#include "cli/arguments.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

CommandSpec Spec() {
  CommandSpec spec;
  spec.name = "run";
  spec.help = "runs";
  spec.positionals = {{"PROBLEM", "the problem"}, {"FILE", "a file", false}};
  spec.flags = {{"--base-url", "URL", "where"},
                {"--rounds", "N", "how many"},
                {"--json", "", "as JSON"},
                {"-v,--verbose", "", "more"},
                {"-q,--quiet", "", "less"}};
  spec.examples = "  caesar run x\n";
  return spec;
}

Arguments Good(const std::vector<std::string>& words) {
  Result<Arguments> arguments = ParseArguments(Spec(), words);
  EXPECT_TRUE(arguments.ok()) << (arguments.ok() ? "" : arguments.error().message);
  return arguments.ok() ? arguments.value() : Arguments();
}

Error Bad(const std::vector<std::string>& words) {
  const Result<Arguments> arguments = ParseArguments(Spec(), words);
  EXPECT_FALSE(arguments.ok());
  return arguments.ok() ? Error() : arguments.error();
}

TEST(Arguments, FlagsStandAnywhere) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"softmax", "--rounds", "8", "--json"},
                                             {"--rounds=8", "--json", "softmax"},
                                             {"--json", "softmax", "--rounds", "8"}}) {
    const Arguments arguments = Good(words);
    EXPECT_EQ(arguments.Positional("PROBLEM"), "softmax");
    EXPECT_EQ(arguments.Value("rounds"), "8");
    EXPECT_TRUE(arguments.Has("json"));
    EXPECT_FALSE(arguments.Has("base-url"));
    EXPECT_EQ(arguments.Positional("FILE"), "");
  }
}

TEST(Arguments, TheLastOfSeveralCounts) {
  EXPECT_EQ(Good({"x", "--rounds", "8", "--rounds", "9"}).Value("rounds"), "9");
}

TEST(Arguments, AllOfSeveralAreThere) {
  EXPECT_EQ(Good({"--rounds", "8", "x", "--rounds=9"}).Values("rounds"),
            (std::vector<std::string>{"8", "9"}));
  EXPECT_EQ(Good({"x", "--rounds", "8"}).Values("rounds"), std::vector<std::string>{"8"});
  EXPECT_TRUE(Good({"x"}).Values("rounds").empty());
  EXPECT_EQ(Good({"--rounds", "8", "x", "y"}).Positional("FILE"), "y");
}

TEST(Arguments, ADashIsAFile) { EXPECT_EQ(Good({"softmax", "-"}).Positional("FILE"), "-"); }

TEST(Arguments, ShortSwitchesCombine) {
  const Arguments arguments = Good({"x", "-vq"});
  EXPECT_TRUE(arguments.Has("verbose"));
  EXPECT_TRUE(arguments.Has("quiet"));
}

TEST(Arguments, AValueMayLookLikeAFlag) {
  EXPECT_EQ(Good({"x", "--rounds=-1"}).Value("rounds"), "-1");
}

TEST(Arguments, AfterTwoDashesEverythingIsAnArgument) {
  EXPECT_EQ(Good({"--", "--odd"}).Positional("PROBLEM"), "--odd");
}

TEST(Arguments, HelpAnywhereIgnoresTheRest) {
  EXPECT_TRUE(Good({"--nonsense", "--help"}).help);
  EXPECT_TRUE(Good({"-h"}).help);
}

TEST(Arguments, UnknownFlagsAreAnsweredWithTheNearest) {
  const Error error = Bad({"softmax", "--base_url", "http://x"});
  EXPECT_EQ(error.code, ErrorCode::kUsage);
  EXPECT_EQ(error.message, "unknown flag --base_url of `caesar run`");
  EXPECT_EQ(error.detail, "Did you mean --base-url?");
  EXPECT_EQ(Bad({"x", "--zzzzzzzz"}).detail, "`caesar run --help` lists its flags.");
  EXPECT_EQ(Bad({"x", "-z"}).message, "unknown flag -z of `caesar run`");
}

TEST(Arguments, MissingAndSuperfluousWordsAreUsageErrors) {
  EXPECT_NE(Bad({}).message.find("PROBLEM"), std::string::npos);
  EXPECT_NE(Bad({"a", "b", "c"}).message.find("c"), std::string::npos);
  EXPECT_NE(Bad({"a", "--rounds"}).message.find("--rounds"), std::string::npos);
  EXPECT_EQ(Bad({"a", "--rounds"}).code, ErrorCode::kUsage);
}

TEST(Arguments, AnActionMayHaveItsOwnHelp) {
  CommandSpec spec = Spec(), check;
  check.name = "run check";
  check.help = "checks";
  spec.actions = {check};
  EXPECT_EQ(HelpText(spec, {"--help", "check"}), HelpText(check));
  EXPECT_EQ(HelpText(spec, {"check", "x"}), HelpText(check));
  EXPECT_EQ(HelpText(spec, {"show", "check"}), HelpText(spec));
  EXPECT_EQ(HelpText(spec, {}), HelpText(spec));
}

TEST(Arguments, HelpShowsFlagsAndExamples) {
  const std::string help = HelpText(Spec());
  for (const char* part : {"caesar run", "PROBLEM", "--base-url", "URL", "-v,--verbose",
                           "Examples:\n  caesar run x\n"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << " in\n" << help;
  }
}

}  // namespace
}  // namespace caesar
