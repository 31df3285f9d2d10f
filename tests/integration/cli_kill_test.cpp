// The real program, killed or interrupted: the same command goes on, ends as if nothing had
// happened, and asks for no reply again that had come completely.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;
using Action = LoopbackAction;

constexpr const char* kSample = "R/scale/sample_0000";

std::vector<std::string> Story() {
  return {ReplyOf("nvcc: error"), ReplyOf("judge: check wrong"), ReplyOf("judge: measure 30 60")};
}

// What does not depend on how long things took.
std::string Essence(const SampleResult& result) {
  std::string text = Format("{} {} {} {} {}\n", result.finished_by, result.best_round,
                            result.best_us, result.tokens.input, result.tokens.output);
  for (const RoundSummary& round : result.rounds)
    text += Format("{} {} {} {}\n", round.outcome, round.headline, round.median_us, round.verified);
  return text;
}

class CliKill : public testing::Test {
 protected:
  CliKill() : model_(Story()) {}

  Words Command() const {
    return {"run",   "scale", "--model",  "m", "--base-url", model_.Url(),
            "--out", "R",     "--rounds", "3", "--json"};
  }

  // Runs it undisturbed, and starts anew.
  void Expect() {
    const auto began = std::chrono::steady_clock::now();
    const Ended calm = machine_.Run(Command());
    calm_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  began);
    ASSERT_EQ(calm.code, 0) << calm;
    essence_ = Essence(machine_.Result(calm.out));
    steps_ = machine_.Steps();
    best_ = machine_.Read(std::string(kSample) + "/best.cu");
    Anew();
  }
  void Anew() {
    fs::remove_all(machine_ / "R");
    model_.Forget();
  }

  // Rounds whose reply is whole on disk.
  std::vector<int> Kept() const {
    std::vector<int> kept;
    for (int round = 1; round <= 3; ++round) {
      const std::string folder = Format("{}/round_{:03}/", kSample, round);
      if (machine_.Has(folder + "reply.json")) kept.push_back(round);
    }
    return kept;
  }

  // The same command again: same end, and nothing was lost.
  void ExpectResumes() {
    const std::vector<int> kept = Kept();
    const std::vector<int> before = model_.asked();
    const Ended ended = machine_.Run(Command());
    ASSERT_EQ(ended.code, 0) << ended;
    const std::vector<int> after = model_.asked();
    for (const int round : kept) {
      const auto i = static_cast<std::size_t>(round) - 1;
      EXPECT_EQ(after[i], before[i]) << "the reply of round " << round << " was paid for twice";
    }
    ExpectSameEnd(ended);
  }
  void ExpectSameEnd(const Ended& ended) {
    EXPECT_EQ(Essence(machine_.Result(ended.out)), essence_);
    EXPECT_EQ(machine_.Steps(), steps_);
    EXPECT_EQ(machine_.Read(std::string(kSample) + "/best.cu"), best_);
  }

  // Processes that work in a folder of this machine.
  int Processes(const std::string& folder = "") const {
    int count = 0;
    const std::string home = machine_ / folder;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::error_code error;
      const std::string cwd = fs::read_symlink(entry.path() / "cwd", error).string() + "/";
      if (!error && StartsWith(cwd, home)) ++count;
    }
    return count;
  }

  Machine machine_;
  ModelServer model_;
  std::chrono::microseconds calm_{0};  // how long an undisturbed run takes
  std::string essence_;
  Words steps_;
  std::string best_;
};

TEST_F(CliKill, AtEveryChangeOfAFile) {
  const char* asan = std::getenv("ASAN_OPTIONS");  // it wants to be the first library
  machine_.Set("ASAN_OPTIONS", Format("{}:verify_asan_link_order=0", asan == nullptr ? "" : asan));
  Expect();
  machine_.Set("LD_PRELOAD", CAESAR_KILL_SWITCH);
  machine_.Set("CAESAR_TEST_CHANGES", machine_ / "changes");
  ASSERT_EQ(machine_.Run(Command()).code, 0);
  const std::string log = machine_.Read("changes");
  const auto changes = static_cast<int>(Lines(log).size());
  ASSERT_GT(changes, 60) << log;
  int journal_lines = 0;
  for (int i = 1; i <= changes; ++i) {
    Anew();
    fs::remove(machine_ / "changes");
    machine_.Set("LD_PRELOAD", CAESAR_KILL_SWITCH);
    machine_.Set("CAESAR_TEST_KILL", std::to_string(i));
    const Ended killed = machine_.Run(Command());
    ASSERT_EQ(killed.signal, SIGKILL) << killed;
    const std::string made = machine_.Read("changes");
    const auto lines = Lines(made);
    const std::string last(lines.back());
    if (StartsWith(last, "fdatasync") && EndsWith(last, "journal.jsonl")) ++journal_lines;
    machine_.Unset("LD_PRELOAD");
    SCOPED_TRACE(Format("killed in change {}: {}", i, last));
    ExpectResumes();
    if (HasFailure()) return;
  }
  EXPECT_EQ(journal_lines, static_cast<int>(steps_.size())) << "each step of the journal";
}

TEST_F(CliKill, AgainAndAgainAtRandom) {
  Expect();
  std::mt19937 random(20260131);
  int kills = 0;
  while (kills < 30) {
    Anew();
    for (bool finished = false; !finished; ++kills) {
      ASSERT_LT(kills, 1000);
      Running running = machine_.Start(Command());
      std::this_thread::sleep_for(calm_ * static_cast<int>(random() % 100) / 100);
      running.Signal(SIGKILL);
      const Ended ended = running.Wait();
      finished = machine_.Has(std::string(kSample) + "/result.json");
      if (ended.signal == SIGKILL) continue;
      ASSERT_EQ(ended.code, 0) << ended;
    }
    ExpectResumes();
    for (const int asked : model_.asked()) EXPECT_GE(asked, 1);
  }
}

// A child that was just forked has the lock of its parent's sample until it runs another program.
TEST_F(CliKill, TheLockOfAKilledProcessIsWaitedFor) {
  Expect();
  machine_.JudgeScript("check error environment the cable is out\n");
  ASSERT_EQ(machine_.Run(Command()).code, 3);
  machine_.JudgeScript("");
  const int lock =
      ::open((machine_ / (std::string(kSample) + "/lock")).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  Running running = machine_.Start(Command());
  EXPECT_TRUE(Eventually([&] { return running.err().find("run directory") != std::string::npos; }));
  ::close(lock);
  const Ended ended = running.Wait();
  EXPECT_EQ(ended.code, 0) << ended;
  ExpectSameEnd(ended);
}

TEST_F(CliKill, LeavesNoProcessBehind) {
  machine_.Write("k.cu", KernelOf("nvcc: hang"));
  Running running = machine_.Start({"eval", "scale", "k.cu"});
  ASSERT_TRUE(Eventually([&] { return Processes("cache/v1/tmp/") > 0; })) << "nvcc";
  running.Signal(SIGKILL);
  EXPECT_EQ(running.Wait().signal, SIGKILL);
  EXPECT_TRUE(Eventually([&] { return Processes() == 0; }));
}

TEST_F(CliKill, FirstInterruptFinishesTheStepAndSavesIt) {
  Expect();
  model_.server().Add(
      {Action::Receive(), Action::Await(), Action::Send(ModelServer::Stream(Story()[0]))});
  Running running = machine_.Start(Command());
  ASSERT_TRUE(Eventually([&] { return model_.server().requests().size() == 4; }));
  running.Signal(SIGINT);
  ASSERT_TRUE(Eventually([&] {
    return running.err().find("finishing this step and saving it") != std::string::npos;
  }));
  EXPECT_FALSE(running.ended());
  model_.server().Continue();
  const Ended ended = running.Wait();
  EXPECT_EQ(ended.code, 130) << ended;
  EXPECT_HAS(ended.err, "interrupted; all finished steps are saved in R/scale/sample_0000");
  EXPECT_HAS(ended.err, "To resume: caesar run scale --out R");
  EXPECT_EQ(machine_.Steps(), (Words{"Start RoundOpened", "Generate Replied"}));
  ExpectResumes();
  EXPECT_EQ(model_.asked()[0], 0) << "the reply that was being streamed";
}

TEST_F(CliKill, FirstInterruptAlsoFinishesTheJudgesStep) {
  Expect();
  machine_.JudgeScript("check wait wrong\n");
  Running running = machine_.Start(Command());
  ASSERT_TRUE(Eventually([&] { return machine_.Judged("check") == 3; }));
  running.Signal(SIGINT);
  ASSERT_TRUE(
      Eventually([&] { return running.err().find("interrupt again") != std::string::npos; }));
  machine_.JudgeGo();
  const Ended ended = running.Wait();
  EXPECT_EQ(ended.code, 130) << ended;
  EXPECT_EQ(machine_.LastStep(), "Correct Wrong");
  machine_.JudgeScript("");
  ExpectResumes();
}

TEST_F(CliKill, AnInterruptInTheLastStepLeavesNothingToResume) {
  Expect();
  machine_.JudgeScript("measure wait 30 60\n");
  Running running = machine_.Start(Command());
  ASSERT_TRUE(Eventually([&] { return machine_.Judged("measure") == 2; }));
  running.Signal(SIGINT);
  machine_.JudgeGo();
  const Ended ended = running.Wait();
  // It was the last step that works on: what is left to do is to finish.
  EXPECT_EQ(ended.code, 0) << ended;
  ExpectSameEnd(ended);
}

TEST_F(CliKill, SecondInterruptStopsAtOnce) {
  Expect();
  model_.server().Add(
      {Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\n\r\n"), Action::Await()});
  Running running = machine_.Start(Command());
  ASSERT_TRUE(Eventually([&] { return model_.server().requests().size() == 4; }));
  running.Signal(SIGINT);
  ASSERT_TRUE(
      Eventually([&] { return running.err().find("interrupt again") != std::string::npos; }));
  running.Signal(SIGINT);
  const Ended ended = running.Wait();
  model_.server().Continue();
  EXPECT_EQ(ended.code, 130) << ended;
  EXPECT_HAS(ended.err, "caesar: stopping");
  EXPECT_EQ(machine_.Steps(), (Words{"Start RoundOpened"}));
  ExpectResumes();
}

TEST_F(CliKill, TerminateStopsAtOnceWhateverWorks) {
  Expect();
  // The judge hangs.
  machine_.JudgeScript("check hang\n");
  {
    Running running = machine_.Start(Command());
    ASSERT_TRUE(Eventually([&] { return machine_.Judged("check") == 3; }));
    running.Signal(SIGTERM);
    const Ended ended = running.Wait();
    EXPECT_EQ(ended.code, 130) << ended;
    EXPECT_HAS(ended.err, "Nothing recorded is lost. To resume: caesar run scale --out R");
    EXPECT_EQ(machine_.LastStep(), "Compile Compiled");
  }
  machine_.JudgeScript("");
  EXPECT_TRUE(Eventually([&] { return Processes() == 0; }));
  ExpectResumes();
  // nvcc hangs.
  machine_.Replies({ReplyOf("nvcc: hang")});
  Running running =
      machine_.Start({"run", "scale", "--provider", "replay", "--out", "S", "--rounds", "1"});
  ASSERT_TRUE(Eventually([&] { return running.err().find("Generate") != std::string::npos; }));
  running.Signal(SIGTERM);
  const Ended ended = running.Wait();
  EXPECT_EQ(ended.code, 130) << ended;
  EXPECT_EQ(machine_.LastStep("S/scale/sample_0000"), "Generate Replied");
  EXPECT_TRUE(Eventually([&] { return Processes() == 0; }));
}

TEST_F(CliKill, OneInterruptEndsEval) {
  machine_.Write("k.cu", KernelOf("judge: check wait"));
  Running running = machine_.Start({"eval", "scale", "k.cu"});
  ASSERT_TRUE(Eventually([&] { return machine_.Judged("check") == 1; }));
  running.Signal(SIGINT);
  EXPECT_EQ(running.Wait().code, 130);
  EXPECT_TRUE(Eventually([&] { return Processes() == 0; }));
}

TEST_F(CliKill, ASecondProcessOnTheSampleIsTurnedAway) {
  Expect();
  machine_.JudgeScript("check wait wrong\n");
  Running first = machine_.Start(Command());
  ASSERT_TRUE(Eventually([&] { return machine_.Judged("check") == 3; }));
  const std::string journal = machine_.Read(std::string(kSample) + "/journal.jsonl");
  const Ended second = machine_.Run(Command());
  EXPECT_EQ(second.code, 3) << second;
  EXPECT_HAS(second.err, "another process is working on R/scale/sample_0000");
  EXPECT_HAS(second.err, "Wait for it to end, or choose another run directory with --out.");
  EXPECT_EQ(machine_.Read(std::string(kSample) + "/journal.jsonl"), journal);
  // Another sample of the same run is free.
  Words other = Command();
  other.insert(other.end(), {"--sample", "1"});
  machine_.JudgeScript("");
  EXPECT_EQ(machine_.Run(other).code, 0);
  machine_.JudgeGo();
  const Ended ended = first.Wait();
  EXPECT_EQ(ended.code, 0) << ended;
  ExpectSameEnd(ended);
}

}  // namespace
}  // namespace caesar
