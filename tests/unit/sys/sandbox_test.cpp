// The sandbox as a real child meets it: what is refused, and that what is needed works. Each thing
// that is refused is tried without a sandbox too, so that no test passes for another reason.
#include "sys/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/temp_folder.h"
#include "process_helpers.h"
#include "sys/sandbox_plan.h"

namespace caesar {
namespace {

using Words = std::vector<std::string>;
constexpr Milliseconds kLong{60'000};

// Reads what the program needs to start, and has the folder /.../own to write in.
class SandboxTest : public testing::Test {
 protected:
  SandboxTest() {
    if (!ProbeSandbox().full()) return;
    std::filesystem::create_directory(folder_ / "own");
    std::filesystem::create_directory(folder_ / "readable");
    for (const char* name : {"secret", "own/file", "readable/file"})
      std::ofstream(folder_ / name) << "text";
    policy_.read = {"/etc/ld.so.cache", "/lib",       "/lib64",
                    "/usr/lib",         "/usr/lib64", folder_ / "readable"};
    policy_.write = {folder_ / "own"};
    policy_.devices = {"/dev/null"};
    policy_.own_proc = true;
  }
  void SetUp() override {
    if (!ProbeSandbox().full()) GTEST_SKIP() << Join(Lacking(ProbeSandbox()), "\n");
  }

  std::string Path(const std::string& name) const { return folder_ / name; }

  ProcessEnd Run(const Words& words, bool sandboxed = true) {
    Command command;
    command.argv = {CAESAR_FORBIDDEN};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    if (sandboxed) command.sandbox = policy_;
    auto end = RealProcesses().Run(command, kLong, {});
    EXPECT_TRUE(end.ok()) << end.error().message;
    return end.ok() ? end.value() : ProcessEnd{};
  }

  // "EPERM" for a single action; "ok" if it was done.
  std::string Try(const std::string& action, const Words& before = {}, bool sandboxed = true) {
    Words words = before;
    words.push_back(action);
    const ProcessEnd end = Run(words, sandboxed);
    const std::string_view line = Trim(end.output);
    return std::string(line.substr(line.rfind(' ') + 1));
  }

  TempFolder folder_;
  SandboxPolicy policy_;
};

// A process that has no part in the test, of the same user and the same program as the runners.
class Bystander {
 public:
  Bystander() {
    Command command;
    command.argv = {"/bin/sleep", "1000"};
    auto child = RealProcesses().Start(command);
    if (child.ok()) child_ = std::move(child).value();
  }
  std::string pid() const { return child_ ? std::to_string(child_->pid()) : "0"; }

 private:
  std::unique_ptr<Child> child_;
};

TEST_F(SandboxTest, FilesAreThereAsFarAsThePolicyNamesThem) {
  EXPECT_EQ(Try("read:" + Path("secret")), "EACCES");
  EXPECT_EQ(Try("list:" + Path("")), "EACCES");
  EXPECT_EQ(Try("read:" + Path("readable/file")), "ok");
  EXPECT_EQ(Try("list:" + Path("readable")), "ok");
  EXPECT_EQ(Try("read:/etc/passwd"), "EACCES");
  for (const char* action : {"write", "remove", "rename", "link"})
    EXPECT_EQ(Try(Format("{}:{}", action, Path("readable/file"))), "EACCES") << action;
  for (const char* action : {"make", "mkdir", "symlink"})
    EXPECT_EQ(Try(Format("{}:{}", action, Path("readable/new"))), "EACCES") << action;
  EXPECT_EQ(Try("cut:" + Path("readable/file")), "EPERM");
  EXPECT_EQ(Try("make:/dev/shm/caesar-forbidden"), "EACCES");
  EXPECT_EQ(Try("make:/tmp/caesar-forbidden"), "EACCES");
  EXPECT_EQ(std::filesystem::file_size(Path("readable/file")), 4U);
}

TEST_F(SandboxTest, OnesOwnFolderCanBeUsed) {
  for (const char* action :
       {"read:own/file", "write:own/file", "make:own/new", "mkdir:own/folder", "rename:own/file",
        "link:own/new", "symlink:own/x", "remove:own/new"}) {
    const std::string text = action;
    const std::size_t colon = text.find(':') + 1;
    EXPECT_EQ(Try(text.substr(0, colon) + Path(text.substr(colon))), "ok") << action;
  }
}

TEST_F(SandboxTest, LinksLeadNowhereElse) {
  std::filesystem::create_symlink(Path("secret"), Path("own/link"));
  EXPECT_EQ(Try("read:" + Path("own/link")), "EACCES");
  // A hard link would be the file itself; it cannot be made from within.
  EXPECT_EQ(Try("read:" + Path("own/../secret")), "EACCES");
}

TEST_F(SandboxTest, OfProcOnlyWhatIsNobodyElses) {
  const Bystander other;
  for (const char* file : {"mem", "environ", "maps", "cmdline", "status", "fd", "root/etc/passwd"})
    EXPECT_EQ(Try(Format("read:/proc/{}/{}", other.pid(), file)), "EACCES") << file;
  EXPECT_EQ(Try("list:/proc"), "EACCES");
  for (const char* file : {"/proc/self/maps", "/proc/self/status", "/proc/thread-self/stat",
                           "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/kernel/osrelease"})
    EXPECT_EQ(Try(Format("read:{}", file)), "ok") << file;
  EXPECT_EQ(Try("write:/proc/self/comm"), "ok");
  EXPECT_EQ(Try("write:/proc/sys/kernel/core_pattern"), "EACCES");
  EXPECT_EQ(Try(Format("read:/proc/{}/cmdline", other.pid()), {}, false), "ok");
}

TEST_F(SandboxTest, OtherProcessesAreOutOfReach) {
  const Bystander other;
  for (const char* action : {"memory", "attach", "pidfd"})
    EXPECT_EQ(Try(Format("{}:{}", action, other.pid())), "EPERM") << action;
  for (const char* action : {"kill", "tkill", "tgkill"}) {
    EXPECT_EQ(Try(Format("{}:{}", action, other.pid()), {"seal"}), "EPERM") << action;
    EXPECT_EQ(Try(Format("{}:{}", action, other.pid()), {}, false), "ok") << action;
  }
  for (const char* action : {"message", "limit", "affinity", "nicer"}) {
    EXPECT_EQ(Try(Format("{}:{}", action, other.pid()), {"seal"}), "EPERM") << action;
    EXPECT_EQ(Try(Format("{}:{}", action, other.pid()), {}, false), "ok") << action;
  }
  EXPECT_EQ(Try("kill:" + std::to_string(::getpid()), {"seal"}), "EPERM");
  EXPECT_EQ(Try("kill-all", {"seal"}), "EPERM");
}

// From Linux 6.12 on.
TEST_F(SandboxTest, SignalsStayInsideAlreadyBeforeTheSeal) {
  if (ProbeSandbox().landlock_abi < 6) GTEST_SKIP() << "this kernel's Landlock has no scopes";
  const Bystander other;
  EXPECT_EQ(Try("kill:" + other.pid()), "EPERM");
  EXPECT_EQ(Try("kill-self"), "ok");
}

TEST_F(SandboxTest, SocketsAreRefused) {
  for (const char* action : {"inet", "inet6", "netlink"}) {
    EXPECT_EQ(Try(action), "EPERM") << action;
    EXPECT_EQ(Try(action, {}, false), "ok") << action;
  }
  EXPECT_EQ(Try("unix"), "EPERM");
  EXPECT_EQ(Try("pair"), "EPERM");
  policy_.unix_sockets = true;
  EXPECT_EQ(Try("unix"), "ok");
  EXPECT_EQ(Try("inet"), "EPERM");
  EXPECT_EQ(Try("unix", {"seal"}), "EPERM");
  EXPECT_EQ(Try("pair", {"seal"}), "EPERM");
}

TEST_F(SandboxTest, ProgramsRunWhereThePolicyNamesThem) {
  EXPECT_EQ(Try("run:/bin/true"), "EACCES");
  policy_.execute = {"/bin", "/usr/bin"};
  EXPECT_EQ(Try("run:/bin/true"), "ok");
  EXPECT_EQ(Try("fork"), "ok");
  EXPECT_EQ(Try("run:/bin/true", {"seal"}), "EPERM");
  EXPECT_EQ(Try("exec:/bin/true", {"seal"}), "EPERM");
  EXPECT_EQ(Try("fork", {"seal"}), "EPERM");
  EXPECT_EQ(Try("raw-fork", {"seal"}), "EPERM");
  EXPECT_EQ(Try("newuser"), "EPERM");
  EXPECT_EQ(Try("clone3"), "ENOSYS");
}

TEST_F(SandboxTest, ThreadsMemoryAndSignalsToOneselfGoOnBehindTheSeal) {
  for (const char* action : {"thread", "code", "kill-self", "raise", "own-affinity",
                             "ask-personality", "allocate:4096", "write:/dev/null"})
    EXPECT_EQ(Try(action, {"seal"}), "ok") << action;
}

TEST_F(SandboxTest, TheSealHoldsWhatLandlockLeavesOpen) {
  for (const char* action : {"chmod", "chown", "utime"}) {
    const std::string wish = Format("{}:{}", action, Path("secret"));
    EXPECT_EQ(Try(wish, {"seal"}), "EPERM") << action;
    EXPECT_EQ(Try(wish, {}, false), "ok") << action;
  }
  EXPECT_EQ(Try("xattr:" + Path("secret"), {"seal"}), "EPERM");
  EXPECT_EQ(Try("watch:" + Path("secret"), {"seal"}), "EPERM");
}

// A lease on a file holds up everybody who opens it.
TEST_F(SandboxTest, LeasesAndNewsOfFilesAreRefusedAndLocksAreNot) {
  const std::string file = Path("readable/file");
  EXPECT_EQ(Try("lease:" + file), "EPERM");
  EXPECT_EQ(Try("lease:" + file, {}, false), "ok");
  EXPECT_EQ(Try("notify:" + Path("readable")), "EPERM");
  EXPECT_EQ(Try("notify:" + Path("readable"), {}, false), "ok");
  EXPECT_EQ(Try("lock-record:" + file, {"seal"}), "ok");
}

TEST_F(SandboxTest, WhatIsSealedCannotOutliveItsSupervisor) {
  EXPECT_EQ(Try("outlive", {"seal"}), "EPERM");
  EXPECT_EQ(Try("outlive"), "ok");
}

// Root in a container often may not.
bool MayRaiseLimits() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (StartsWith(line, "CapEff:"))
      return (std::stoull(line.substr(7), nullptr, 16) >> CAP_SYS_RESOURCE & 1) != 0;
  }
  return false;
}

// The first one that the system ends; who may raise limits here makes that last.
TEST_F(SandboxTest, WhereMemoryRunsOutItIsEndedFirst) {
  policy_.execute = {"/bin", "/usr/bin"};
  Command command;
  command.argv = {"/bin/cat", "/proc/self/oom_score_adj"};
  command.sandbox = policy_;
  const auto end = RealProcesses().Run(command, kLong, {});
  ASSERT_TRUE(end.ok()) << end.error().message;
  EXPECT_EQ(Trim(end.value().output), "1000");
  EXPECT_EQ(Try("end-others-first:1000"), "ok");
  EXPECT_EQ(Try("end-others-first:0", {}, false), "ok");
  EXPECT_EQ(Try("end-others-first:0"), MayRaiseLimits() ? "EACCES" : "ok");
}

TEST_F(SandboxTest, TheRestOfTheKernelIsClosed) {
  for (const char* action : {"unshare", "mount:/tmp", "chroot", "keys", "shared", "queue", "bpf",
                             "uring", "faults", "personality", "type", "faster", "realtime"}) {
    const std::string got = Try(action);
    EXPECT_TRUE(got == "EPERM" || (got == "EACCES" && action == std::string("faster")))
        << action << ": " << got;
  }
  EXPECT_EQ(Try("future"), "ENOSYS");
  for (const char* action : {"keys", "shared", "personality"})
    EXPECT_EQ(Try(action, {}, false), "ok") << action;
}

#ifdef __x86_64__
TEST_F(SandboxTest, SystemCallsOfOtherArchitecturesEndTheProcess) {
  const ProcessEnd end = Run({"x32"});
  EXPECT_EQ(end.how, ProcessEnd::How::kSignaled);
  EXPECT_EQ(end.signal, SIGSYS);
}
#endif

TEST_F(SandboxTest, NoCapabilityIsLeftAndNoneComesBack) {
  Command command;
  command.argv = {"/bin/cat", "/proc/self/status"};
  policy_.execute = {"/bin", "/usr/bin"};
  command.sandbox = policy_;
  const auto end = RealProcesses().Run(command, kLong, {});
  ASSERT_TRUE(end.ok()) << end.error().message;
  int seen = 0;
  for (const std::string_view line : Lines(end.value().output)) {
    const std::string_view value = Trim(line.substr(std::min(line.size(), line.find(':') + 1)));
    const bool set = StartsWith(line, "CapPrm") || StartsWith(line, "CapEff") ||
                     StartsWith(line, "CapInh") || StartsWith(line, "CapAmb");
    if (set) {
      EXPECT_EQ(value, "0000000000000000") << line;
      ++seen;
    }
    if (::geteuid() == 0 && StartsWith(line, "CapBnd")) {
      EXPECT_EQ(value, "0000000000000000");
    }
    if (StartsWith(line, "NoNewPrivs")) {
      EXPECT_EQ(value, "1");
    }
    if (StartsWith(line, "Seccomp:")) {
      EXPECT_EQ(value, "2");
    }
  }
  EXPECT_EQ(seen, 4);
}

TEST_F(SandboxTest, LimitsHold) {
  EXPECT_EQ(Try("cores"), "EPERM");
#ifndef __SANITIZE_ADDRESS__  // which reserves terabytes
  policy_.address_space_bytes_max = std::uint64_t{1} << 30;
  EXPECT_EQ(Try("allocate:2048"), "ENOMEM");
  EXPECT_EQ(Try("allocate:64"), "ok");
  policy_.address_space_bytes_max = 0;
#endif
  EXPECT_EQ(Try("allocate:2048"), "ok");
  policy_.file_bytes_max = 4096;
  EXPECT_EQ(Try("grow:4097," + Path("own/big")), "EFBIG");
  EXPECT_EQ(Try("grow:4096," + Path("own/big")), "ok");
  policy_.cpu_seconds_max = 1;
  Command command;
  command.argv = {"/bin/sh", "-c", "while :; do :; done"};
  policy_.execute = {"/bin", "/usr/bin"};
  command.sandbox = policy_;
  const auto end = RealProcesses().Run(command, kLong, {});
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().how, ProcessEnd::How::kSignaled);
}

// What opening a file says, 0 or errno, in a child that has entered the plan; -1: it could not.
int OpenInside(const SandboxPlan& plan, const std::string& path, int flags) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!EnterSandbox(plan)) ::_exit(255);
    ::_exit(::open(path.c_str(), flags) < 0 ? errno : 0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) != 255 ? WEXITSTATUS(status) : -1;
}

TEST_F(SandboxTest, HoldsWithWhatEveryVersionOfLandlockHas) {
  for (int abi = 1; abi <= ProbeSandbox().landlock_abi; ++abi) {
    SandboxSupport support;
    support.landlock_abi = abi;
    const auto plan = MakeSandboxPlan(policy_, "/bin/true", support);
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    EXPECT_EQ(OpenInside(plan.value(), Path("secret"), O_RDONLY), EACCES) << abi;
    EXPECT_EQ(OpenInside(plan.value(), Path("readable/file"), O_RDONLY), 0) << abi;
    EXPECT_EQ(OpenInside(plan.value(), Path("readable/file"), O_WRONLY), EACCES) << abi;
    EXPECT_EQ(OpenInside(plan.value(), Path("own/file"), O_WRONLY | O_TRUNC), 0) << abi;
    EXPECT_EQ(OpenInside(plan.value(), "/proc/self/status", O_RDONLY), 0) << abi;
  }
}

TEST_F(SandboxTest, WithoutAnyPartOfItTheRestHolds) {
  SandboxSupport support;
  support.seccomp = true;
  auto plan = MakeSandboxPlan(policy_, "/bin/true", support);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(OpenInside(plan.value(), Path("secret"), O_RDONLY), 0);
  EXPECT_FALSE(plan.value().filter.empty());
  policy_.required = true;
  plan = MakeSandboxPlan(policy_, "/bin/true", support);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kEnvironment);
}

// Root without capabilities is stopped by a folder of somebody else.
TEST_F(SandboxTest, AFolderThatOnlyCapabilitiesOpenIsNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has capabilities to lose";
  const std::string closed = Path("closed");
  std::filesystem::create_directory(closed);
  ASSERT_EQ(::chown(closed.c_str(), 65534, 65534), 0);
  ASSERT_EQ(::chmod(closed.c_str(), 0700), 0);
  Command command;
  command.argv = {"/bin/true"};
  command.folder = closed;
  EXPECT_TRUE(RealProcesses().Run(command, kLong, {}).ok());
  command.sandbox = policy_;
  const auto end = RealProcesses().Run(command, kLong, {});
  ASSERT_FALSE(end.ok());
  EXPECT_NE(end.error().detail.find("--sandbox off"), std::string::npos) << end.error().detail;
}

TEST_F(SandboxTest, APathThatIsNotThereIsNoError) {
  policy_.read.push_back("/nowhere/at/all");
  EXPECT_EQ(Try("own-affinity"), "ok");
}

TEST_F(SandboxTest, NeitherPlanNorChildLeavesADescriptorOpen) {
  const auto open = [] { return RealFiles().List("/proc/self/fd").value().size(); };
  Run({"thread"});
  const std::size_t before = open();
  Run({"thread"});
  EXPECT_EQ(open(), before);
  const ProcessEnd end = Run({"list:/proc/self/fd", "list:/proc/self/fd"});
  EXPECT_EQ(end.output, "list ok\nlist ok\n");
}

}  // namespace
}  // namespace caesar
