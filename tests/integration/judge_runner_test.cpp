// The judge's handle on one runner process, against processes that do not play by the rules.
#include "judge/runner.h"

#include <csignal>
#include <functional>
#include <thread>

#include "fakes/host_device.h"
#include "integration/judge_bench.h"

namespace caesar {
namespace {

std::unique_ptr<Runner> Start(const std::string& program, RunnerConfig config = {}) {
  config.program = program;
  config.uuid = "HOST";
  auto runner = Runner::Start(config, RealProcesses());
  EXPECT_TRUE(runner.ok());
  return std::move(runner).value();
}

std::string ContentOf(const std::string& candidate) {
  return RealFiles().Read(CandidatePath(candidate), 1 << 24).value();
}

std::string TextOf(const Runner::Outcome<Runner::Done>& outcome) {
  const auto* failure = std::get_if<RunnerFailure>(&outcome);
  return failure == nullptr ? "done" : failure->text;
}

TEST(Runner, DoesAsItIsTold) {
  const auto device = HostDevices().OpenJudge("host", "");
  ASSERT_TRUE(device.ok());
  JudgeDevice& judge = *device.value();
  const auto runner = Start(CAESAR_HOST_JUDGE);
  EXPECT_EQ(TextOf(runner->Prepare(judge.RunnerImage().value(), Milliseconds(10'000))), "done");
  EXPECT_EQ(TextOf(runner->Prepare("another image", Milliseconds(10'000))),
            "done");  // once is enough
  EXPECT_EQ(TextOf(runner->Load(ContentOf("Honest"), Milliseconds(10'000))), "done");
  const auto x = judge.Allocate(40);
  const auto y = judge.Allocate(40);
  ASSERT_TRUE(
      judge.Fill(*x.value(), DType::kF32, FillOrderOf(Fill{Fill::Kind::kRamp, 0, 1}, {}, 10, 10))
          .ok());
  ASSERT_TRUE(judge.Synchronize().ok());
  EXPECT_EQ(TextOf(runner->Map(0, 0, false, x.value()->memory())), "done");
  EXPECT_EQ(TextOf(runner->Map(0, 1, true, y.value()->memory())), "done");
  EXPECT_EQ(TextOf(runner->SetArguments({{RunnerArgument::Kind::kTensor, 0, 0},
                                         {RunnerArgument::Kind::kTensor, 1, 0},
                                         {RunnerArgument::Kind::kValue, 0, 10}})),
            "done");
  for (std::uint32_t mapping = 0; mapping < kMappingsPerTensor; ++mapping) {
    ASSERT_TRUE(judge.Poison(*y.value(), 0).ok());
    ASSERT_TRUE(judge.Synchronize().ok());
    CallOrder order;
    order.mapping = mapping;
    const SteadyTime before = std::chrono::steady_clock::now();
    const auto called = runner->Call(order, Milliseconds(10'000));
    const SteadyTime after = std::chrono::steady_clock::now();
    ASSERT_TRUE(std::holds_alternative<CallResult>(called));
    EXPECT_GE(std::get<CallResult>(called).go, before);
    EXPECT_LT(std::get<CallResult>(called).go, after);
    EXPECT_EQ(judge.Read(*y.value(), DType::kF32, 9).value(), 10.0);
  }
  EXPECT_FALSE(runner->failed());
}

TEST(Runner, IsTheFirstToGoWhereMemoryRunsOut) {
  const auto device = HostDevices().OpenJudge("host", "");
  const auto runner = Start(CAESAR_HOST_JUDGE);
  ASSERT_EQ(TextOf(runner->Prepare(device.value()->RunnerImage().value(), Milliseconds(10'000))),
            "done");
  const std::string path = "/proc/" + std::to_string(runner->pid()) + "/oom_score_adj";
  EXPECT_EQ(RealFiles().Read(path, 64).value(), "1000\n");
}

// Who answers just in time, each time, could keep the judge for hours.
TEST(Runner, ThereIsLittleTimeBetweenCallsAllInAll) {
  const auto order = [](Runner& runner) {
    CallResult result;
    return TextOf(runner.Collect(result, Milliseconds(10'000)));
  };
  const auto message = [](Runner& runner) { return TextOf(runner.UnmapAll()); };
  const std::vector<std::function<std::string(Runner&)>> asks = {order, message};
  for (std::size_t i = 0; i < 4; ++i) {
    const RunnerRole role = i < 2 ? RunnerRole::kCandidate : RunnerRole::kBaseline;
    RunnerConfig config;
    config.role = role;
    config.between_calls_max = Milliseconds(300);
    const auto runner = Start(CAESAR_HOST_JUDGE, config);
    const auto device = HostDevices().OpenJudge("host", "");
    ASSERT_EQ(TextOf(runner->Prepare(device.value()->RunnerImage().value(), Milliseconds(10'000))),
              "done");
    std::vector<std::string> answers;
    for (int n = 0; n < 3; ++n) {
      kill(runner->pid(), SIGSTOP);
      std::thread later([pid = runner->pid()] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        kill(pid, SIGCONT);
      });
      answers.push_back(asks[i % 2](*runner));
      later.join();
    }
    EXPECT_EQ(answers[0], "done");
    const std::string late = "the process did not answer in time between its calls";
    EXPECT_EQ(answers[2], role == RunnerRole::kBaseline ? "done" : late);
  }
}

// Who starts anew, and takes every limit as far as it goes, each time.
TEST(Runner, AllProcessesOfAKernelShareOneAccount) {
  const auto device = HostDevices().OpenJudge("host", "");
  TimeAccount account{Milliseconds(1'500)};
  for (int n = 0; n < 3; ++n) {
    const auto runner = Start(CAESAR_HOST_JUDGE);
    ASSERT_EQ(TextOf(runner->Prepare(device.value()->RunnerImage().value(), Milliseconds(10'000))),
              "done");
    runner->ChargeTo(account);
    runner->Load(ContentOf("HangsAtLoad"), Milliseconds(1'000));
  }
  EXPECT_EQ(account.left, Milliseconds(0));
  const auto runner = Start(CAESAR_HOST_JUDGE);
  ASSERT_EQ(TextOf(runner->Prepare(device.value()->RunnerImage().value(), Milliseconds(10'000))),
            "done");
  runner->ChargeTo(account);
  account.left = Milliseconds(200);
  kill(runner->pid(), SIGSTOP);
  const auto called = runner->Call({}, Milliseconds(10'000));
  ASSERT_TRUE(std::holds_alternative<RunnerFailure>(called));
  EXPECT_EQ(std::get<RunnerFailure>(called).kind, RunnerFailure::Kind::kTimedOut);
  EXPECT_NE(std::get<RunnerFailure>(called).text.find("all the time that there is"),
            std::string::npos);
}

TEST(Runner, AHangWhileLoadingEndsAtItsDeadline) {
  const auto device = HostDevices().OpenJudge("host", "");
  const auto runner = Start(CAESAR_HOST_JUDGE);
  ASSERT_EQ(TextOf(runner->Prepare(device.value()->RunnerImage().value(), Milliseconds(10'000))),
            "done");
  const auto loaded = runner->Load(ContentOf("HangsAtLoad"), Milliseconds(200));
  ASSERT_TRUE(std::holds_alternative<RunnerFailure>(loaded));
  EXPECT_EQ(std::get<RunnerFailure>(loaded).kind, RunnerFailure::Kind::kTimedOut);
  // What comes later is told why, and not that we killed it.
  EXPECT_TRUE(runner->failed());
  EXPECT_EQ(TextOf(runner->UnmapAll()), TextOf(loaded));
  const auto called = runner->Call({}, Milliseconds(200));
  ASSERT_TRUE(std::holds_alternative<RunnerFailure>(called));
  EXPECT_EQ(std::get<RunnerFailure>(called).kind, RunnerFailure::Kind::kTimedOut);
}

TEST(Runner, AnImageThatDoesNotLoadIsTheEnvironmentsFault) {
  const auto runner = Start(CAESAR_HOST_JUDGE);
  const auto prepared = runner->Prepare("not the image", Milliseconds(10'000));
  ASSERT_TRUE(std::holds_alternative<RunnerFailure>(prepared));
  EXPECT_EQ(std::get<RunnerFailure>(prepared).kind, RunnerFailure::Kind::kNotReady);
  EXPECT_EQ(TextOf(prepared), "host device: loading the image failed");
}

TEST(Runner, ADeviceThatIsNotThereIsTheEnvironmentsFault) {
  RunnerConfig config;
  config.program = CAESAR_HOST_JUDGE;
  config.uuid = "GPU-none";
  const auto runner = Runner::Start(config, RealProcesses());
  const auto prepared = runner.value()->Prepare("", Milliseconds(10'000));
  ASSERT_TRUE(std::holds_alternative<RunnerFailure>(prepared));
  EXPECT_EQ(std::get<RunnerFailure>(prepared).kind, RunnerFailure::Kind::kNotReady);
}

// It answers in advance and never reads: its socket fills up, and that must be noticed instead of
// waited for.
TEST(Runner, WhoNeverReadsIsKilled) {
  const auto device = HostDevices().OpenJudge("host", "");
  const auto tensor = device.value()->Allocate(40);
  const auto runner = Start(CAESAR_ROGUE_RUNNER);
  Runner::Outcome<Runner::Done> mapped = Runner::Done{};
  int messages = 0;
  while (std::holds_alternative<Runner::Done>(mapped) && messages < 100'000) {
    mapped = runner->Map(0, 0, true, tensor.value()->memory());
    ++messages;
  }
  ASSERT_TRUE(std::holds_alternative<RunnerFailure>(mapped));
  EXPECT_GT(messages, 10);
  EXPECT_TRUE(runner->failed());
}

TEST(Runner, AProgramThatIsNotThereIsAnError) {
  RunnerConfig config;
  config.program = "/nonexistent/caesar";
  EXPECT_FALSE(Runner::Start(config, RealProcesses()).ok());
}

}  // namespace
}  // namespace caesar
