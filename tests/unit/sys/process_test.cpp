// How real commands start, talk and end. process_kill_test.cpp is about how they are ended.
#include "sys/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>

#include "fakes/temp_folder.h"
#include "process_helpers.h"

namespace caesar {
namespace {

constexpr Milliseconds kLong{60'000};

ProcessEnd RunCommand(const Command& command, Milliseconds timeout = kLong) {
  auto end = RealProcesses().Run(command, timeout, {});
  if (end.ok()) return end.value();
  ADD_FAILURE() << end.error().message;
  return {};
}

ProcessEnd RunShell(const std::string& script) { return RunCommand(ShellCommand(script)); }

Error StartFailure(const Command& command) {
  auto end = RealProcesses().Run(command, kLong, {});
  if (!end.ok()) return end.error();
  ADD_FAILURE() << "it ran";
  return {};
}

std::size_t OpenDescriptors() { return RealFiles().List("/proc/self/fd").value().size(); }

TEST(Process, ReturnsOutputErrorsAndExitCode) {
  const ProcessEnd end = RunShell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(end.how, ProcessEnd::How::kExited);
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_EQ(end.output, "out\n");
  EXPECT_EQ(end.errors, "err\n");
  EXPECT_FALSE(end.output_cut);
}

TEST(Process, ReportsTheSignalThatEndedIt) {
  const ProcessEnd end = RunShell("kill -SEGV $$");
  EXPECT_EQ(end.how, ProcessEnd::How::kSignaled);
  EXPECT_EQ(end.signal, SIGSEGV);
}

TEST(Process, ArgumentsAreNotSeenByAShell) {
  Command command;
  command.argv = {"printf", "%s|", "a b", "$HOME", "'\";*", ""};
  EXPECT_EQ(RunCommand(command).output, "a b|$HOME|'\";*||");
}

TEST(Process, TheEnvironmentIsExactlyTheGivenOne) {
  Command command;
  command.argv = {"env"};
  command.environment = {"A=1", "B=two words"};
  EXPECT_EQ(RunCommand(command).output, "A=1\nB=two words\n");
}

TEST(Process, RunsInTheGivenFolder) {
  const TempFolder folder;
  Command command = ShellCommand("pwd -P");
  command.folder = folder.path();
  EXPECT_EQ(RunCommand(command).output, folder.path() + "\n");
}

TEST(Process, InputIsGivenWholeAndMayBeIgnored) {
  Command count = ShellCommand("wc -c");
  count.input = std::string(8 << 20, 'x');
  EXPECT_EQ(Trim(RunCommand(count).output), "8388608");
  Command ignore = ShellCommand("exit 0");
  ignore.input = count.input;
  EXPECT_EQ(RunCommand(ignore).exit_code, 0);
  Command echo = ShellCommand("cat");
  echo.input = count.input;
  echo.output_bytes_max = count.input.size();
  EXPECT_EQ(RunCommand(echo).output, count.input) << "more than any pipe holds, in and out at once";
}

TEST(Process, WithoutInputStandardInputIsEmpty) {
  const ProcessEnd end = RunShell("cat; readlink /proc/self/fd/0");
  EXPECT_EQ(end.output, "/dev/null\n");
}

TEST(Process, KeepsTheFirstBytesAndReadsOn) {
  Command command =
      ShellCommand("printf begin; head -c 3000000 /dev/zero; printf short >&2; exit 7");
  command.output_bytes_max = 100;
  const ProcessEnd end = RunCommand(command);
  EXPECT_EQ(end.exit_code, 7) << "it must neither block nor get SIGPIPE";
  EXPECT_EQ(end.output, "begin" + std::string(95, '\0'));
  EXPECT_EQ(end.errors, "short");
  EXPECT_TRUE(end.output_cut);
  command = ShellCommand("printf 12345");
  command.output_bytes_max = 5;
  EXPECT_FALSE(RunCommand(command).output_cut);
  command.output_bytes_max = 0;
  EXPECT_TRUE(RunCommand(command).output_cut);
}

TEST(Process, OutputAfterAClosedStreamStillCounts) {
  const ProcessEnd end = RunShell("exec >&-; sleep 0.05; echo late >&2; exit 4");
  EXPECT_EQ(end.errors, "late\n");
  EXPECT_EQ(end.exit_code, 4);
}

TEST(Process, AMissingProgramIsAnErrorThatNamesIt) {
  Command command;
  command.argv = {"caesar-no-such-program"};
  Error error = StartFailure(command);
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_EQ(error.message, "cannot run \"caesar-no-such-program\": it is not on PATH");
  EXPECT_NE(error.detail.find("PATH, which is now "), std::string::npos);
  command.argv = {"/no/such/program"};
  error = StartFailure(command);
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_EQ(error.message, "cannot run /no/such/program: No such file or directory");
  command.argv = {"/usr"};
  EXPECT_EQ(StartFailure(command).message, "cannot run /usr: Is a directory");
  command.argv = {""};
  EXPECT_EQ(StartFailure(command).message, "cannot run \"\": it is not on PATH");
}

TEST(Process, LooksAProgramUpOnOurPath) {
  const TempFolder folder;
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", (folder.path() + ":" + before).c_str(), 1);
  Command command;
  command.argv = {"caesar-test-program", "argument"};
  ASSERT_TRUE(RealFiles().Write(folder / command.argv[0], "#!/bin/sh\necho found $1\n").ok());
  EXPECT_EQ(StartFailure(command).message,
            "cannot run " + folder / command.argv[0] + ": Permission denied");
  ASSERT_EQ(::chmod((folder / command.argv[0]).c_str(), 0755), 0);
  EXPECT_EQ(RunCommand(command).output, "found argument\n");
  ::setenv("PATH", before.c_str(), 1);
}

TEST(Process, AFileThatCannotBeExecutedIsAnError) {
  const TempFolder folder;
  const std::string path = folder / "script";
  Command command;
  command.argv = {path};
  ASSERT_TRUE(RealFiles().Write(path, "#!/no/such/interpreter\n").ok());
  EXPECT_EQ(StartFailure(command).message, "cannot run " + path + ": Permission denied");
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  Error error = StartFailure(command);
  EXPECT_EQ(error.message, "cannot run " + path + ": No such file or directory");
  EXPECT_NE(error.detail.find("interpreter"), std::string::npos);
  ASSERT_TRUE(RealFiles().Write(path, "neither a script nor a program\n").ok());
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  error = StartFailure(command);
  EXPECT_EQ(error.message, "cannot run " + path + ": Exec format error");
  EXPECT_NE(error.detail, "");
}

TEST(Process, AMissingFolderIsAnErrorThatNamesIt) {
  Command command = ShellCommand("true");
  command.folder = "/no/such/folder";
  const Error error = StartFailure(command);
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_EQ(error.message,
            "cannot run /bin/sh in the folder /no/such/folder: No such file or directory");
}

TEST(Process, LeadsASessionOfItsOwnAndPidIsTheCommands) {
  Command command;
  command.argv = {"cat", "/proc/self/stat"};
  const auto child = RealProcesses().Start(command).value();
  const auto end = child->Wait(kLong, {}).value();
  ASSERT_TRUE(end.has_value());
  const auto fields = Split(end->output, ' ');  // pid (comm) state ppid pgrp session
  const std::string pid = std::to_string(child->pid());
  EXPECT_EQ(fields.at(0), pid);
  EXPECT_EQ(fields.at(4), pid);
  EXPECT_EQ(fields.at(5), pid);
}

TEST(Process, StartsWithDefaultSignals) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGPIPE, &ignore, &before), 0);
  sigset_t block;
  sigset_t unblocked;
  ::sigemptyset(&block);
  ::sigaddset(&block, SIGTERM);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &block, &unblocked), 0);
  Command command;
  command.argv = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"};
  const ProcessEnd end = RunCommand(command);
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, &unblocked, &after);
  ::sigaction(SIGPIPE, &before, nullptr);
  EXPECT_EQ(end.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(::sigismember(&after, SIGTERM), 1) << "ours are left as they were";
}

TEST(Process, InheritsTheNamedDescriptorsAndNoOther) {
  const int leaked =
      ::open("/dev/null", O_RDONLY);  // not close-on-exec, as careless libraries do it
  ASSERT_GE(leaked, 3);
  Command command;
  command.argv = {"ls", "/proc/self/fd"};
  EXPECT_EQ(RunCommand(command).output, "0\n1\n2\n3\n") << "3 is the folder that ls reads";
  command.inherited = {{leaked, 9}, {leaked, 4}};
  EXPECT_EQ(RunCommand(command).output, "0\n1\n2\n3\n4\n9\n");
  ::close(leaked);
}

TEST(Process, InheritedDescriptorsMaySwapNumbers) {
  const TempFolder folder;
  ASSERT_TRUE(RealFiles().Write(folder / "a", "A").ok());
  ASSERT_TRUE(RealFiles().Write(folder / "b", "B").ok());
  const int a = ::open((folder / "a").c_str(), O_RDONLY | O_CLOEXEC);
  const int b = ::open((folder / "b").c_str(), O_RDONLY | O_CLOEXEC);
  Command command;
  command.argv = {"cat", "/proc/self/fd/" + std::to_string(a),
                  "/proc/self/fd/" + std::to_string(b)};
  command.inherited = {{a, b}, {b, a}};
  EXPECT_EQ(RunCommand(command).output, "BA");
  EXPECT_GE(::fcntl(a, F_GETFD), 0) << "they stay open here";
  ::close(a);
  ::close(b);
}

TEST(Process, WorksWithoutStandardStreamsOfOurs) {
  const pid_t helper = ::fork();
  if (helper == 0) {
    for (int fd = 0; fd < 3; ++fd) ::close(fd);
    Command command = ShellCommand("cat; echo err >&2; exit 5");
    command.input = "input";
    const auto end = RealProcesses().Run(command, kLong, {});
    const bool good = end.ok() && end.value().output == "input" && end.value().errors == "err\n";
    ::_exit(good && end.value().exit_code == 5 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(helper, &status, 0), helper);
  EXPECT_EQ(status, 0);
}

TEST(Process, WaitReturnsTheSameEndAgain) {
  const auto child = RealProcesses().Start(ShellCommand("echo once; exit 2")).value();
  for (int i = 0; i < 2; ++i) {
    const auto end = child->Wait(kLong, {}).value();
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->output, "once\n");
    EXPECT_EQ(end->exit_code, 2);
  }
}

TEST(Process, WaitIsEmptyWhileItRuns) {
  Command command = ShellCommand("echo ready; read line; echo \"got $line\"");
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  command = ShellCommand("read line <&5; echo \"got $line\"");
  command.inherited = {{pipe[0], 5}};
  const auto child = RealProcesses().Start(command).value();
  EXPECT_FALSE(child->Wait(Milliseconds(0), {}).value().has_value());
  EXPECT_FALSE(child->Wait(Milliseconds(20), {}).value().has_value());
  ASSERT_EQ(::write(pipe[1], "it\n", 3), 3);
  const auto end = child->Wait(kLong, {}).value();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->output, "got it\n");
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(Process, OutlivesTheThreadThatStartedIt) {
  std::unique_ptr<Child> child;
  std::thread([&] {
    child = RealProcesses().Start(ShellCommand("sleep 0.2; echo alive")).value();
  }).join();
  const auto end = child->Wait(kLong, {}).value();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->output, "alive\n");
}

TEST(Process, ManyAtOnceKeepTheirOutputsApart) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 10; ++i) {
        const std::string text = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_EQ(RunShell("echo " + text).output, text + "\n");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Process, LeavesNoDescriptorAndNoZombie) {
  Command missing = ShellCommand("true");
  missing.folder = "/no/such/folder";
  const std::size_t before = OpenDescriptors();
  for (int i = 0; i < 5; ++i) {
    RunShell("exit 1");
    StartFailure(missing);
    ASSERT_TRUE(RealProcesses().Run(ShellCommand("sleep 1000"), Milliseconds(10), {}).ok());
  }
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace caesar
