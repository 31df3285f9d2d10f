// What only real files can show: atomic replacement, links, limits, locks between processes, a full
// disk.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/strings.h"
#include "fakes/temp_folder.h"
#include "sys/files.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

// Runs `work` in a process of its own and returns its exit code.
int InOtherProcess(const std::function<int()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(work());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1'000 + WTERMSIG(status);
}

class FilesPosix : public testing::Test {
 protected:
  std::string Content(const std::string& name) {
    return files_.Read(folder_ / name, 1 << 20).value();
  }
  // All entries, also those that List leaves out.
  std::size_t EntriesOnDisk() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

  TempFolder folder_;
  Files& files_ = RealFiles();
};

TEST_F(FilesPosix, BeneathAFolderNoLinkLeadsOut) {
  TempFolder outside;
  ASSERT_TRUE(files_.Write(outside / "key", "secret").ok());
  ASSERT_TRUE(files_.MakeFolders(folder_ / "texts").ok());
  ASSERT_TRUE(files_.Write(folder_ / "texts/statement", "Do it.").ok());
  fs::create_symlink("texts/statement", folder_ / "inside");
  fs::create_symlink(outside / "key", folder_ / "out");
  fs::create_directory_symlink(outside.path(), folder_ / "away");
  const auto read = [&](const char* name) { return files_.ReadBeneath(folder_.path(), name, 100); };
  EXPECT_EQ(read("texts/statement").value(), "Do it.");
  EXPECT_EQ(read("inside").value(), "Do it.");
  for (const char* name : {"out", "away/key", "../key", "texts/../../key"}) {
    const auto content = read(name);
    ASSERT_FALSE(content.ok()) << name;
    EXPECT_NE(content.error().message.find("leads out of"), std::string::npos)
        << content.error().message;
  }
  EXPECT_FALSE(read("nothing").ok());
  EXPECT_FALSE(read("texts").ok());
  EXPECT_FALSE(files_.ReadBeneath(folder_.path(), "inside", 5).ok());
}

TEST_F(FilesPosix, BeneathAFolderALinkThatComesMeanwhileLeadsNowhere) {
  TempFolder outside;
  ASSERT_TRUE(files_.Write(outside / "key", "secret").ok());
  ASSERT_TRUE(files_.Write(folder_ / "text", "Do it.").ok());
  fs::create_symlink(outside / "key", folder_ / "link");
  std::atomic<bool> done{false};
  std::thread changer([&] {
    while (!done)
      ::renameat2(AT_FDCWD, (folder_ / "text").c_str(), AT_FDCWD, (folder_ / "link").c_str(),
                  RENAME_EXCHANGE);
  });
  int refused = 0;
  // Both were there at some time, however seldom a busy machine lets the other thread run.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int i = 0; i < 2'000 || (refused == 0 && std::chrono::steady_clock::now() < give_up); ++i) {
    const auto content = files_.ReadBeneath(folder_.path(), "text", 100);
    if (!content.ok()) ++refused;
    EXPECT_TRUE(!content.ok() || content.value() == "Do it.");
  }
  done = true;
  changer.join();
  EXPECT_GT(refused, 0) << "the link was never there";
}

TEST_F(FilesPosix, ReadersSeeTheOldOrTheNewFileAndNothingElse) {
  const std::string path = folder_ / "f";
  const std::string old_content(200'000, 'a');
  const std::string new_content(100'000, 'b');
  ASSERT_TRUE(files_.Write(path, old_content).ok());
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i)
      EXPECT_TRUE(files_.Write(path, i % 2 == 0 ? new_content : old_content).ok());
    done = true;
  });
  while (!done) {
    const auto content = files_.Read(path, 1 << 20);
    EXPECT_TRUE(content.ok() && (content.value() == old_content || content.value() == new_content));
  }
  writer.join();
  EXPECT_EQ(EntriesOnDisk(), 1U);
}

TEST_F(FilesPosix, WriteNewHasOneWinnerAmongThreads) {
  for (int round = 0; round < 10; ++round) {
    const std::string name = "run" + std::to_string(round);
    std::atomic<int> winners{0};
    std::string winner;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        if (!files_.WriteNew(folder_ / name, std::to_string(t)).value()) return;
        ++winners;
        winner = std::to_string(t);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(Content(name), winner);
  }
  EXPECT_EQ(EntriesOnDisk(), 10U) << "losers clean up";
}

TEST_F(FilesPosix, LeftoversOfKilledWritersAreNotListed) {
  ASSERT_TRUE(files_.Write(folder_ / ".caesar-tmp-1-0123456789abcdef", "half").ok());
  ASSERT_TRUE(files_.Write(folder_ / "a", "whole").ok());
  EXPECT_EQ(files_.List(folder_.path()).value(), std::vector<std::string>{"a"});
}

TEST_F(FilesPosix, AFailedWriteLeavesTheOldFileAndNoOther) {
  ASSERT_TRUE(files_.Write(folder_ / "f", "old").ok());
  const int code = InOtherProcess([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 1'000, .rlim_max = 1'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Status status =
        files_.Write(folder_ / "f", std::string(5'000, 'x'));  // the first write() is cut short
    return status.ok() ? 1 : EndsWith(status.error().message, "/f: File too large") ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(Content("f"), "old");
  EXPECT_EQ(EntriesOnDisk(), 1U);
}

TEST_F(FilesPosix, AFullDiskIsSaidAndNothingIsLost) {
  const int code = InOtherProcess([&] {
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0) return 77;
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=64k") != 0) return 77;
    if (!files_.Write(folder_ / "f", "old").ok()) return 1;
    const Status full = files_.Write(folder_ / "f", std::string(200'000, 'x'));
    if (full.ok() || full.error().code != ErrorCode::kIo) return 2;
    if (full.error().message != "cannot write " + folder_ / "f: No space left on device") return 3;
    if (full.error().detail.find("Free some space") == std::string::npos) return 4;
    if (Content("f") != "old" || EntriesOnDisk() != 1) return 5;
    auto journal = files_.Append(folder_ / "journal", std::nullopt);
    if (!journal.ok() || !journal.value()->Append("one\n").ok()) return 6;
    if (journal.value()->Append(std::string(200'000, 'x')).ok()) return 7;
    auto again = files_.Append(folder_ / "journal", 4);
    if (!again.ok() || !again.value()->Append("two\n").ok() || Content("journal") != "one\ntwo\n")
      return 8;
    return 0;
  });
  if (code == 77) GTEST_SKIP() << "needs the right to mount a small file system";
  EXPECT_EQ(code, 0);
}

TEST_F(FilesPosix, AReadOnlyFolderIsSaid) {
  if (::geteuid() == 0) {
    const int code = InOtherProcess([&] {
      if (::unshare(CLONE_NEWNS) != 0) return 77;
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
      if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_RDONLY, "size=64k") != 0) return 77;
      const Status status = files_.Write(folder_ / "f", "x");
      if (status.ok() || !EndsWith(status.error().message, "/f: Read-only file system")) return 1;
      return status.error().detail.empty() ? 2 : 0;
    });
    if (code == 77) GTEST_SKIP() << "root may write everywhere, and may not mount here";
    EXPECT_EQ(code, 0);
    return;
  }
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0500), 0);
  const Status status = files_.Write(folder_ / "f", "x");
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(EndsWith(status.error().message, "/f: Permission denied"));
  EXPECT_NE(status.error().detail, "");
  ::chmod(folder_.path().c_str(), 0700);
}

TEST_F(FilesPosix, SpecialFilesAreRefusedWithoutBlocking) {
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto read = files_.Read(fifo, 100);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "cannot read " + fifo + ": not a regular file");
  EXPECT_FALSE(files_.Append(fifo).ok());
  EXPECT_FALSE(files_.TryLock(fifo, LockMode::kShared).ok());
  EXPECT_FALSE(files_.Read("/dev/zero", 100).ok());
  EXPECT_EQ(files_.Stat(fifo).value()->kind, FileInfo::Kind::kOther);
}

TEST_F(FilesPosix, ReadTrustsBytesMoreThanTheSize) {
  EXPECT_EQ(files_.Stat("/proc/self/status").value()->bytes, 0U);
  EXPECT_TRUE(StartsWith(files_.Read("/proc/self/status", 100'000).value(), "Name:"));
  EXPECT_FALSE(files_.Read("/proc/self/status", 10).ok());
}

TEST_F(FilesPosix, RemoveTreeRemovesLinksAndNotTheirTargets) {
  TempFolder outside;
  ASSERT_TRUE(files_.Write(outside / "precious", "x").ok());
  const std::string tree = folder_ / "tree";
  ASSERT_TRUE(files_.MakeFolders(tree + "/sub").ok());
  fs::create_directory_symlink(outside.path(), tree + "/sub/link");
  fs::create_symlink("/no/such", tree + "/dangling");
  ASSERT_EQ(::mkfifo((tree + "/fifo").c_str(), 0600), 0);
  ASSERT_TRUE(files_.RemoveTree(tree).ok());
  EXPECT_FALSE(fs::exists(tree));
  fs::create_directory_symlink(outside.path(), folder_ / "top");
  ASSERT_TRUE(files_.RemoveTree(folder_ / "top").ok());
  EXPECT_EQ(EntriesOnDisk(), 0U);
  EXPECT_EQ(files_.Read(outside / "precious", 10).value(), "x");
}

TEST_F(FilesPosix, RemoveTreeOpensLockedFolders) {
  const auto work = [&] {
    if (::geteuid() == 0 && ::setuid(65'534) != 0) return 77;
    const std::string tree = folder_ / "tree";
    if (!files_.MakeFolders(tree + "/a/b").ok() || !files_.Write(tree + "/a/b/f", "x").ok())
      return 1;
    ::chmod((tree + "/a/b").c_str(), 0500);
    ::chmod((tree + "/a").c_str(), 0000);
    return files_.RemoveTree(tree).ok() ? 0 : 2;
  };
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  const int code = InOtherProcess(work);
  if (code == 77) GTEST_SKIP() << "cannot become a common user";
  EXPECT_EQ(code, 0);
  EXPECT_EQ(EntriesOnDisk(), 0U);
}

TEST_F(FilesPosix, RemoveTreeHasADepthLimitAndRefusesRoots) {
  std::string deep = folder_ / "deep";
  for (int i = 0; i < 300; ++i) deep += "/d";
  fs::create_directories(deep);
  const Status status = files_.RemoveTree(folder_ / "deep");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("levels deep"), std::string::npos);
  for (const char* path : {"", "/", "//", ".", ".."})
    EXPECT_FALSE(files_.RemoveTree(path).ok()) << path;
}

TEST_F(FilesPosix, LocksHoldBetweenProcessesAndEndWithThem) {
  const std::string path = folder_ / "lock";
  const auto holder = [&](int ready, int go) {
    const auto lock = files_.TryLock(path, LockMode::kExclusive);
    char byte = lock.ok() && lock.value() != nullptr ? 'y' : 'n';
    if (::write(ready, &byte, 1) != 1 || ::read(go, &byte, 1) != 1) return 1;
    for (;;) ::pause();
  };
  int ready[2];
  int go[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(go), 0);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(holder(ready[1], go[0]));
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(files_.TryLock(path, LockMode::kExclusive).value(), nullptr);
  EXPECT_EQ(files_.TryLock(path, LockMode::kShared).value(), nullptr);
  ::kill(pid, SIGKILL);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
  EXPECT_NE(files_.TryLock(path, LockMode::kExclusive).value(), nullptr);
  for (const int fd : {ready[0], ready[1], go[0], go[1]}) ::close(fd);
}

TEST_F(FilesPosix, ALockDoesNotLiveOnInAForkedCopy) {
  auto lock = files_.TryLock(folder_ / "lock", LockMode::kExclusive).value();
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (;;) ::pause();
  }
  lock.reset();
  EXPECT_NE(files_.TryLock(folder_ / "lock", LockMode::kExclusive).value(), nullptr);
  ::kill(pid, SIGKILL);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
}

TEST_F(FilesPosix, ALockFileHasTheGivenModeWhateverTheUmask) {
  const mode_t before = ::umask(0077);
  const auto lock = files_.TryLock(folder_ / "gpu", LockMode::kShared, 0666);
  ::umask(before);
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(fs::status(folder_ / "gpu").permissions(), fs::perms(0666));
}

TEST_F(FilesPosix, ALockIsNeverTakenThroughALink) {
  fs::create_symlink(folder_ / "target", folder_ / "lock");
  EXPECT_FALSE(files_.TryLock(folder_ / "lock", LockMode::kExclusive).ok());
  EXPECT_FALSE(fs::exists(folder_ / "target"));
}

TEST_F(FilesPosix, AppendersOfOneFileDoNotOverwriteEachOther) {
  auto a = files_.Append(folder_ / "f").value();
  auto b = files_.Append(folder_ / "f").value();
  ASSERT_TRUE(a->Append("1").ok());
  ASSERT_TRUE(b->Append("2").ok());
  ASSERT_TRUE(a->Append("3").ok());
  EXPECT_EQ(Content("f"), "123");
}

TEST_F(FilesPosix, DescriptorsAreCloseOnExec) {
  const auto file = files_.Append(folder_ / "f").value();
  const auto lock = files_.TryLock(folder_ / "l", LockMode::kShared).value();
  int found = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (!StartsWith(fs::read_symlink(entry, error).string(), folder_.path())) continue;
    ++found;
    EXPECT_NE(::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(found, 2);
}

}  // namespace
}  // namespace caesar
