// Groups of the kernel that runs here. What the system does not allow is skipped, with its reason.
#include "sys/command_group.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/temp_folder.h"
#include "process_helpers.h"
#include "sys/group_place.h"

namespace caesar {
namespace {

constexpr Milliseconds kLong{60'000};

constexpr std::string_view kMounts =
    "23 28 0:21 / /proc rw,nosuid - proc proc rw\n"
    "31 23 0:27 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n"
    "36 31 0:32 / /sys/fs/cgroup/pids rw shared:15 - cgroup cgroup rw,pids\n"
    "32 31 0:28 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw\n";

std::string MountOf(const std::string& root) {
  return Format("1900 1899 0:27 {} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw\n", root);
}

TEST(OwnGroupFolder, IsWhereTheMountShowsIt) {
  const std::string hybrid = "12:pids:/a/b\n1:name=systemd:/c\n0::/user.slice/x.scope\n";
  EXPECT_EQ(OwnGroupFolder(kMounts, hybrid).value(), "/sys/fs/cgroup/unified/user.slice/x.scope");
  EXPECT_EQ(OwnGroupFolder(kMounts, "0::/\n").value(), "/sys/fs/cgroup/unified");
  EXPECT_EQ(OwnGroupFolder(MountOf("/"), "0::/a\n").value(), "/sys/fs/cgroup/a");
}

// As in a container that has no cgroup namespace.
TEST(OwnGroupFolder, ThePartThatIsMountedCounts) {
  EXPECT_EQ(OwnGroupFolder(MountOf("/docker/1"), "0::/docker/1\n").value(), "/sys/fs/cgroup");
  EXPECT_EQ(OwnGroupFolder(MountOf("/docker/1"), "0::/docker/1/a\n").value(), "/sys/fs/cgroup/a");
  EXPECT_FALSE(OwnGroupFolder(MountOf("/docker/1"), "0::/docker/12\n").ok());
  EXPECT_FALSE(OwnGroupFolder(MountOf("/docker/1"), "0::/\n").ok());
}

TEST(OwnGroupFolder, SaysWhyThereIsNone) {
  EXPECT_EQ(OwnGroupFolder(kMounts, "12:pids:/\n1:name=systemd:/\n").error().message,
            "the kernel has no cgroups of version 2");
  const char* not_mounted =
      "the group that caesar runs in is not in any file system of cgroups (version 2)";
  EXPECT_EQ(OwnGroupFolder("", "0::/\n").error().message, not_mounted);
  EXPECT_EQ(OwnGroupFolder(MountOf("/"), "0::/../a\n").error().message, not_mounted);
  EXPECT_EQ(OwnGroupFolder("a - cgroup2 b c\n - cgroup2 \n", "0::/\n").error().message,
            not_mounted);
}

std::vector<std::string> GroupsBeside() {
  std::vector<std::string> groups;
  const std::string folder = Format("/proc/self/fd/{}", OwnGroupPlace().folder.get());
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (StartsWith(entry.path().filename().string(), kGroupPrefix))
      groups.push_back(entry.path().filename());
  }
  return groups;
}

// The groups of this process, and of no test that runs beside it.
std::vector<std::string> OwnGroups() {
  std::vector<std::string> own = GroupsBeside();
  const std::string prefix = Format("{}{}-", kGroupPrefix, ::getpid());
  std::erase_if(own, [&](const std::string& group) { return !StartsWith(group, prefix); });
  return own;
}

bool Exists(const std::string& group) {
  return ::faccessat(OwnGroupPlace().folder.get(), group.c_str(), F_OK, 0) == 0;
}

class CommandGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    support_ = ProbeGroups(RealProcesses());
    if (!support_.kills) GTEST_SKIP() << support_.why_not;
    policy_.execute = {"/bin", "/lib", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib64"};
    policy_.read = {"/etc/ld.so.cache"};
    policy_.devices = {"/dev/null", "/dev/zero"};
    policy_.write = {folder_.path()};
    policy_.own_proc = true;
  }

  // Kills what a failed test would leave behind.
  void TearDown() override {
    for (const int pid : PidsIn(pids_)) {
      if (!IsGone(pid)) ::kill(pid, SIGKILL);
    }
  }

  Command Script(const std::string& script) const {
    Command command = ShellCommand(script);
    command.sandbox = policy_;
    return command;
  }

  ProcessEnd Run(const std::string& script) const {
    auto end = RealProcesses().Run(Script(script), kLong, {});
    EXPECT_TRUE(end.ok()) << end.error().message;
    return end.ok() ? end.value() : ProcessEnd{};
  }

  // Of a command that writes its supervisor's pid down before it goes on.
  int SupervisorOf(const std::string& file) const {
    return AwaitPids(file, 1) ? PidsIn(file).at(0) : 0;
  }

  GroupSupport support_;
  TempFolder folder_;
  const std::string pids_ = folder_ / "pids";
  const std::string parent_ = folder_ / "parent";
  const std::string name_ = folder_ / "name";
  SandboxPolicy policy_;
};

TEST_F(CommandGroupTest, LastsAsLongAsTheCommand) {
  const auto child = RealProcesses().Start(Script("sleep 1000"));
  ASSERT_TRUE(child.ok());
  ASSERT_EQ(OwnGroups().size(), 1U);
  child.value()->Kill();
  EXPECT_TRUE(OwnGroups().empty());
}

TEST_F(CommandGroupTest, IsThereFromTheStartAndOnlyForACommandInASandbox) {
  const std::string own = Format("{}{}-", kGroupPrefix, ::getpid());
  EXPECT_NE(Run("exec cat /proc/self/cgroup").output.find(own), std::string::npos);
  const auto end = RealProcesses().Run(ShellCommand("cat /proc/self/cgroup"), kLong, {});
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().output.find(own), std::string::npos) << end.value().output;
  EXPECT_TRUE(OwnGroups().empty());
}

TEST_F(CommandGroupTest, TheDeadlineEndsTheWholeFamily) {
  const auto end = RealProcesses().Run(Script(StubbornFamily(pids_)), Milliseconds(1'000), {});
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().how, ProcessEnd::How::kTimedOut);
  EXPECT_FALSE(PidsIn(pids_).empty());
  for (const int pid : PidsIn(pids_)) EXPECT_TRUE(IsGone(pid)) << pid << " still runs";
  EXPECT_TRUE(OwnGroups().empty());
}

// Without a group only the command itself would be in reach.
TEST_F(CommandGroupTest, ReachesTheFamilyOfACommandWhoseSupervisorWasKilled) {
  const auto child =
      RealProcesses()
          .Start(Script(Format("echo $PPID > {}; {}", parent_, StubbornFamily(pids_))))
          .value();
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  const std::vector<std::string> group = OwnGroups();
  ASSERT_EQ(group.size(), 1U);
  ::kill(SupervisorOf(parent_), SIGKILL);
  ASSERT_TRUE(child->Wait(kLong, {}).value().has_value());
  const std::string events =
      Format("/proc/self/fd/{}/{}/cgroup.events", OwnGroupPlace().folder.get(), group[0]);
  EXPECT_TRUE(Eventually([&] {
    const auto text = RealFiles().Read(events, 4096);
    return !text.ok() || text.value().find("populated 0") != std::string::npos;
  }));
}

TEST_F(CommandGroupTest, NothingIsLeftOfACommandThatCannotStart) {
  ASSERT_TRUE(RealFiles().Write(folder_ / "text", "no program").ok());
  std::filesystem::permissions(folder_ / "text", std::filesystem::perms::all);
  Command command = Script("");
  command.argv = {folder_ / "text"};
  ASSERT_FALSE(RealProcesses().Start(command).ok());
  EXPECT_TRUE(OwnGroups().empty());
}

// A process that starts the family in a sandbox, says which group it is in, and waits.
pid_t StartOwner(const Command& command, const std::string& name) {
  const pid_t owner = ::fork();
  if (owner != 0) return owner;
  const auto child = RealProcesses().Start(command);
  const Status written = RealFiles().Write(name, Join(OwnGroups(), " "));
  for (;;) ::pause();
}

TEST_F(CommandGroupTest, WhatTheDeadLeftIsRemovedAndNothingElse) {
  const auto living = RealProcesses().Start(Script("exec sleep 1000")).value();
  const pid_t owner =
      StartOwner(Script(Format("echo $PPID > {}; {}", parent_, StubbornFamily(pids_))), name_);
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  ASSERT_TRUE(Eventually([&] { return RealFiles().Stat(name_).value().has_value(); }));
  const std::string group = RealFiles().Read(name_, 4096).value();
  const int supervisor = SupervisorOf(parent_);
  ASSERT_TRUE(Exists(group)) << group;
  RemoveStaleGroups(OwnGroupPlace().folder.get());
  EXPECT_TRUE(Exists(group)) << "although its owner lives";

  // The supervisor must die before it notices that its owner did.
  ::kill(supervisor, SIGSTOP);
  ::kill(owner, SIGKILL);
  ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
  RemoveStaleGroups(OwnGroupPlace().folder.get());
  EXPECT_TRUE(Exists(group)) << "although its supervisor lives";
  ::kill(supervisor, SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    RemoveStaleGroups(OwnGroupPlace().folder.get());
    return !Exists(group);
  })) << "and so nobody is left in it";
  EXPECT_EQ(OwnGroups().size(), 1U);
  EXPECT_FALSE(living->Wait(Milliseconds(0), {}).value().has_value()) << "it was killed";
}

TEST_F(CommandGroupTest, WhoeverCleansUpMeanwhileHarmsNobody) {
  std::atomic<bool> done = false;
  std::thread cleaner([&] {
    while (!done) RemoveStaleGroups(OwnGroupPlace().folder.get());
  });
  for (int i = 0; i < 20; ++i) {
    const ProcessEnd end = Run("sleep 0.002; echo lived");
    EXPECT_EQ(end.output, "lived\n") << i;
    EXPECT_EQ(end.how, ProcessEnd::How::kExited) << i;
  }
  done = true;
  cleaner.join();
  EXPECT_TRUE(OwnGroups().empty());
}

TEST_F(CommandGroupTest, OurDeathAloneLeavesNoGroup) {
  const pid_t owner = StartOwner(Script(StubbornFamily(pids_)), name_);
  ASSERT_TRUE(AwaitPids(pids_, kStubbornFamilySize));
  ASSERT_TRUE(Eventually([&] { return RealFiles().Stat(name_).value().has_value(); }));
  const std::string group = RealFiles().Read(name_, 4096).value();
  ASSERT_TRUE(Exists(group)) << group;
  ::kill(owner, SIGKILL);
  ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
  EXPECT_TRUE(Eventually([&] { return !Exists(group); }));
}

TEST_F(CommandGroupTest, ThreadsAndProcessesAreLimitedTogether) {
  if (!support_.tasks) GTEST_SKIP() << support_.no_limits;
  const std::string script =
      Format("i=0; while [ $i -lt 20 ]; do sleep 1000 & i=$((i+1)); echo $i > {}; done", name_);
  EXPECT_EQ(Run(script).errors, "");
  policy_.together.tasks = 8;
  const ProcessEnd end = Run(script);
  EXPECT_NE(end.errors.find("fork"), std::string::npos) << end.errors;
  EXPECT_EQ(RealFiles().Read(name_, 100).value(), "7\n") << "beside the shell";
  EXPECT_FALSE(end.out_of_memory);
}

TEST_F(CommandGroupTest, MemoryIsLimitedTogether) {
  if (!support_.memory) GTEST_SKIP() << support_.no_limits;
  const std::string script = "head -c 50000000 /dev/zero | tail -c 40000000 | head -c 1";
  policy_.together.memory_bytes = std::uint64_t{1} << 30;
  const ProcessEnd within = Run(script);
  EXPECT_FALSE(within.out_of_memory);
  EXPECT_EQ(within.output.size(), 1U);
  policy_.together.memory_bytes = std::uint64_t{16} << 20;
  const ProcessEnd beyond = Run(script);
  EXPECT_TRUE(beyond.out_of_memory);
  EXPECT_EQ(beyond.how, ProcessEnd::How::kSignaled) << "all of it dies";
  EXPECT_EQ(beyond.output, "");
}

}  // namespace
}  // namespace caesar
