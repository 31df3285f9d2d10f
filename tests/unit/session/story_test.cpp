// Whole samples on fakes: what is asked, judged, written and told, for every way that a round can
// end.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "record/sample_result.h"
#include "session_fixture.h"

namespace caesar {
namespace {

using StepNames = std::vector<std::string>;

class Story : public SessionTest {};

TEST_F(Story, FromACompileErrorToAFasterKernel) {
  Machine machine(disk);
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(
      Steps(),
      (StepNames{"Start RoundOpened", "Generate Replied", "Compile CompileFailed",              //
                 "Start RoundOpened", "Generate Replied", "Compile Compiled", "Correct Wrong",  //
                 "Start RoundOpened", "Generate Replied", "Compile Compiled", "Correct Correct",
                 "Profile Measured",  //
                 "Start RoundOpened", "Generate Replied", "Compile Compiled", "Correct Correct",
                 "Profile Measured",  //
                 "Start RoundsUsedUp"}));
  EXPECT_EQ(result.value().finished_by, "RoundsUsedUp");
  EXPECT_TRUE(result.value().correct);
  EXPECT_EQ(result.value().best_round, 4);
  EXPECT_EQ(result.value().best_us, 20);
  EXPECT_DOUBLE_EQ(result.value().best_speedup->value, 2);
  EXPECT_EQ(result.value().tokens.total(), 480);
  EXPECT_EQ(result.value().device, "Fake H100");
  EXPECT_EQ(Text("best.cu"), Text("round_004/kernel.cu"));
  EXPECT_EQ(ParseSampleResult(Text("result.json")).value().best_round, 4);
  EXPECT_FALSE(Exists("round_001/reply.part"));
}

TEST_F(Story, EveryFileOfTheRoundsIsStampedAsItIs) {
  Machine machine(disk);
  ASSERT_TRUE(machine.Run().ok());
  std::map<std::string, FileStamp> stamps;
  for (const JournalLine& line : Lines()) {
    for (const auto& [name, stamp] : line.files)
      stamps[Format("round_{:03}/{}", line.round, name)] = stamp;
  }
  int files = 0;
  for (const auto& [path, content] : Content(disk)) {
    if (path.find("/round_") == std::string::npos) continue;
    const std::string name = path.substr(path.find("round_"));
    ASSERT_TRUE(stamps.contains(name)) << name;
    EXPECT_EQ(stamps[name].xxh, HashHex(content)) << name;
    EXPECT_EQ(stamps[name].bytes, content.size()) << name;
    ++files;
  }
  EXPECT_EQ(static_cast<std::size_t>(files), stamps.size());
  EXPECT_GE(files, 4 * 6);
}

TEST_F(Story, TheModelSeesWhatWasLearnt) {
  Machine machine(disk);
  ASSERT_TRUE(machine.Run().ok());
  ASSERT_EQ(machine.model.asked().size(), 4U);
  const auto prompt = [&](std::size_t i) { return machine.model.asked()[i].messages.at(0).text; };
  EXPECT_NE(prompt(0).find("Write y = 2 x."), std::string::npos);
  EXPECT_NE(prompt(0).find("Fake H100"), std::string::npos);
  EXPECT_NE(prompt(1).find("expected a \";\""), std::string::npos);
  EXPECT_NE(prompt(1).find("// kind: syntax error"), std::string::npos);
  EXPECT_NE(prompt(2).find(Text("round_002/feedback.md")), std::string::npos);
  EXPECT_EQ(prompt(2).find("// kind: syntax error"), std::string::npos) << "history: last";
  EXPECT_EQ(prompt(3), Text("round_004/prompt.md"));
  EXPECT_EQ(machine.model.asked()[3].round, 4);
}

TEST_F(Story, HistoryAllShowsEveryRoundAndBestTheBest) {
  Machine all(disk);
  all.spec.config.history = HistoryKind::kAll;
  ASSERT_TRUE(all.Run().ok());
  const std::string last = all.model.asked()[3].messages[0].text;
  for (const char* kind : {"// kind: syntax error", "// kind: wrong", "// kind: correct 30"}) {
    EXPECT_NE(last.find(kind), std::string::npos) << kind;
  }
  MemoryFiles other;
  Machine best(other);
  best.spec.config.history = HistoryKind::kBest;
  best.model.Reply(1, ReplyOf("correct 30"));
  best.model.Reply(2, ReplyOf("wrong"));
  ASSERT_TRUE(best.Run().ok());
  EXPECT_NE(best.model.asked()[2].messages[0].text.find("// kind: correct 30"), std::string::npos);
  EXPECT_EQ(best.model.asked()[2].messages[0].text.find("// kind: wrong"), std::string::npos);
}

TEST_F(Story, TheJudgeGetsReadyWhileTheModelAnswers) {
  Machine machine(disk);
  machine.OneRound("correct 30");
  machine.spec.config.timing.samples_min = 77;
  machine.spec.config.call_timeout_ms = 1234;
  machine.spec.config.sim_threads = 1;
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_EQ(machine.compiler.Count(Role::kReference), 1);
  EXPECT_EQ(machine.compiler.Count(Role::kBaseline), 1);
  EXPECT_EQ(machine.compiler.Count(Role::kCandidate), 1);
  ASSERT_EQ(machine.judge.Count("Warm"), 1);
  EXPECT_EQ(machine.judge.Count("Hello"), 1);
  EXPECT_NE(machine.judge.calls()[1].find("/reference"), std::string::npos);
  const JudgeRequest& request = machine.judge.last_request();
  EXPECT_TRUE(EndsWith(request.reference, "/reference"));
  EXPECT_TRUE(EndsWith(request.baseline, "/baseline"));
  EXPECT_TRUE(EndsWith(request.candidate, "/correct 30"));
  EXPECT_EQ(request.timing.samples_min, 77);
  EXPECT_EQ(request.call_timeout, Milliseconds(1234));
  EXPECT_EQ(request.sim_threads, 1);
  EXPECT_EQ(machine.compiler.requests()[0].arch, "sm_90a");
  const Verdict verdict = ParseVerdict(Text("round_001/verdict.json")).value();
  EXPECT_EQ(verdict.compile->registers, 32);
  EXPECT_EQ(verdict.timing->cold->median_us, 30);
}

TEST_F(Story, IsTimedBesideTheBestKernelSoFarAndReplacesItOnlyIfItImproved) {
  Machine machine(disk);
  machine.model.Reply(1, ReplyOf("unverified 10"));
  machine.model.Reply(2, ReplyOf("correct 30"));
  machine.model.Reply(3, ReplyOf("correct 29.9"));
  machine.model.Reply(4, ReplyOf("correct 20"));
  std::vector<std::string> bests;
  machine.judge.OnCall([&](const std::string& call) {
    if (call == "Check" && !machine.judge.last_request().candidate.empty())
      bests.push_back(machine.judge.last_request().best);
  });
  const SampleResult result = machine.Run().value();
  bests.push_back(machine.judge.last_request().best);
  ASSERT_EQ(bests.size(), 4u);
  EXPECT_EQ(bests[0], "") << "there was none";
  EXPECT_EQ(bests[1], "") << "a time that does not stand is nothing to compare with";
  EXPECT_TRUE(EndsWith(bests[2], "/correct 30"));
  EXPECT_TRUE(EndsWith(bests[3], "/correct 30")) << "the third was no better";
  EXPECT_EQ(result.best_round, 4);
  EXPECT_EQ(result.rounds[2].change, Change::kSame);
  EXPECT_EQ(result.rounds[3].change, Change::kImproved);
  EXPECT_NE(result.rounds[2].headline.find("as fast as the best"), std::string::npos);
  EXPECT_NE(machine.model.asked()[3].messages[0].text.find("as fast as the best so far (round 2)"),
            std::string::npos);
}

TEST_F(Story, TellsItsProgress) {
  Machine machine(disk);
  machine.OneRound("correct 30");
  ModelReply reply;
  reply.text = ReplyOf("correct 30");
  reply.reasoning = "Let me think.";
  reply.finish_reason = "stop";
  reply.tokens = {.input = 1000, .output = 204, .reported = true};
  reply.attempts = 2;
  machine.model.Answer(1, reply);
  machine.model.FailedAttempt("half a re");
  ASSERT_TRUE(machine.Run().ok());
  const StepNames expected = {"state Start 1/1",
                              "step Start --RoundOpened--> Generate",
                              "state Generate 1/1",
                              "reply 9 0",
                              "retry overloaded 500 2",
                              "reply 0 13",
                              Format("reply {} 13", reply.text.size() / 2),
                              Format("reply {} 13", reply.text.size()),
                              "step Generate --Replied--> Compile",
                              "state Compile 1/1",
                              "step Compile --Compiled--> Correct",
                              "state Correct 1/1",
                              "detail checking shape odd",
                              "step Correct --Correct--> Profile",
                              "state Profile 1/1",
                              "detail 30 samples",
                              "step Profile --Measured--> Start",
                              "state Start 1/1",
                              "step Start --RoundsUsedUp--> Finish"};
  EXPECT_EQ(machine.progress.events(), expected);
  EXPECT_EQ(machine.progress.steps()[1].headline, "1,204 tokens, 2 attempts");
  EXPECT_EQ(machine.progress.steps()[4].headline, "30 us, 1.33x (1.31-1.36)");
  EXPECT_EQ(machine.progress.steps()[4].tokens.total(), 1204);
  EXPECT_EQ(Text("round_001/reply.md"), reply.text) << "without the failed attempt";
  EXPECT_EQ(Text("round_001/reasoning.md"), "Let me think.");
}

struct Ending {
  const char* kind;
  const char* last_step;
  bool correct;
};

class Endings : public SessionTest, public testing::WithParamInterface<Ending> {};

TEST_P(Endings, EndTheRoundWithFeedback) {
  Machine machine(disk);
  machine.OneRound(GetParam().kind);
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  const auto steps = Steps();
  EXPECT_EQ(steps[steps.size() - 2], GetParam().last_step);
  EXPECT_EQ(result.value().correct, GetParam().correct);
  EXPECT_EQ(Exists("best.cu"), GetParam().correct);
  EXPECT_FALSE(Text("round_001/feedback.md").empty());
  EXPECT_FALSE(result.value().rounds.at(0).headline.empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, Endings,
                         testing::Values(Ending{"syntax error", "Compile CompileFailed", false},
                                         Ending{"endless templates", "Compile CompileTimedOut",
                                                false},
                                         Ending{"wrong", "Correct Wrong", false},
                                         Ending{"crashed", "Correct Crashed", false},
                                         Ending{"timed out", "Correct TimedOut", false},
                                         Ending{"cheated", "Correct Cheated", false},
                                         Ending{"wrong later", "Profile Wrong", false},
                                         Ending{"crashed later", "Profile Crashed", false},
                                         Ending{"timed out later", "Profile TimedOut", false},
                                         Ending{"cheated later", "Profile Cheated", false},
                                         Ending{"ambiguous", "Profile Ambiguous", true},
                                         Ending{"untimed", "Profile ProfileFailed", true},
                                         Ending{"unverified 10", "Profile Measured", true},
                                         Ending{"correct 30", "Profile Measured", true}));

TEST_F(Story, AReplyWithoutCodeEndsTheRound) {
  Machine machine(disk);
  machine.spec.config.rounds = 2;
  ModelReply reply;
  reply.text = "I would rather not write code.";
  reply.finish_reason = "length";
  machine.model.Answer(1, reply);
  machine.model.Reply(2, ReplyOf("correct 30"));
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_EQ(Steps()[1], "Generate NoCode");
  EXPECT_NE(Text("round_001/feedback.md").find("cut off"), std::string::npos);
  EXPECT_FALSE(Exists("round_001/kernel.cu"));
  EXPECT_NE(machine.model.asked()[1].messages[0].text.find(Text("round_001/feedback.md")),
            std::string::npos);
}

TEST_F(Story, ARefusalFinishesTheSample) {
  Machine machine(disk);
  machine.model.Answer(1, ModelRefused{"against the\npolicy", {.input = 9, .reported = true}});
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().finished_by, "Refused");
  EXPECT_EQ(result.value().tokens.total(), 9);
  EXPECT_EQ(result.value().rounds.at(0).headline, "against the policy");
  EXPECT_FALSE(Exists("round_001/reply.part"));
}

TEST_F(Story, FinishesAtTheTarget) {
  Machine machine(disk);
  machine.spec.config.target_speedup = 1.2;
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().finished_by, "TargetReached");
  EXPECT_TRUE(result.value().target_met);
  EXPECT_EQ(result.value().rounds.size(), 3U);
}

TEST_F(Story, FinishesOnAPlateauAndWithoutBudget) {
  Machine machine(disk);
  machine.spec.config.rounds = 9;
  machine.spec.config.patience = 2;
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().finished_by, "Plateaued");
  EXPECT_EQ(result.value().rounds.size(), 6U);

  MemoryFiles other;
  Machine poor(other);
  poor.spec.config.budget_tokens = 240;
  EXPECT_EQ(poor.Run().value().finished_by, "BudgetSpent");
  EXPECT_EQ(poor.model.asked().size(), 2U);
}

TEST_F(Story, TableCompileNeedsNoDeviceAndNoJudge) {
  Machine machine(disk);
  machine.spec.config.table = TableName::kCompile;
  machine.spec.config.rounds = 3;
  machine.judge.Fail("Hello", {ErrorCode::kEnvironment, "no GPU was found", ""});
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(Steps(),
            (StepNames{"Start RoundOpened", "Generate Replied", "Compile CompileFailed",  //
                       "Start RoundOpened", "Generate Replied", "Compile Compiled",       //
                       "Start RoundOpened", "Generate Replied", "Compile Compiled",
                       "Start RoundsUsedUp"}));
  EXPECT_FALSE(result.value().correct);
  EXPECT_EQ(result.value().device, "");
  EXPECT_EQ(machine.compiler.requests()[0].arch, "sm_90a");
  EXPECT_EQ(machine.compiler.Count(Role::kReference), 0);
  EXPECT_EQ(machine.judge.calls().size(), 1U);
  EXPECT_NE(machine.model.asked()[2].messages[0].text.find("The code compiled. It was not run."),
            std::string::npos);
}

TEST_F(Story, TableReflectEvaluatesTheLastRoundAlone) {
  Machine machine(disk);
  machine.spec.config.table = TableName::kReflect;
  machine.spec.config.rounds = 3;
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(Steps(), (StepNames{"Start RoundOpened", "Generate ReplyKept", "Start RoundOpened",
                                "Generate ReplyKept", "Start RoundOpened", "Generate Replied",
                                "Compile Compiled", "Correct Correct", "Profile Measured",
                                "Start RoundsUsedUp"}));
  EXPECT_EQ(machine.compiler.Count(Role::kCandidate), 1);
  EXPECT_EQ(machine.compiler.Count(Role::kReference), 1);
  EXPECT_NE(machine.model.asked()[1].messages[0].text.find("// kind: syntax error"),
            std::string::npos);
  EXPECT_EQ(result.value().best_round, 3);
}

TEST_F(Story, FeedbackThatIsSwitchedOffIsReplacedByANeutralSentence) {
  Machine machine(disk);
  machine.spec.config.feedback = {.compile = false, .correct = false, .timing = false};
  ASSERT_TRUE(machine.Run().ok());
  EXPECT_EQ(Text("round_001/feedback.md"), "The code did not compile.\n");
  EXPECT_EQ(Text("round_002/feedback.md"), "The code compiled, but its result was not accepted.\n");
  EXPECT_EQ(Text("round_003/feedback.md").find("30"), std::string::npos);
  EXPECT_NE(Text("round_001/compile.log").find("expected a"), std::string::npos)
      << "the log is kept all the same";
}

TEST_F(Story, WithoutADeviceItStopsAtCorrectAndGoesOnWhereThereIsOne) {
  Machine machine(disk);
  machine.OneRound("correct 30");
  machine.judge.Fail("Hello",
                     {ErrorCode::kEnvironment, "no GPU was found", "Use a machine with one."});
  const auto stopped = machine.Run();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(stopped.error().message,
            "the kernel of round 1 compiled, but checking it needs a device: no GPU was found");
  EXPECT_EQ(Steps(), (StepNames{"Start RoundOpened", "Generate Replied", "Compile Compiled"}));

  Machine later(disk);
  later.OneRound("correct 30");
  const auto result = later.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_TRUE(result.value().correct);
  EXPECT_EQ(result.value().device, "Fake H100");
  EXPECT_TRUE(later.model.asked().empty());
}

}  // namespace
}  // namespace caesar
