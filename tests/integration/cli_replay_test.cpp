// The real program replays what it has recorded: without a model, a key or a price.
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

const std::vector<std::string>& Story() {
  static const std::vector<std::string> story = {
      ReplyOf("nvcc: error"), "I would rather write a poem.", ReplyOf("judge: measure 30 60"),
      ReplyOf("judge: check wrong"), ReplyOf("judge: measure 20 60")};
  return story;
}

class CliReplay : public testing::Test {
 protected:
  CliReplay() : model_(Story()) {}

  // A run R of five rounds with a model behind HTTP.
  void Record(const Words& more = {}) {
    Words words = {"run",        "scale", "--model", "m-1",      "--base-url",
                   model_.Url(), "--out", "R",       "--rounds", "5"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = machine_.Run(words);
    ASSERT_EQ(ended.code, 0) << ended;
  }
  Ended Replay(const std::string& out, const Words& more = {}) {
    Words words = {"run", "scale", "--provider", "replay", "--replies", "R", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return machine_.Run(words);
  }
  void ExpectSameRounds(const std::string& replayed, int rounds) {
    for (int round = 1; round <= rounds; ++round) {
      for (const char* file : {"prompt.md", "reply.md", "kernel.cu", "feedback.md"}) {
        const std::string path = Format("/scale/sample_0000/round_{:03}/{}", round, file);
        EXPECT_EQ(machine_.Read(replayed + path), machine_.Read("R" + path)) << path;
      }
    }
  }

  Machine machine_;
  ModelServer model_;
};

TEST_F(CliReplay, ARunIsRepeatedWithoutItsModelAndForNothing) {
  Record();
  model_.Forget();
  const Ended ended = Replay("S", {"--json"});
  ASSERT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(model_.asked(), std::vector<int>(5, 0));
  EXPECT_EQ(machine_.Steps("S/scale/sample_0000"), machine_.Steps());
  ExpectSameRounds("S", 5);
  const SampleResult result = machine_.Result(ended.out);
  EXPECT_EQ(result.rounds.size(), 5U) << "as many as there are replies";
  EXPECT_EQ(result.tokens.total(), 0);
  EXPECT_TRUE(result.tokens.priced);
  EXPECT_EQ(result.tokens.usd, 0);
  const Ended shown = machine_.Run({"show", "S"});
  EXPECT_HAS_NOT(shown.out, "USD");
  EXPECT_HAS_NOT(shown.out, "price");
  EXPECT_HAS(machine_.Run({"show", "R"}).out, "price not known") << "no list has it: not guessed";
}

TEST_F(CliReplay, AReplyThatWasCutOffIsCutOffAgain) {
  model_.server().Add(
      {LoopbackAction::Receive(), LoopbackAction::Send([] {
         const std::string body =
             R"({"choices":[{"message":{"content":"Let me"},"finish_reason":"length"}]})";
         return Format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
       }())});
  Record();
  ASSERT_HAS(machine_.Read("R/scale/sample_0000/round_001/feedback.md"), "cut off at the limit");
  ASSERT_EQ(Replay("S").code, 0);
  ExpectSameRounds("S", 5);
}

TEST_F(CliReplay, IsResumedFromAnotherFolder) {
  Record();
  machine_.JudgeScript("check error environment the cable is out\n");
  EXPECT_EQ(Replay("S").code, 3);
  machine_.JudgeScript("");
  // What has the name of the recorded run there is another one's.
  machine_.Shell("mkdir -p far/R/scale/sample_0000 && cp R/run.json far/R");
  machine_.Write("far/R/scale/sample_0000/round_001/reply.md", "I am the wrong one.");
  const Ended ended = machine_.Shell("cd far && caesar run ../scale --out ../S");
  EXPECT_EQ(ended.code, 0) << ended;
  ExpectSameRounds("S", 5);
}

TEST_F(CliReplay, ARunThatIsGoneIsNamed) {
  Record();
  machine_.JudgeScript("check error environment the cable is out\n");
  EXPECT_EQ(Replay("S").code, 3);
  machine_.JudgeScript("");
  machine_.Shell("mv R elsewhere");
  const Ended ended = machine_.Run({"run", "scale", "--out", "S"});
  EXPECT_EQ(ended.code, 2) << ended;
  EXPECT_HAS(ended.err, "There is no folder " + (machine_ / "R"));
  machine_.Shell("mv elsewhere R");
  EXPECT_EQ(machine_.Run({"run", "scale", "--out", "S"}).code, 0);
}

TEST_F(CliReplay, AGapIsAnErrorAndTheRestOfAnInterruptedRunIsNot) {
  Record();
  machine_.Shell("rm R/scale/sample_0000/round_005/reply.*");
  const Ended shorter = Replay("S", {"--json"});
  EXPECT_EQ(machine_.Result(shorter.out).rounds.size(), 4U) << shorter;
  machine_.Shell("rm R/scale/sample_0000/round_002/reply.md");
  const Ended gap = Replay("T");
  EXPECT_EQ(gap.code, 2) << gap;
  EXPECT_HAS(gap.err, "round_003/reply.md is there, but round 2 before it has no reply.md.");
  EXPECT_FALSE(machine_.Has("T"));
}

}  // namespace
}  // namespace caesar
