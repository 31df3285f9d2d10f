#include "device/gpu_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/format.h"
#include "fakes/fake_clock.h"
#include "fakes/memory_files.h"

namespace caesar {
namespace {

class GpuLockTest : public testing::Test {
 protected:
  GpuLockTest() { EXPECT_TRUE(files_.MakeFolders("/run/lock").ok()); }
  Result<std::unique_ptr<FileLock>> Take(LockMode mode, Milliseconds timeout = Milliseconds(100)) {
    return LockGpu("GPU-1234", mode, timeout, files_, clock_, {});
  }

  MemoryFiles files_;
  FakeClock clock_;
};

TEST_F(GpuLockTest, SharersShareAndATimingIsAlone) {
  auto first = Take(LockMode::kShared);
  auto second = Take(LockMode::kShared);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE(Take(LockMode::kExclusive).ok());
  first.value().reset();
  EXPECT_FALSE(Take(LockMode::kExclusive).ok());
  second.value().reset();
  auto alone = Take(LockMode::kExclusive);
  ASSERT_TRUE(alone.ok());
  EXPECT_FALSE(Take(LockMode::kShared).ok());
  EXPECT_FALSE(Take(LockMode::kExclusive).ok());
  alone.value().reset();
  EXPECT_TRUE(Take(LockMode::kShared).ok());
}

TEST_F(GpuLockTest, SaysWhatItWaitedFor) {
  const auto held = Take(LockMode::kExclusive);
  const auto refused = Take(LockMode::kShared, Milliseconds(250));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(refused.error().message,
            "the GPU is in use: /run/lock/caesar-GPU-1234.lock could not be had in time");
  EXPECT_NE(refused.error().detail.find("--device cuda:N"), std::string::npos);
  EXPECT_EQ(clock_.Now().time_since_epoch(), Milliseconds(250));
}

TEST_F(GpuLockTest, OtherGpusAreOthers) {
  const auto held = Take(LockMode::kExclusive);
  EXPECT_TRUE(LockGpu("GPU-5678", LockMode::kExclusive, Milliseconds(0), files_, clock_, {}).ok());
}

TEST_F(GpuLockTest, ANameCannotLeaveTheFolder) {
  EXPECT_TRUE(
      LockGpu("../../etc/passwd", LockMode::kShared, Milliseconds(0), files_, clock_, {}).ok());
  for (const std::string& path : files_.Paths())
    EXPECT_EQ(path.rfind("/run/lock/caesar", 0), 0u) << path;
}

TEST_F(GpuLockTest, WaitingIsInterrupted) {
  const auto held = Take(LockMode::kExclusive);
  StopSource source;
  source.Request(StopLevel::kNow);
  const auto stopped =
      LockGpu("GPU-1234", LockMode::kShared, Milliseconds(1000), files_, clock_, StopToken(source));
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kInterrupted);
}

TEST(GpuLock, FallsBackToTmpAndFailsWithoutAnyFolder) {
  FakeClock clock;
  MemoryFiles nothing;
  const auto failed = LockGpu("GPU-1", LockMode::kShared, Milliseconds(0), nothing, clock, {});
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find("neither /run/lock nor /tmp"), std::string::npos);
  MemoryFiles only_tmp;
  ASSERT_TRUE(only_tmp.MakeFolders("/tmp").ok());
  EXPECT_TRUE(LockGpu("GPU-1", LockMode::kShared, Milliseconds(0), only_tmp, clock, {}).ok());
  EXPECT_EQ(only_tmp.Paths().back().rfind("/tmp/caesar", 0), 0u);
}

// While one waits for the exclusive lock, no new sharer comes in: a clock that lets somebody try at
// every poll.
TEST_F(GpuLockTest, WhoWaitsToBeAloneIsNotStarved) {
  class TryingClock : public FakeClock {
   public:
    explicit TryingClock(Files& files) : files_(files) {}
    Status Sleep(Milliseconds duration, StopToken stop) override {
      if (polls_++ == 2) sharer_.reset();  // the one that was there first leaves
      FakeClock other;
      const auto intruder =
          LockGpu("GPU-1234", LockMode::kShared, Milliseconds(0), files_, other, {});
      intruders_ += intruder.ok() ? 1 : 0;
      return FakeClock::Sleep(duration, stop);
    }
    Files& files_;
    std::unique_ptr<FileLock> sharer_;
    int polls_ = 0;
    int intruders_ = 0;
  };
  TryingClock clock(files_);
  clock.sharer_ = Take(LockMode::kShared).value();
  const auto alone =
      LockGpu("GPU-1234", LockMode::kExclusive, Milliseconds(100), files_, clock, {});
  EXPECT_TRUE(alone.ok());
  EXPECT_EQ(clock.polls_, 3);
  EXPECT_EQ(clock.intruders_, 0);
}

// The real thing between two processes: it excludes, and a death releases it.
TEST(GpuLock, ExcludesOtherProcessesUntilTheyDie) {
  const std::string uuid = Format("test-{}", getpid());
  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held =
        LockGpu(uuid, LockMode::kExclusive, Milliseconds(5000), RealFiles(), RealClock(), {});
    const char answer = held.ok() ? 'y' : 'n';
    if (write(pipe_fds[1], &answer, 1) == 1) pause();
    _exit(1);
  }
  char answer = 0;
  ASSERT_EQ(read(pipe_fds[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_FALSE(
      LockGpu(uuid, LockMode::kShared, Milliseconds(10), RealFiles(), RealClock(), {}).ok());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(
      LockGpu(uuid, LockMode::kExclusive, Milliseconds(5000), RealFiles(), RealClock(), {}).ok());
  close(pipe_fds[0]);
  close(pipe_fds[1]);
  for (const char* folder : {"/run/lock", "/tmp"}) {
    for (const char* ending : {"gate", "lock"})
      unlink(Format("{}/caesar-{}.{}", folder, uuid, ending).c_str());
  }
}

}  // namespace
}  // namespace caesar
