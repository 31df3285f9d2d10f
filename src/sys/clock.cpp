#include "sys/clock.h"

#include <poll.h>
#include <time.h>

#include <algorithm>

#include "base/format.h"

namespace caesar {
namespace {

class SystemClock : public Clock {
 public:
  SteadyTime Now() override { return std::chrono::steady_clock::now(); }

  std::chrono::system_clock::time_point Utc() override { return std::chrono::system_clock::now(); }

  Status Sleep(Milliseconds duration, StopToken stop) override {
    using std::chrono::nanoseconds;
    constexpr Milliseconds kLongest =
        std::chrono::hours(24 * 365);  // keeps the sum below from overflowing
    const SteadyTime end = Now() + std::min(duration, kLongest);
    while (!stop.now()) {
      const nanoseconds left = end - Now();
      if (left <= nanoseconds(0)) return {};
      const timespec wait{.tv_sec = left.count() / 1'000'000'000,
                          .tv_nsec = left.count() % 1'000'000'000};
      pollfd wake{.fd = stop.wake_fd(), .events = POLLIN, .revents = 0};
      ::ppoll(&wake, 1, &wait, nullptr);  // whatever woke us, the loop asks again
    }
    return Error{ErrorCode::kInterrupted, "interrupted while waiting", ""};
  }
};

tm UtcFields(std::chrono::system_clock::time_point time) {
  const time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  tm fields{};
  ::gmtime_r(&seconds, &fields);
  return fields;
}

}  // namespace

Clock& RealClock() {
  static SystemClock clock;
  return clock;
}

std::string UtcText(std::chrono::system_clock::time_point time) {
  const tm utc = UtcFields(time);
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<Milliseconds>(time - whole).count();
  return Format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, millis);
}

std::string UtcCompact(std::chrono::system_clock::time_point time) {
  const tm utc = UtcFields(time);
  return Format("{:04}{:02}{:02}-{:02}{:02}{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace caesar
