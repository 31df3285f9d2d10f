// `caesar run --feedback ...,human` on fakes: a person at the terminal between two rounds.
#include <gtest/gtest.h>

#include "base/strings.h"
#include "cli/terminal_reviewer.h"
#include "cli_world.h"

namespace caesar {
namespace {

constexpr const char* kSample = "/runs/r/vector_add/sample_0000/";

std::string OneLineTooLong() { return std::string(kHumanBytesMax, 'x'); }

class ReviewTest : public testing::Test {
 protected:
  int Run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"run",        "vector_add", "--provider", "replay",
                                      "--out",      "/runs/r",    "--rounds",   "2",
                                      "--feedback", "all,human"};
    words.insert(words.end(), more.begin(), more.end());
    return world_.Run(words);
  }
  std::string Text(const std::string& file) {
    const auto text = world_.files.Read(kSample + file, 1 << 20);
    return text.ok() ? text.value() : "(none)";
  }
  bool ErrHas(const std::string& part) const {
    return world_.err.text.find(part) != std::string::npos;
  }

  CliWorld world_;
};

TEST_F(ReviewTest, AsksOnStandardErrorBetweenRounds) {
  world_.keyboard.answers = {{"Use float4.\nAnd fewer registers.\n"}};
  ASSERT_EQ(Run(), 0) << world_.err.text;
  EXPECT_EQ(world_.keyboard.reads, 1);
  EXPECT_EQ(world_.keyboard.discards, 1) << "what was typed before is no answer";
  EXPECT_TRUE(ErrHas("\nRound 1 of 2: Measured, 100 us")) << world_.err.text;
  EXPECT_TRUE(
      ErrHas("\nIts files are in /runs/r/vector_add/sample_0000/round_001\n"
             "Your feedback on round 1, ended by an empty line or Ctrl-D (empty: none):\n"))
      << world_.err.text;
  EXPECT_EQ(Text("round_001/human.md"), "Use float4.\nAnd fewer registers.\n");
  EXPECT_NE(Text("round_002/prompt.md").find("Use float4.\nAnd fewer registers."),
            std::string::npos);
  EXPECT_EQ(Text("round_002/human.md"), "(none)") << "not after the last round";
  EXPECT_EQ(world_.out.text.find("Your feedback"), std::string::npos);
}

TEST_F(ReviewTest, AlsoWithJsonAndQuietly) {
  world_.keyboard.answers = {{""}};
  ASSERT_EQ(Run({"--json", "-q"}), 0) << world_.err.text;
  EXPECT_TRUE(ErrHas("Your feedback on round 1"));
  EXPECT_EQ(Text("round_001/human.md"), "");
  EXPECT_TRUE(ParseSampleResult(world_.out.text).ok()) << world_.out.text;
}

TEST_F(ReviewTest, WithoutATerminalItGoesOn) {
  world_.keyboard.attended = false;
  ASSERT_EQ(Run(), 0) << world_.err.text;
  EXPECT_EQ(world_.keyboard.reads, 0);
  EXPECT_FALSE(ErrHas("Your feedback"));
  EXPECT_EQ(Text("round_001/human.md"), "(none)");
}

TEST_F(ReviewTest, AScriptsFileIsUsedInstead) {
  world_.File(std::string(kSample) + "round_001/human.md", "By a script.");
  ASSERT_EQ(Run(), 0) << world_.err.text;
  EXPECT_EQ(world_.keyboard.reads, 0);
  EXPECT_NE(Text("round_002/prompt.md").find("By a script."), std::string::npos);
}

TEST_F(ReviewTest, AnInterruptSaysHowToGoOnAndTheSameCommandAsksAgain) {
  world_.keyboard.on_read = [&] { world_.stop.Request(StopLevel::kAfterStep); };
  EXPECT_EQ(Run(), 130);
  EXPECT_TRUE(ErrHas("To resume: caesar run vector_add --out /runs/r")) << world_.err.text;
  EXPECT_EQ(Text("round_001/human.md"), "(none)");
}

TEST_F(ReviewTest, AnAnswerThatIsTooLongIsCutAloud) {
  world_.keyboard.answers = {{OneLineTooLong(), /*cut=*/true}};
  ASSERT_EQ(Run(), 0) << world_.err.text;
  EXPECT_TRUE(ErrHas("That is more than 65,536 bytes: the rest is left out.\n"));
  EXPECT_EQ(Text("round_001/human.md"), OneLineTooLong() + "\n");
}

TEST_F(ReviewTest, AKeyboardThatFailsStopsTheRun) {
  EXPECT_EQ(Run(), 3);
  EXPECT_TRUE(ErrHas("nobody types any more")) << world_.err.text;
  EXPECT_TRUE(ErrHas("To resume")) << world_.err.text;
}

TEST_F(ReviewTest, IsShownWithItsRound) {
  world_.keyboard.answers = {{"Use \x1b[31mfloat4.\n"}};
  ASSERT_EQ(Run(), 0) << world_.err.text;
  ASSERT_EQ(world_.Run({"show", "/runs/r", "--round", "1"}), 0);
  EXPECT_NE(world_.out.text.find("=== human.md ===\nUse float4.\n"), std::string::npos)
      << world_.out.text;
}

TEST(TerminalReviewer, KeepsTheLiveLineAwayWhileSomebodyTypes) {
  StringSink sink(/*is_terminal=*/true);
  FakeClock clock;
  Console console(sink, clock, {.live = true, .ticker = false, .name = ""});
  console.OnState("Start", 2, 4);
  FakeKeyboard keyboard;
  keyboard.answers = {{"Fine.\n"}};
  keyboard.on_read = [&] {
    EXPECT_TRUE(EndsWith(sink.text, "(empty: none):\n")) << sink.text;
    console.Tick();
    EXPECT_TRUE(EndsWith(sink.text, "(empty: none):\n")) << sink.text;
  };
  TerminalReviewer reviewer(&keyboard, sink, console);
  const auto said = reviewer.Review({.round = 1,
                                     .rounds = 4,
                                     .outcome = "Wrong",
                                     .headline = "y \x1b[2Jdiffers\nhere",
                                     .folder = "r"},
                                    {});
  ASSERT_TRUE(said.ok());
  EXPECT_EQ(said.value(), "Fine.\n");
  EXPECT_NE(sink.text.find("\r\x1b[K\nRound 1 of 4: Wrong, y differs here\n"), std::string::npos)
      << "erased, then asked: " << sink.text;
  console.Tick();
  EXPECT_TRUE(EndsWith(sink.text, "\x1b[K")) << "and it is back";
  EXPECT_EQ(reviewer.Review({}, {}).ok(), false) << "no answer is left";
  TerminalReviewer nobody(nullptr, sink, console);
  EXPECT_FALSE(nobody.Review({}, {}).value().has_value());
}

}  // namespace
}  // namespace caesar
