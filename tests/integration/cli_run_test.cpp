// Whole sessions of the real program: every table, every outcome, every exit code, what is printed
// and what is on disk. Model, nvcc and judge are stand-ins behind HTTP, CAESAR_NVCC and
// CAESAR_JUDGE.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cstdlib>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"
#include "record/verdict.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSample = "R/scale/sample_0000/";

// Four replies that tell a story.
std::vector<std::string> Story() {
  return {ReplyOf("nvcc: error"), ReplyOf("judge: check wrong"), ReplyOf("judge: measure 30 60"),
          ReplyOf("judge: measure 20 60")};
}

class CliRun : public testing::Test {
 protected:
  // `caesar run scale --out R` with replayed replies and more words.
  Ended Replay(const std::vector<std::string>& replies, const Words& more = {}) {
    machine_.Replies(replies);
    Words words = {"run",   "scale", "--provider", "replay",
                   "--out", "R",     "--rounds",   std::to_string(replies.size())};
    words.insert(words.end(), more.begin(), more.end());
    return machine_.Run(words);
  }
  // One round whose kernel says that about itself: the outcome that ended it.
  std::string OutcomeOf(const std::string& kernel_says, int code) {
    machine_.Shell("rm -rf R");
    const Ended ended = Replay({ReplyOf(kernel_says)});
    EXPECT_EQ(ended.code, code) << ended;
    const Words steps = machine_.Steps();
    return steps.size() < 2 ? "" : steps[steps.size() - 2];
  }

  Machine machine_;
};

TEST_F(CliRun, AWholeStoryOverHttp) {
  ModelServer model(Story());
  const Ended ended = machine_.Run(
      {"run", "scale", "--model", "m", "--base-url", model.Url(), "--out", "R", "--rounds", "4"});
  ASSERT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(model.asked(), (std::vector<int>{1, 1, 1, 1}));
  EXPECT_EQ(machine_.Steps(),
            (Words{"Start RoundOpened", "Generate Replied", "Compile CompileFailed",
                   "Start RoundOpened", "Generate Replied", "Compile Compiled", "Correct Wrong",
                   "Start RoundOpened", "Generate Replied", "Compile Compiled", "Correct Correct",
                   "Profile Measured", "Start RoundOpened", "Generate Replied", "Compile Compiled",
                   "Correct Correct", "Profile Measured", "Start RoundsUsedUp"}));

  // The final table on standard output, the steps on standard error.
  EXPECT_HAS(ended.out, "scale on Scripted GPU: 4 rounds, all rounds were used");
  EXPECT_HAS(ended.out, "CompileFailed");
  EXPECT_HAS(ended.out, "3 of 64 wrong on shape bench");
  EXPECT_HAS(ended.out, "best:   round 4, 20.00 us, 3.00x");
  EXPECT_HAS(ended.out, "R/scale/sample_0000/best.cu");
  EXPECT_HAS(ended.out, "tokens: 400 in, 200 out");
  EXPECT_EQ(ended.err.rfind("scale run directory: R (to resume: caesar run scale --out R)", 0), 0U)
      << ended;
  EXPECT_HAS(ended.err, "scale [1/4] Generate  Replied");
  EXPECT_HAS(ended.err, "[1/4] Compile   CompileFailed");
  EXPECT_HAS(ended.err, "[4/4] Profile   Measured");
  EXPECT_HAS_NOT(ended.err, "\x1b");

  // What the rounds taught is in the next prompts.
  EXPECT_HAS(machine_.Read(std::string(kSample) + "round_002/prompt.md"),
             "error: expected a \";\"");
  EXPECT_HAS(machine_.Read(std::string(kSample) + "round_001/prompt.md"), "Scripted GPU");
  EXPECT_HAS(machine_.Read(std::string(kSample) + "round_004/prompt.md"), "30.00 us");
}

TEST_F(CliRun, TheRunDirectoryHoldsEverything) {
  ASSERT_EQ(Replay(Story()).code, 0);
  const std::map<int, Words> expected = {
      {1, {"compile.log", "feedback.md", "kernel.cu", "prompt.md", "reply.json", "reply.md"}},
      {2,
       {"compile.log", "feedback.md", "kernel.cu", "prompt.md", "reply.json", "reply.md",
        "verdict.json"}},
      {4,
       {"checked.json", "compile.log", "feedback.md", "kernel.cu", "prompt.md", "reply.json",
        "reply.md", "verdict.json"}}};
  for (const auto& [round, files] : expected) {
    Words found;
    for (const auto& entry :
         fs::directory_iterator(machine_ / Format("{}round_{:03}", kSample, round)))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, files) << "round " << round;
  }
  EXPECT_TRUE(machine_.Has("R/run.json"));
  EXPECT_TRUE(machine_.Has(std::string(kSample) + "result.json"));
  EXPECT_EQ(machine_.Read(std::string(kSample) + "best.cu"),
            machine_.Read(std::string(kSample) + "round_004/kernel.cu"));
  EXPECT_EQ(machine_.Read(std::string(kSample) + "round_003/reply.md"), Story()[2]);
  for (const JournalLine& line : machine_.Journal()) {
    for (const auto& [name, stamp] : line.files) {
      const std::string path = Format("{}round_{:03}/{}", kSample, line.round, name);
      // A later step of the round may have written verdict.json again.
      if (name == "verdict.json") continue;
      EXPECT_EQ(machine_.Read(path).size(), stamp.bytes) << path;
    }
  }
  EXPECT_HAS(machine_.Read(std::string(kSample) + "journal.jsonl"), R"({"v":1,"seq":1,"utc":"20)");
}

TEST_F(CliRun, EveryOutcomeEndsItsRound) {
  EXPECT_EQ(OutcomeOf("nvcc: error", 1), "Compile CompileFailed");
  for (const auto& [word, name] : std::map<std::string, std::string>{{"wrong", "Wrong"},
                                                                     {"crashed", "Crashed"},
                                                                     {"timed_out", "TimedOut"},
                                                                     {"cheated", "Cheated"}}) {
    EXPECT_EQ(OutcomeOf("judge: check " + word, 1), "Correct " + name);
    // Not a win, although it passed once.
    EXPECT_EQ(OutcomeOf("judge: measure " + word, 1), "Profile " + name);
  }
  EXPECT_EQ(OutcomeOf("judge: measure ambiguous", 0), "Profile Ambiguous");
  EXPECT_EQ(OutcomeOf("judge: measure untimed", 0), "Profile ProfileFailed");
  EXPECT_EQ(OutcomeOf("judge: measure 20 40", 0), "Profile Measured");
}

TEST_F(CliRun, ACompilerThatIsTooSlowIsAnOutcome) {
  const Ended ended = Replay({ReplyOf("nvcc: hang")}, {"--compile-timeout", "200ms"});
  EXPECT_EQ(ended.code, 1) << ended;
  EXPECT_EQ(machine_.Steps()[2], "Compile CompileTimedOut");
  EXPECT_HAS(machine_.Read(std::string(kSample) + "round_001/feedback.md"), "0.2 s");
}

TEST_F(CliRun, ReplyWithoutCodeIsAnOutcomeWithFeedback) {
  const Ended ended = Replay({"I would rather not.", "", ReplyOf("")});
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(machine_.Steps()[1], "Generate NoCode");
  EXPECT_EQ(machine_.Steps()[3], "Generate NoCode");
  EXPECT_HAS(machine_.Read(std::string(kSample) + "round_002/prompt.md"), "solve");
  EXPECT_EQ(RoundOf(machine_.Read(std::string(kSample) + "round_002/prompt.md")), 2);
}

TEST_F(CliRun, AModelThatRefusesEndsTheSample) {
  LoopbackServer server;
  server.AddResponse(400,
                     R"({"error":{"message":"no weapons","code":"content_policy_violation"}})");
  const Ended ended =
      machine_.Run({"run", "scale", "--model", "m", "--base-url", server.Url("/v1"), "--out", "R"});
  EXPECT_EQ(ended.code, 1) << ended;
  EXPECT_EQ(machine_.LastStep(), "Generate Refused");
  EXPECT_HAS(ended.out, "the model refused");
  EXPECT_HAS(ended.out, "no weapons");
}

TEST_F(CliRun, TableCompileNeverNeedsAJudge) {
  const Ended ended = Replay({ReplyOf("nvcc: error"), ReplyOf("")}, {"--table", "compile"});
  EXPECT_EQ(
      machine_.Steps(),
      (Words{"Start RoundOpened", "Generate Replied", "Compile CompileFailed", "Start RoundOpened",
             "Generate Replied", "Compile Compiled", "Start RoundsUsedUp"}));
  EXPECT_EQ(machine_.Judged("check"), 0);
  EXPECT_EQ(ended.code, 1) << "nothing was proved to be correct\n" << ended;
}

TEST_F(CliRun, TableReflectEvaluatesTheLastRoundOnly) {
  const Ended ended = Replay({ReplyOf("nvcc: error"), ReplyOf("judge: check wrong"), ReplyOf("")},
                             {"--table", "reflect"});
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(machine_.Steps(), (Words{"Start RoundOpened", "Generate ReplyKept", "Start RoundOpened",
                                     "Generate ReplyKept", "Start RoundOpened", "Generate Replied",
                                     "Compile Compiled", "Correct Correct", "Profile Measured",
                                     "Start RoundsUsedUp"}));
}

TEST_F(CliRun, ATargetEndsTheSampleAndDecidesTheExitCode) {
  const Ended met = Replay(Story(), {"--target-speedup", "1.5"});
  EXPECT_EQ(met.code, 0) << met;
  EXPECT_EQ(machine_.LastStep(), "Start TargetReached");
  EXPECT_HAS(met.out, "3 rounds, the target speed-up was reached");
  machine_.Shell("rm -rf R");
  const Ended missed = Replay(Story(), {"--target-speedup", "9"});
  EXPECT_EQ(missed.code, 1) << missed;
}

TEST_F(CliRun, PatienceAndBudgetEndTheSample) {
  EXPECT_EQ(Replay({ReplyOf("judge: measure 20 40"), ReplyOf("judge: measure 21 40"),
                    ReplyOf("judge: measure 22 40"), ReplyOf("")},
                   {"--patience", "2"})
                .code,
            0);
  EXPECT_EQ(machine_.LastStep(), "Start Plateaued");
  machine_.Shell("rm -rf R");
  ModelServer model(Story());
  EXPECT_EQ(machine_
                .Run({"run", "scale", "--model", "m", "--base-url", model.Url(), "--out", "R",
                      "--budget-tokens", "300"})
                .code,
            1);
  EXPECT_EQ(machine_.LastStep(), "Start BudgetSpent");
  EXPECT_EQ(model.asked(), (std::vector<int>{1, 1, 0, 0}));
}

TEST_F(CliRun, AnUnverifiedTimeIsNoWin) {
  const Ended ended =
      Replay({ReplyOf("judge: measure 1 60 unverified")}, {"--target-speedup", "2"});
  EXPECT_EQ(ended.code, 1) << ended;
  EXPECT_HAS(ended.out, "time unverified: no win");
}

TEST_F(CliRun, JsonIsAloneOnStandardOutput) {
  const Ended ended = Replay(Story(), {"--json", "-q"});
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(ended.err, "");
  const SampleResult result = machine_.Result(ended.out);
  EXPECT_EQ(result.best_round, 4);
  EXPECT_EQ(result.best_us, 20);
  EXPECT_EQ(result.device, "Scripted GPU");
  ASSERT_EQ(result.rounds.size(), 4U);
  EXPECT_EQ(result.rounds[1].outcome, "Wrong");
  EXPECT_NEAR(result.rounds[3].speedup.value().value, 3, 1e-9);
}

TEST_F(CliRun, AFinishedSamplePrintsItsSummaryAgainAndAsksNobody) {
  const Ended first = Replay(Story());
  const std::string journal = machine_.Read(std::string(kSample) + "journal.jsonl");
  const int hellos = machine_.Judged("hello");
  machine_.Set("CAESAR_NVCC", "/nowhere");
  const Ended again = machine_.Run({"run", "scale", "--out", "R"});
  EXPECT_EQ(again.code, 0) << again;
  EXPECT_EQ(again.out, first.out);
  EXPECT_EQ(machine_.Read(std::string(kSample) + "journal.jsonl"), journal);
  EXPECT_EQ(machine_.Judged("hello"), hellos);
}

TEST_F(CliRun, AnEarlierRunCanBeReplayed) {
  ASSERT_EQ(Replay(Story()).code, 0);
  const Ended ended = machine_.Run({"run", "scale", "--provider", "replay", "--replies",
                                    "R/scale/sample_0000", "--out", "S", "--rounds", "4"});
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(machine_.Steps("S/scale/sample_0000"), machine_.Steps());
}

TEST_F(CliRun, WithoutOutTheFirstAndTheLastLineSayWhere) {
  machine_.Replies({ReplyOf("")});
  const Ended ended = machine_.Run({"run", "scale", "--provider", "replay", "--rounds", "1"});
  ASSERT_EQ(ended.code, 0) << ended;
  const std::string start = "scale run directory: runs/20";
  EXPECT_EQ(ended.err.rfind(start, 0), 0U) << ended;
  EXPECT_GT(ended.err.rfind(start), 0U) << ended;
  EXPECT_TRUE(fs::is_directory(machine_ / "runs"));
}

TEST_F(CliRun, ShowPrintsTheRunAndItsRounds) {
  ASSERT_EQ(Replay(Story()).code, 0);
  const Ended run = machine_.Run({"show", "R"});
  EXPECT_EQ(run.code, 0) << run;
  EXPECT_HAS(run.out, "best:   round 4, 20.00 us, 3.00x");
  const Ended round = machine_.Run({"show", "R", "--round", "2"});
  EXPECT_EQ(round.code, 0) << round;
  for (const char* part : {"=== prompt.md ===", "=== reply.md ===", "=== kernel.cu ===",
                           "// judge: check wrong", "=== verdict ===", "=== feedback.md ==="})
    EXPECT_HAS(round.out, part);
  EXPECT_EQ(machine_.Result(machine_.Run({"show", "R", "--json"}).out).best_round, 4);
  const Ended none = machine_.Run({"show", "R", "--round", "9"});
  EXPECT_EQ(none.code, 2);
  EXPECT_HAS(none.err, "has no round 9");
}

TEST_F(CliRun, EvalJudgesOneKernel) {
  machine_.Write("k.cu", KernelOf("judge: measure 25 50"));
  const Ended good = machine_.Run({"eval", "scale", "k.cu"});
  EXPECT_EQ(good.code, 0) << good;
  EXPECT_HAS(good.out, "2.00x");
  const Ended json = machine_.Run({"eval", "scale", "k.cu", "--json"});
  const auto verdict = ParseVerdict(json.out);
  ASSERT_TRUE(verdict.ok()) << json;
  EXPECT_EQ(verdict.value().timing->cold->median_us, 25);
  EXPECT_TRUE(verdict.value().compile->cached);

  const Ended wrong =
      machine_.Run({"eval", "scale", "-", "--json"}, KernelOf("judge: check wrong"));
  EXPECT_EQ(wrong.code, 1) << wrong;
  EXPECT_EQ(ParseVerdict(wrong.out).value().kind, VerdictKind::kWrong);
  const Ended broken = machine_.Run({"eval", "scale", "-"}, KernelOf("nvcc: error"));
  EXPECT_EQ(broken.code, 1) << broken;
  EXPECT_HAS(broken.out, "expected a \";\"");
  const Ended missing = machine_.Run({"eval", "scale", "none.cu"});
  EXPECT_EQ(missing.code, 2) << missing;
  EXPECT_HAS(missing.err, "cannot read none.cu: No such file");
}

TEST_F(CliRun, DoctorFindsTheScriptedDevice) {
  const Ended ended = machine_.Run({"doctor"});
  EXPECT_HAS(ended.out, "Scripted GPU, sm_90a (132 SMs");
  EXPECT_HAS(ended.out, "13.0.88");
}

// Whether the system gives out pseudo-terminals: a chroot without /dev/pts does not.
bool HasTerminals() {
  const int leader = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (leader < 0) return false;
  const char* name =
      ::grantpt(leader) == 0 && ::unlockpt(leader) == 0 ? ::ptsname(leader) : nullptr;
  const int follower = name != nullptr ? ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
  ::close(leader);
  if (follower < 0) return false;
  ::close(follower);
  return true;
}

// In a terminal that script(1) makes; `screen` is what it showed.
TEST_F(CliRun, ATerminalHasALiveStatusLine) {
  if (!fs::exists("/usr/bin/script"))
    GTEST_SKIP() << "script(1), which makes a terminal, is missing";
  if (!HasTerminals()) GTEST_SKIP() << "no pseudo-terminals here (is /dev/pts mounted?)";
  ModelServer model(Story());
  model.server().Add({LoopbackAction::Receive(), LoopbackAction::Await(),
                      LoopbackAction::Send(ModelServer::Stream(Story()[0]))});
  machine_.Write("run.sh",
                 Format("script -qefc 'caesar run scale --model m --base-url {} --out R' screen\n",
                        model.Url()));
  machine_.Set("TERM", "xterm");
  Running running = machine_.StartShell("sh run.sh");
  EXPECT_TRUE(Eventually([&] {
    return machine_.Read("screen").find("\rscale [1/4] Generate  ") != std::string::npos;
  }));
  model.server().Continue();
  EXPECT_EQ(running.Wait().code, 0);
  const std::string screen = machine_.Read("screen");
  EXPECT_HAS(screen, "\x1b[K");
  EXPECT_HAS(screen, "tokens so far)");
  EXPECT_HAS(screen, "best:   \x1b[32mround 4");

  machine_.Shell("rm -rf R");
  machine_.Set("NO_COLOR", "1");
  EXPECT_EQ(machine_.Shell("sh run.sh").code, 0);
  EXPECT_HAS(machine_.Read("screen"), "best:   round 4");
  machine_.Shell("rm -rf R");
  machine_.Set("TERM", "dumb");
  EXPECT_EQ(machine_.Shell("sh run.sh").code, 0);
  EXPECT_HAS_NOT(machine_.Read("screen"), "\x1b");
}

TEST_F(CliRun, TheCommandsThatOnlyLook) {
  const Ended list = machine_.Run({"problem", "list"});
  EXPECT_EQ(list.code, 0) << list;
  for (const char* name : {"matmul", "relu", "softmax", "vector_add"}) EXPECT_HAS(list.out, name);
  EXPECT_HAS(machine_.Run({"problem", "show", "softmax"}).out, "extern \"C\" void");
  ASSERT_EQ(Replay(Story()).code, 0);
  EXPECT_HAS(machine_.Run({"cache", "info"}).out, "objects: ");
  EXPECT_EQ(machine_.Run({"cache", "clear"}).code, 0);
  EXPECT_HAS(machine_.Run({"cache", "info"}).out, "objects: 0");
}

// A judge that dies is started again, once.
TEST_F(CliRun, AJudgeThatDiesIsStartedAgain) {
  const Ended ended = Replay({ReplyOf("judge: check die_once correct")});
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(machine_.Judged("check"), 2);
  EXPECT_EQ(machine_.LastStep(), "Start RoundsUsedUp");
}

}  // namespace
}  // namespace caesar
