#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <thread>

#include "sys/clock.h"
#include "sys/stop.h"

namespace caesar {
namespace {

bool Readable(int fd) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, 0) == 1;
}

TEST(StopSource, OnlyRaisesTheLevel) {
  StopSource source;
  EXPECT_EQ(source.level(), StopLevel::kNone);
  source.Request(StopLevel::kAfterStep);
  EXPECT_EQ(source.level(), StopLevel::kAfterStep);
  EXPECT_FALSE(Readable(source.wake_fd()));
  source.Request(StopLevel::kNow);
  source.Request(StopLevel::kAfterStep);
  source.Request(StopLevel::kNone);
  EXPECT_EQ(source.level(), StopLevel::kNow);
}

TEST(StopSource, NowWakesEveryWaiterForGood) {
  StopSource source;
  for (int i = 0; i < 3; ++i) {
    source.Request(StopLevel::kNow);
    EXPECT_TRUE(Readable(source.wake_fd()));
    EXPECT_TRUE(Readable(source.wake_fd()));
  }
}

TEST(StopToken, ViewsItsSourceAndTheDefaultNeverStops) {
  StopSource source;
  const StopToken token(source);
  EXPECT_FALSE(token.now());
  source.Request(StopLevel::kNow);
  EXPECT_TRUE(token.now());
  EXPECT_EQ(token.wake_fd(), source.wake_fd());
  EXPECT_EQ(StopToken().level(), StopLevel::kNone);
  EXPECT_EQ(StopToken().wake_fd(), -1);
}

TEST(RealClock, SleepTakesItsTime) {
  const SteadyTime start = RealClock().Now();
  EXPECT_TRUE(RealClock().Sleep(Milliseconds(20), {}).ok());
  EXPECT_GE(RealClock().Now() - start, Milliseconds(20));
  EXPECT_TRUE(RealClock().Sleep(Milliseconds(-5), {}).ok());
}

TEST(RealClock, SleepEndsAtOnceOnNow) {
  StopSource source;
  std::thread stopper([&] { source.Request(StopLevel::kNow); });
  const SteadyTime start = RealClock().Now();
  const Status status = RealClock().Sleep(Milliseconds::max(), StopToken(source));
  stopper.join();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  EXPECT_LT(RealClock().Now() - start, std::chrono::seconds(10));
}

StopSource* signalled = nullptr;

TEST(RealClock, AfterStepFromASignalHandlerDoesNotCutASleepShort) {
  StopSource source;
  signalled = &source;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { signalled->Request(StopLevel::kAfterStep); };
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  const pthread_t sleeper = ::pthread_self();
  std::thread sender([&] { ::pthread_kill(sleeper, SIGUSR1); });
  const SteadyTime start = RealClock().Now();
  EXPECT_TRUE(RealClock().Sleep(Milliseconds(50), StopToken(source)).ok());
  EXPECT_GE(RealClock().Now() - start, Milliseconds(50));
  sender.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(source.level(), StopLevel::kAfterStep);
}

TEST(UtcText, WritesMillisecondsAndPadsEveryField) {
  using std::chrono::system_clock;
  const system_clock::time_point epoch;
  EXPECT_EQ(UtcText(epoch), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(UtcText(epoch + Milliseconds(1'769'903'999'123)), "2026-01-31T23:59:59.123Z");
  EXPECT_EQ(UtcText(epoch - Milliseconds(1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(UtcCompact(epoch + Milliseconds(1'769'903'999'123)), "20260131-235959");
}

}  // namespace
}  // namespace caesar
