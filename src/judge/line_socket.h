// Lines over a stream socket, with limits and a way to be woken.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "judge/channel.h"
#include "sys/clock.h"
#include "sys/stop.h"

namespace caesar {

class LineSocket {
 public:
  explicit LineSocket(Fd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  Status Write(std::string_view line);  // kEnvironment if the other side is gone

  struct Line {
    bool closed = false;  // the other side is gone
    std::string text;
  };
  // Empty if no whole line came within `timeout`. Errors: kInterrupted (stop says kNow), kInternal
  // (a line over the limit).
  Result<std::optional<Line>> Read(Milliseconds timeout, StopToken stop);

 private:
  Fd fd_;
  std::string buffer_;
};

}  // namespace caesar
