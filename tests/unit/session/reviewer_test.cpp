// What a person says of a round: asked for once, kept in human.md, shown to the model.
#include "session/reviewer.h"

#include <gtest/gtest.h>

#include "base/strings.h"
#include "killing_files.h"
#include "session_fixture.h"

namespace caesar {
namespace {

constexpr const char* kSays = "A person who looked at this attempt says:";

class HumanFeedbackTest : public SessionTest {
 protected:
  // A machine whose run listens to a person.
  struct Listening : Machine {
    explicit Listening(Files& disk) : Machine(disk) { spec.config.feedback.human = true; }
    std::vector<int> AskedRounds() const {
      std::vector<int> rounds;
      for (const RoundToReview& asked : reviewer.asked) rounds.push_back(asked.round);
      return rounds;
    }
    std::string Prompt(std::size_t i) const { return model.asked().at(i).messages.at(0).text; }
  };
  void Put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(disk.MakeFolders((kSample + path).substr(0, (kSample + path).rfind('/'))).ok());
    ASSERT_TRUE(disk.Write(kSample + path, text).ok());
  }
};

TEST_F(HumanFeedbackTest, IsAskedForAfterEveryRoundButTheLast) {
  Listening machine(disk);
  machine.reviewer.says = {{1, "Mind the semicolon.\n"}, {3, "Now use float4.\n"}};
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_EQ(machine.AskedRounds(), (std::vector<int>{1, 2, 3}));
  const RoundToReview& third = machine.reviewer.asked[2];
  EXPECT_EQ(third.rounds, 4);
  EXPECT_EQ(third.outcome, "Measured");
  EXPECT_NE(third.headline.find("30"), std::string::npos) << third.headline;
  EXPECT_EQ(third.folder, std::string(kSample) + "round_003");
  EXPECT_EQ(Text("round_001/human.md"), "Mind the semicolon.\n");
  EXPECT_EQ(Text("round_002/human.md"), "") << "nothing is an answer too";
  EXPECT_FALSE(Exists("round_004/human.md"));
  EXPECT_EQ(Text("round_001/feedback.md").find("semicolon"), std::string::npos);
}

TEST_F(HumanFeedbackTest, GoesToTheModelBehindTheRoundsOwn) {
  Listening machine(disk);
  machine.reviewer.says = {{1, "Mind the semicolon.\n"}, {3, "Now use float4.\n"}};
  ASSERT_TRUE(machine.Run().ok());
  const std::string second = machine.Prompt(1);
  const std::size_t feedback = second.find("The file does not compile");
  const std::size_t says = second.find(std::string(kSays) + "\n\nMind the semicolon.\n");
  const std::size_t turn = second.find("# Your turn");
  ASSERT_NE(says, std::string::npos) << second;
  EXPECT_LT(feedback, says);
  EXPECT_LT(says, turn);
  EXPECT_EQ(machine.Prompt(2).find(kSays), std::string::npos) << "nothing was said of round 2";
  EXPECT_NE(machine.Prompt(3).find("Now use float4."), std::string::npos);
  EXPECT_EQ(Text("round_004/prompt.md"), machine.Prompt(3)) << "what was quoted stays known";
}

TEST_F(HumanFeedbackTest, StaysWithItsAttemptInTheHistory) {
  Listening machine(disk);
  machine.spec.config.history = HistoryKind::kAll;
  machine.reviewer.says = {{1, "first words"}, {2, "second words"}};
  ASSERT_TRUE(machine.Run().ok());
  const std::string last = machine.Prompt(3);
  const std::size_t first = last.find("first words");
  const std::size_t second = last.find("second words");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(last.find("## Attempt of round 1"), first);
  EXPECT_LT(first, last.find("## Attempt of round 2"));
  EXPECT_LT(last.find("## Attempt of round 2"), second);
  EXPECT_LT(second, last.find("## Attempt of round 3"));
}

TEST_F(HumanFeedbackTest, AFileThatIsThereBeforeIsUsedAndNobodyAsked) {
  Listening machine(disk);
  machine.model.OnAsk([&](const ModelRequest& request) {
    if (request.round == 2) Put("round_002/human.md", "Written while round 2 ran.");
  });
  Put("round_001/human.md", "Written before the run.");
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_EQ(machine.AskedRounds(), std::vector<int>{3});
  EXPECT_NE(machine.Prompt(1).find("Written before the run."), std::string::npos);
  EXPECT_NE(machine.Prompt(2).find("Written while round 2 ran."), std::string::npos);
  EXPECT_EQ(Text("round_001/human.md"), "Written before the run.") << "not ours to change";
}

TEST_F(HumanFeedbackTest, WithoutTheChoiceNobodyIsAskedOrHeard) {
  Machine machine(disk);
  Put("round_001/human.md", "Written before the run.");
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_TRUE(machine.reviewer.asked.empty());
  EXPECT_EQ(machine.model.asked()[1].messages[0].text.find("Written before"), std::string::npos);
}

TEST_F(HumanFeedbackTest, WhereNobodyIsThereTheRunGoesOnAndKeepsNoAnswer) {
  Listening machine(disk);
  machine.reviewer.absent = true;
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_EQ(machine.AskedRounds(), (std::vector<int>{1, 2, 3}));
  for (const char* round : {"round_001", "round_002", "round_003"})
    EXPECT_FALSE(Exists(std::string(round) + "/human.md")) << "a person who comes may be asked";
}

TEST_F(HumanFeedbackTest, AnInterruptSavesTheRoundAndTheQuestionComesAgain) {
  Listening machine(disk);
  machine.reviewer.on_review = [&] { machine.stop.Request(StopLevel::kAfterStep); };
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(Steps().back(), "Compile CompileFailed");
  EXPECT_FALSE(Exists("round_001/human.md"));

  Listening again(disk);
  again.reviewer.says[1] = "Now I know.";
  ASSERT_TRUE(again.Run().ok());
  EXPECT_EQ(again.AskedRounds(), (std::vector<int>{1, 2, 3}));
  EXPECT_NE(again.Prompt(0).find("Now I know."), std::string::npos);
}

TEST_F(HumanFeedbackTest, WhoeverAnsweredIsNotAskedAgainByAResume) {
  bool killed = true;
  for (std::size_t i = 0; killed; ++i) {
    ASSERT_LT(i, 1000U);
    disk = MemoryFiles();
    KillingFiles killing(disk, i, /*torn=*/false);
    Listening machine(killing);
    machine.reviewer.says[1] = "Mind the semicolon.";
    killed = false;
    try {
      ASSERT_TRUE(machine.Run().ok());
    } catch (const Killed&) {
      killed = true;
    }
    SCOPED_TRACE(Format("killed in change {}", i));
    Listening resumed(disk);
    resumed.reviewer.says[1] = "Mind the semicolon.";
    ASSERT_TRUE(resumed.Run().ok());
    std::vector<int> asked = machine.AskedRounds();
    for (const int round : resumed.AskedRounds()) asked.push_back(round);
    EXPECT_EQ(asked, (std::vector<int>{1, 2, 3}));
    EXPECT_NE(Text("round_002/prompt.md").find("Mind the semicolon."), std::string::npos);
  }
}

TEST_F(HumanFeedbackTest, MayBeChangedAfterwards) {
  Listening machine(disk);
  machine.reviewer.says[1] = "first";
  machine.spec.config.history = HistoryKind::kAll;
  machine.model.OnAsk([&](const ModelRequest& request) {
    if (request.round == 3) machine.model.Fail({ErrorCode::kEnvironment, "unreachable", ""});
  });
  ASSERT_FALSE(machine.Run().ok());
  Put("round_001/human.md", "second thoughts");
  Listening again(disk);
  again.spec.config.history = HistoryKind::kAll;
  const auto result = again.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_NE(Text("round_004/prompt.md").find("second thoughts"), std::string::npos);
  EXPECT_EQ(Text("round_003/prompt.md").find("second thoughts"), std::string::npos);
}

TEST_F(HumanFeedbackTest, NobodyIsNoErrorButAFileThatCannotBeReadIsOne) {
  Listening machine(disk);
  World world{disk,          machine.clock, machine.model,    machine.compiler,
              machine.judge, TestPrompts(), machine.progress, StopToken(machine.stop),
              nullptr};
  ASSERT_TRUE(RunSample(machine.spec, world).ok()) << "nobody is no error";
  ASSERT_TRUE(disk.MakeFolders(std::string("runs/b/scale/sample_0000/round_001/human.md")).ok());
  machine.spec.run = "runs/b";
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kIo);
  EXPECT_NE(result.error().message.find("round_001/human.md"), std::string::npos);
}

}  // namespace
}  // namespace caesar
