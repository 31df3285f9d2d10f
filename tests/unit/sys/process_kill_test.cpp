// Nothing that a command started outlives it, however the end comes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include "fakes/temp_folder.h"
#include "process_helpers.h"
#include "sys/process.h"

namespace caesar {
namespace {

constexpr Milliseconds kLong{60'000};

class ProcessKill : public testing::Test {
 protected:
  // Kills what a failed test would leave behind.
  void TearDown() override {
    for (const int pid : PidsIn(pids_)) {
      if (!IsGone(pid)) ::kill(pid, SIGKILL);
    }
  }

  void ExpectAllGone(std::size_t count) {
    const auto pids = PidsIn(pids_);
    EXPECT_EQ(pids.size(), count);
    for (const int pid : pids) EXPECT_TRUE(IsGone(pid)) << pid << " still runs";
  }

  // A process that starts the family and waits to be killed. `keep_copy`: leaves another child that
  // holds copies of all its descriptors, so that no socket of it ever ends.
  pid_t StartOwner(bool keep_copy) {
    const pid_t owner = ::fork();
    if (owner != 0) return owner;
    const auto child = RealProcesses().Start(ShellCommand(StubbornFamily(pids_)));
    if (keep_copy && ::fork() == 0) {
      ::alarm(60);
      const Status written = RealFiles().Write(copy_, std::to_string(::getpid()));
    }
    for (;;) ::pause();
  }

  TempFolder folder_;
  const std::string pids_ = folder_ / "pids";
  const std::string copy_ = folder_ / "copy";
};

TEST_F(ProcessKill, TheDeadlineEndsTheWholeFamily) {
  const auto start = std::chrono::steady_clock::now();
  auto end = RealProcesses().Run(ShellCommand("echo before; " + StubbornFamily(pids_)),
                                 Milliseconds(1'000), {});
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().how, ProcessEnd::How::kTimedOut);
  EXPECT_EQ(end.value().output, "before\n");
  EXPECT_GE(end.value().wall, Milliseconds(990));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  ExpectAllGone(PidsIn(pids_).size());  // on a busy machine, not all of them have started
}

TEST_F(ProcessKill, KillEndsTheWholeFamily) {
  const auto child = RealProcesses().Start(ShellCommand(StubbornFamily(pids_))).value();
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  child->Kill();
  ExpectAllGone(kStubbornFamilySize);
  child->Kill();
  const auto end = child->Wait(kLong, {}).value();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->how, ProcessEnd::How::kSignaled);
  EXPECT_EQ(end->signal, SIGKILL);
}

TEST_F(ProcessKill, TheDestructorEndsTheWholeFamily) {
  {
    const auto child = RealProcesses().Start(ShellCommand(StubbornFamily(pids_))).value();
    ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  }
  ExpectAllGone(kStubbornFamilySize);
}

TEST_F(ProcessKill, ACommandsOwnEndEndsItsBackgroundProcesses) {
  const std::string script = ReplaceAll(
      "(setsid sh -c 'echo $$ >> FILE; exec sleep 1000' &)\n"
      "sh -c 'echo $$ >> FILE; exec sleep 1000' &\n"
      "while [ \"$(cat FILE 2>/dev/null | wc -l)\" -lt 2 ]; do sleep 0.01; done; echo done; exit 6",
      "FILE", pids_);
  const auto end = RealProcesses().Run(ShellCommand(script), kLong, {});
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().exit_code, 6) << "although background processes held its pipes open";
  EXPECT_EQ(end.value().output, "done\n");
  ExpectAllGone(2);
}

TEST_F(ProcessKill, AStopEndsTheWholeFamilyAtOnce) {
  StopSource source;
  std::thread stopper([&] {
    AwaitPids(pids_, kStubbornFamilySize);
    source.Request(StopLevel::kNow);
  });
  const auto end =
      RealProcesses().Run(ShellCommand(StubbornFamily(pids_)), kLong, StopToken(source));
  stopper.join();
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().how, ProcessEnd::How::kStopped);
  ExpectAllGone(kStubbornFamilySize);
}

TEST_F(ProcessKill, AfterStepDoesNotStopACommand) {
  StopSource source;
  source.Request(StopLevel::kAfterStep);
  const auto end = RealProcesses().Run(ShellCommand("exit 3"), kLong, StopToken(source));
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().how, ProcessEnd::How::kExited);
  source.Request(StopLevel::kNow);
  const auto stopped = RealProcesses().Run(ShellCommand("sleep 1000"), kLong, StopToken(source));
  ASSERT_TRUE(stopped.ok());
  EXPECT_EQ(stopped.value().how, ProcessEnd::How::kStopped);
}

TEST_F(ProcessKill, OurDeathBySigkillEndsTheWholeFamily) {
  const pid_t owner = StartOwner(false);
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  ::kill(owner, SIGKILL);
  ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
  for (const int pid : PidsIn(pids_)) EXPECT_TRUE(Eventually([&] { return IsGone(pid); })) << pid;
}

TEST_F(ProcessKill, OurDeathIsNoticedAlsoWhenAnotherProcessHoldsOurSockets) {
  const pid_t owner = StartOwner(true);
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  ASSERT_TRUE(AwaitPids(copy_, 1));
  ::kill(owner, SIGKILL);
  ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
  for (const int pid : PidsIn(pids_)) EXPECT_TRUE(Eventually([&] { return IsGone(pid); })) << pid;
  const int copy = PidsIn(copy_).at(0);
  EXPECT_FALSE(IsGone(copy));
  ::kill(copy, SIGKILL);
}

TEST_F(ProcessKill, ACommandThatPrintsWithoutEndMeetsItsDeadline) {
  Command command;
  command.argv = {"yes"};
  command.output_bytes_max = 10;
  const auto end = RealProcesses().Run(command, Milliseconds(100), {});
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().how, ProcessEnd::How::kTimedOut);
  EXPECT_EQ(end.value().output, "y\ny\ny\ny\ny\n");
  EXPECT_TRUE(end.value().output_cut);
}

TEST_F(ProcessKill, AProcessThatForksAndExitsForeverIsCaught) {
  const std::string script = folder_ / "hop";
  const std::string trace = folder_ / "trace";
  ASSERT_TRUE(RealFiles().Write(script, "echo x >> " + trace + "\nsh " + script + " &\n").ok());
  const auto child = RealProcesses().Start(ShellCommand("sh " + script + "; sleep 1000")).value();
  const auto steps = [&] { return RealFiles().Read(trace, 1 << 24).value().size(); };
  ASSERT_TRUE(
      Eventually([&] { return RealFiles().Stat(trace).value().has_value() && steps() > 20; }));
  child->Kill();
  const std::size_t at_kill = steps();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(steps(), at_kill);
}

TEST_F(ProcessKill, AKilledSupervisorTakesTheCommandWithIt) {
  const std::string script = "echo $$ > " + pids_ + "; echo $PPID > " + copy_ + "; exec sleep 1000";
  const auto child = RealProcesses().Start(ShellCommand(script)).value();
  ASSERT_TRUE(AwaitPids(copy_, 1));
  ::kill(PidsIn(copy_).at(0), SIGKILL);
  const auto end = child->Wait(kLong, {}).value();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->how, ProcessEnd::How::kSignaled);
  EXPECT_TRUE(Eventually([&] { return IsGone(child->pid()); }));
}

// Not a test: what the next one runs in a process of its own, told by the environment where to
// write pids.
TEST(ProcessKillHelper, DISABLED_Owner) {
  const char* pids = std::getenv("CAESAR_TEST_PIDS");
  ASSERT_NE(pids, nullptr);
  const auto end = RealProcesses().Run(ShellCommand(StubbornFamily(pids)), kLong, {});
}

TEST_F(ProcessKill, ASupervisedSupervisorIsEndedWithItsFamily) {
  // As a judge that runs runners.
  Command command;
  command.argv = {std::filesystem::read_symlink("/proc/self/exe"),
                  "--gtest_filter=ProcessKillHelper.*", "--gtest_also_run_disabled_tests"};
  command.environment = {"PATH=/usr/bin:/bin", "CAESAR_TEST_PIDS=" + pids_};
  const auto child = RealProcesses().Start(command).value();
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  child->Kill();
  ExpectAllGone(kStubbornFamilySize);
}

}  // namespace
}  // namespace caesar
