#include "cli/cli.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli_world.h"

namespace caesar {
namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Cli, WithoutArgumentsAShortHelpWithTwoExamples) {
  CliWorld world;
  EXPECT_EQ(world.Run({}), 0);
  EXPECT_TRUE(Has(world.out.text, "caesar run softmax --provider replay"));
  EXPECT_TRUE(Has(world.out.text, "caesar run ./my_problem"));
  EXPECT_EQ(world.err.text, "");
}

TEST(Cli, HelpListsEveryCommand) {
  CliWorld world;
  for (const char* word : {"--help", "-h", "help"}) {
    EXPECT_EQ(world.Run({word}), 0);
    for (const Subcommand& command : Subcommands())
      EXPECT_TRUE(Has(world.out.text, command.name)) << command.name;
  }
}

TEST(Cli, EveryCommandHasHelpWithExamples) {
  CliWorld world;
  for (const Subcommand& command : Subcommands()) {
    ASSERT_EQ(world.Run({command.name, "--help"}), 0);
    const std::string help = world.out.text;
    EXPECT_TRUE(Has(help, "Examples:\n")) << command.name;
    EXPECT_TRUE(Has(help, "--no-color")) << command.name;
    EXPECT_EQ(world.Run({"help", command.name}), 0);
    EXPECT_EQ(world.out.text, help);
  }
}

TEST(Cli, Version) {
  CliWorld world;
  EXPECT_EQ(world.Run({"--version"}), 0);
  EXPECT_EQ(world.out.text, std::string("caesar ") + Version() + "\n");
}

TEST(Cli, MistypedNamesAreAnsweredWithTheNearest) {
  CliWorld world;
  EXPECT_EQ(world.Run({"doctr"}), 2);
  EXPECT_EQ(world.err.text, "caesar: unknown command 'doctr'\n  Did you mean `caesar doctor`?\n");
  EXPECT_EQ(world.Run({"help", "evall"}), 2);
  EXPECT_TRUE(Has(world.err.text, "Did you mean `caesar eval`?"));
  EXPECT_EQ(world.Run({"--versoin"}), 2);
  EXPECT_TRUE(Has(world.err.text, "Did you mean `caesar --version`?"));
  EXPECT_EQ(world.Run({"run", "softmx", "--provider", "replay"}), 2);
  EXPECT_TRUE(Has(world.err.text, "softmax")) << world.err.text;
  EXPECT_EQ(world.Run({"run", "softmax", "--provder", "replay"}), 2);
  EXPECT_TRUE(Has(world.err.text, "Did you mean --provider?"));
}

TEST(Cli, AFullDiskBehindStandardOutputIsAnError) {
  CliWorld world;
  world.out.full = true;
  EXPECT_EQ(world.Run({"--version"}), 3);
  EXPECT_EQ(world.err.text, "caesar: cannot write to standard output: No space left on device\n");
}

// A program that reads standard output gets one JSON object also where there is no result.
TEST(Cli, WithJsonAnErrorIsAnObject) {
  CliWorld world;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"problem", "show", "nowhere", "--json"},
        {"show", "/nowhere", "--json"},
        {"run", "vector_add", "--json", "--ruonds", "3"},
        {"eval", "--json"}}) {
    EXPECT_EQ(world.Run(words), 2);
    const auto json = nlohmann::json::parse(world.out.text, nullptr, false);
    ASSERT_TRUE(json.is_object()) << world.out.text;
    const auto& error = json.at("error");
    EXPECT_EQ(error.at("exit_code"), 2);
    EXPECT_TRUE(error.at("code") == "usage" || error.at("code") == "bad_input") << error;
    EXPECT_EQ(world.err.text.rfind("caesar: " + error.at("message").get<std::string>(), 0), 0U)
        << world.err.text;
  }
  EXPECT_EQ(world.Run({"problem", "show", "nowhere"}), 2);
  EXPECT_EQ(world.out.text, "");
}

TEST(ExitCodes, OfErrors) {
  EXPECT_EQ(ExitCode(ErrorCode::kUsage), 2);
  EXPECT_EQ(ExitCode(ErrorCode::kBadInput), 2);
  EXPECT_EQ(ExitCode(ErrorCode::kEnvironment), 3);
  EXPECT_EQ(ExitCode(ErrorCode::kIo), 3);
  EXPECT_EQ(ExitCode(ErrorCode::kInternal), 4);
  EXPECT_EQ(ExitCode(ErrorCode::kInterrupted), 130);
}

TEST(ExitCodes, OfSamples) {
  SampleResult result;
  EXPECT_EQ(ExitCode(result, 0), 1);
  result.correct = true;
  EXPECT_EQ(ExitCode(result, 0), 0);
  EXPECT_EQ(ExitCode(result, 1.5), 1);
  result.target_met = true;
  EXPECT_EQ(ExitCode(result, 1.5), 0);
}

TEST(ExitCodes, OfVerdicts) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  EXPECT_EQ(ExitCode(verdict), 0);
  for (const VerdictKind kind :
       {VerdictKind::kWrong, VerdictKind::kCrashed, VerdictKind::kTimedOut, VerdictKind::kCheated,
        VerdictKind::kCompileFailed, VerdictKind::kAmbiguous}) {
    verdict.kind = kind;
    EXPECT_EQ(ExitCode(verdict), 1);
  }
  verdict.kind = VerdictKind::kInfra;
  EXPECT_EQ(ExitCode(verdict), 3);
}

TEST(ErrorText, IndentsTheDetailAndStripsEscapes) {
  EXPECT_EQ(ErrorText({ErrorCode::kIo, "bad \x1b[31mthing", "do this\nor that"}),
            "caesar: bad thing\n  do this\n  or that\n");
  EXPECT_EQ(ErrorText({ErrorCode::kIo, "bad", ""}), "caesar: bad\n");
}

}  // namespace
}  // namespace caesar
