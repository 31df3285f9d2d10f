// The real program and a person: at a real (pseudo) terminal, without one, and as a script's file.
#include <gtest/gtest.h>

#include "base/strings.h"
#include "integration/cli_machine.h"
#include "integration/terminal.h"

namespace caesar {
namespace {

constexpr const char* kSample = "R/scale/sample_0000/";
constexpr const char* kAsks =
    "Your feedback on round 1, ended by an empty line or Ctrl-D (empty: none):\r\n";

class CliHuman : public testing::Test {
 protected:
  CliHuman() {
    machine_.Replies({ReplyOf("judge: measure 30 60"), ReplyOf("judge: measure 20 60")});
    machine_.Set("TERM", "xterm");
  }
  static Words Command() {
    return {"run", "scale", "--provider", "replay", "--feedback", "all,human", "--out", "R"};
  }
  std::unique_ptr<Terminal> AtTerminal(const std::string& shell = "") {
    Words argv = {CAESAR_BINARY};
    for (const std::string& word : Command()) argv.push_back(word);
    if (!shell.empty()) argv = {"/bin/sh", "-c", shell};
    return std::make_unique<Terminal>(argv, machine_.environment(), machine_ / ".");
  }
  std::string Text(const std::string& file) const { return machine_.Read(kSample + file); }

  Machine machine_;
};

TEST_F(CliHuman, IsAskedOnceBetweenTwoRounds) {
  const auto terminal = AtTerminal();
  ASSERT_TRUE(terminal->Shows(kAsks)) << terminal->screen();
  EXPECT_HAS(terminal->screen(), "Round 1 of 2: Measured, 30 us, 2.00x (1.98-2.02)\r\n");
  EXPECT_HAS(terminal->screen(), "Its files are in R/scale/sample_0000/round_001\r\n");
  terminal->Type("Use float4.\nAnd fewer registers.\n\n");
  EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
  EXPECT_EQ(Text("round_001/human.md"), "Use float4.\nAnd fewer registers.\n");
  EXPECT_HAS(Text("round_002/prompt.md"),
             "A person who looked at this attempt says:\n\nUse float4.\nAnd fewer registers.\n");
  EXPECT_HAS_NOT(terminal->screen(), "Your feedback on round 2");
  EXPECT_HAS(machine_.Run({"show", "R", "--round", "1"}).out, "=== human.md ===\nUse float4.\n");
}

TEST_F(CliHuman, CtrlDEndsAnAnswerAlsoWithinALine) {
  const auto terminal = AtTerminal();
  ASSERT_TRUE(terminal->Shows(kAsks)) << terminal->screen();
  terminal->Type("Use float4.");
  terminal->Type(Terminal::kCtrlD);  // hands over what is typed so far
  terminal->Type(Terminal::kCtrlD);
  EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
  EXPECT_EQ(Text("round_001/human.md"), "Use float4.\n");
}

TEST_F(CliHuman, NothingIsAnAnswerThatIsKept) {
  for (const std::string_view nothing : {std::string_view("\n"), Terminal::kCtrlD}) {
    machine_.Shell("rm -rf R");
    const auto terminal = AtTerminal();
    ASSERT_TRUE(terminal->Shows(kAsks)) << terminal->screen();
    terminal->Type(nothing);
    EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
    EXPECT_TRUE(machine_.Has(std::string(kSample) + "round_001/human.md"));
    EXPECT_EQ(Text("round_001/human.md"), "");
    EXPECT_HAS_NOT(Text("round_002/prompt.md"), "A person");
  }
}

TEST_F(CliHuman, CtrlCInterruptsAndTheNextCommandAsksAgain) {
  const auto terminal = AtTerminal();
  ASSERT_TRUE(terminal->Shows(kAsks)) << terminal->screen();
  terminal->Type("half an ans");
  terminal->Type(Terminal::kCtrlC);
  EXPECT_EQ(terminal->Wait(), 130) << terminal->screen();
  EXPECT_HAS(terminal->screen(), "To resume: caesar run scale --out R");
  EXPECT_FALSE(machine_.Has(std::string(kSample) + "round_001/human.md"));
  EXPECT_EQ(machine_.LastStep(), "Profile Measured");

  const auto again = AtTerminal("exec caesar run scale --out R");
  ASSERT_TRUE(again->Shows(kAsks)) << again->screen();
  again->Type("Now I know.\n\n");
  EXPECT_EQ(again->Wait(), 0) << again->screen();
  EXPECT_HAS(Text("round_002/prompt.md"), "Now I know.");
}

TEST_F(CliHuman, WhatWasTypedBeforeTheQuestionIsNoAnswer) {
  machine_.JudgeScript("measure wait 30 60\n");
  const auto terminal = AtTerminal();
  ASSERT_TRUE(Eventually([&] { return machine_.Judged("measure") == 1; }));
  terminal->Type("stale\n\n");
  ASSERT_TRUE(terminal->Shows("stale\r\n\r\n")) << terminal->screen();
  machine_.JudgeScript("");
  machine_.JudgeGo();
  ASSERT_TRUE(terminal->Shows(kAsks)) << terminal->screen();
  terminal->Type("fresh\n\n");
  EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
  EXPECT_EQ(Text("round_001/human.md"), "fresh\n");
}

TEST_F(CliHuman, WithoutATerminalNobodyIsAsked) {
  const Ended ended = machine_.Run(Command(), "not an answer\n\n");
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_HAS_NOT(ended.err, "Your feedback");
  EXPECT_FALSE(machine_.Has(std::string(kSample) + "round_001/human.md"));
  // Standard input alone makes no terminal, and neither does standard error.
  for (const char* redirection : {"2>err", "</dev/null"}) {
    const auto terminal =
        AtTerminal("rm -rf R; exec caesar " + Join(Command(), " ") + " " + redirection);
    EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
    EXPECT_FALSE(machine_.Has(std::string(kSample) + "round_001/human.md"));
  }
}

// Reading would stop it until it is brought to the foreground.
TEST_F(CliHuman, ABackgroundJobOfATerminalIsNotStopped) {
  const auto terminal =
      AtTerminal("set -m; caesar " + Join(Command(), " ") + " & wait $!; echo code $?");
  EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
  EXPECT_HAS(terminal->screen(), "code 0");
  EXPECT_HAS_NOT(terminal->screen(), "Your feedback");
}

TEST_F(CliHuman, AScriptAnswersWithAFileAlsoAtATerminal) {
  // The model is a script here, which reviews its own round while that runs.
  machine_.Write("model.sh",
                 "n=$(ls -d R/scale/sample_0000/round_* | wc -l)\n"
                 "echo \"Words of a script on round $n.\" "
                 "> R/scale/sample_0000/round_00$n/human.md\n"
                 "cat scale/replies/00$n.md\n");
  const auto terminal = AtTerminal(
      "exec caesar run scale --provider command --command 'cat > /dev/null; sh model.sh' "
      "--rounds 2 --feedback all,human --out R");
  EXPECT_EQ(terminal->Wait(), 0) << terminal->screen();
  EXPECT_HAS_NOT(terminal->screen(), "Your feedback");
  EXPECT_HAS(Text("round_002/prompt.md"), "says:\n\nWords of a script on round 1.\n");
  EXPECT_EQ(Text("round_001/human.md"), "Words of a script on round 1.\n");
  EXPECT_EQ(machine_.Read("R/scale/sample_0000/journal.jsonl").find("human.md"), std::string::npos)
      << "it may be changed";
}

}  // namespace
}  // namespace caesar
