#include "report/sink.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace caesar {

Status FdSink::Write(std::string_view text) {
  while (!text.empty() && !closed_) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno == EAGAIN) {  // somebody made our terminal non-blocking
      pollfd waiting{fd_, POLLOUT, 0};
      ::poll(&waiting, 1, 1'000);
    } else if (errno != EINTR) {
      return Error{ErrorCode::kIo, Format("cannot write to {}: {}", name_, std::strerror(errno)),
                   errno == ENOSPC ? "Free some space, or send the output elsewhere." : ""};
    }
  }
  return {};
}

bool FdSink::terminal() const { return !dumb_ && ::isatty(fd_) == 1; }

std::size_t FdSink::columns() const {
  winsize size{};
  if (::ioctl(fd_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool ColorWanted(const Sink& sink, bool no_color_flag,
                 const std::function<std::string(const std::string&)>& environment) {
  return sink.terminal() && !no_color_flag && environment("NO_COLOR").empty();
}

std::string Paint(std::string_view text, Tone tone, bool color) {
  const auto with = [&](const char* code) {
    return color ? Format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  };
  switch (tone) {
    case Tone::kPlain:
      return std::string(text);
    case Tone::kGood:
      return with("32");
    case Tone::kBad:
      return with("31");
    case Tone::kWarn:
      return with("33");
    case Tone::kDim:
      return with("2");
    case Tone::kBold:
      return with("1");
  }
  return std::string(text);
}

}  // namespace caesar
