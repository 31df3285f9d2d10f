#include "judge/line_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "judge/messages.h"

namespace caesar {

Status LineSocket::Write(std::string_view line) {
  while (!line.empty()) {
    const ssize_t count = send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return Error{ErrorCode::kEnvironment,
                   Format("the other process is gone: {}", std::strerror(errno)), ""};
    line.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::optional<LineSocket::Line>> LineSocket::Read(Milliseconds timeout, StopToken stop) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  for (std::size_t searched = 0;;) {
    if (const std::size_t end = buffer_.find('\n', searched); end != std::string::npos) {
      Line line{false, buffer_.substr(0, end)};
      buffer_.erase(0, end + 1);
      return std::optional<Line>(std::move(line));
    }
    searched = buffer_.size();
    if (buffer_.size() > kLineBytesMax)
      return Error{ErrorCode::kInternal, "a line between driver and judge is too long", ""};
    if (stop.now()) return Error{ErrorCode::kInterrupted, "stopped", ""};
    const auto left =
        std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::optional<Line>();
    pollfd waiting[2] = {{fd_.get(), POLLIN, 0}, {stop.wake_fd(), POLLIN, 0}};
    const int ready =
        poll(waiting, 2, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
    if (ready < 0 && errno != EINTR)
      return Error{ErrorCode::kEnvironment, Format("waiting failed: {}", std::strerror(errno)), ""};
    if (ready <= 0 || waiting[0].revents == 0) continue;
    char chunk[65536];
    const ssize_t count = recv(fd_.get(), chunk, sizeof chunk, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::optional<Line>(Line{true, ""});
    buffer_.append(chunk, static_cast<std::size_t>(count));
  }
}

}  // namespace caesar
