#include "sys/keyboard.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/strings.h"
#include "sys/fd.h"

namespace caesar {
namespace {

// The first interrupt wakes no descriptor, and its signal may go to another thread.
constexpr int kStopPollMs = 100;

}  // namespace

// A background job would be stopped by the kernel (SIGTTIN) if it read from its terminal.
bool FdKeyboard::Attended() {
  return ::isatty(input_) == 1 && ::isatty(output_) == 1 && ::tcgetpgrp(input_) == ::getpgrp();
}

void FdKeyboard::Discard() { static_cast<void>(::tcflush(input_, TCIFLUSH)); }

Status FdKeyboard::WaitForInput(StopToken stop) const {
  for (;;) {
    if (stop.level() != StopLevel::kNone)
      return Error{ErrorCode::kInterrupted, "interrupted while waiting for an answer", ""};
    pollfd waits[] = {{.fd = input_, .events = POLLIN, .revents = 0},
                      {.fd = stop.wake_fd(), .events = POLLIN, .revents = 0}};
    const int ready = ::poll(waits, 2, kStopPollMs);
    if (ready < 0 && errno != EINTR)
      return Error{ErrorCode::kIo,
                   Format("cannot wait for standard input: {}", std::strerror(errno)), ""};
    if (ready > 0 && waits[0].revents != 0 && stop.level() == StopLevel::kNone) return {};
  }
}

Result<Typed> FdKeyboard::ReadLines(std::size_t bytes_max, StopToken stop) {
  Typed typed;
  std::size_t line_begin = 0;
  for (;;) {
    TRY(WaitForInput(stop));
    char buffer[4096];  // the kernel's longest line
    const ssize_t got = Uninterrupted([&] { return ::read(input_, buffer, sizeof buffer); });
    if (got < 0 && errno == EAGAIN) continue;
    if (got < 0)
      return Error{ErrorCode::kIo, Format("cannot read standard input: {}", std::strerror(errno)),
                   ""};
    if (got == 0) return typed;
    for (const char c : std::string_view(buffer, static_cast<std::size_t>(got))) {
      if (c == '\n' && Trim(std::string_view(typed.text).substr(line_begin)).empty()) {
        typed.text.resize(line_begin);
        return typed;
      }
      if (typed.text.size() == bytes_max) {
        typed.cut = true;
        return typed;
      }
      typed.text += c;
      if (c == '\n') line_begin = typed.text.size();
    }
  }
}

}  // namespace caesar
