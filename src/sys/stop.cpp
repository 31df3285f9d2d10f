#include "sys/stop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace caesar {

static_assert(std::atomic<StopLevel>::is_always_lock_free, "Request() runs in signal handlers");

StopSource::StopSource() : wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(wake_fd_ >= 0);
}

StopSource::~StopSource() { ::close(wake_fd_); }

void StopSource::Request(StopLevel level) {
  StopLevel seen = level_.load();
  while (seen < level && !level_.compare_exchange_weak(seen, level)) {
  }
  if (level != StopLevel::kNow) return;
  const int saved_errno = errno;  // a signal handler must leave it as it was
  const std::uint64_t one = 1;
  // A failure can only mean that the counter is full, and then the descriptor is readable already.
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_, &one, sizeof one);
  errno = saved_errno;
}

}  // namespace caesar
