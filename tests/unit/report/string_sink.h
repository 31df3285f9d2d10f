// A sink that keeps what it is given.
#pragma once

#include <string>

#include "report/sink.h"

namespace caesar {

class StringSink : public Sink {
 public:
  explicit StringSink(bool is_terminal = false, std::size_t width = 80)
      : terminal_(is_terminal), columns_(width) {}
  Status Write(std::string_view written) override {
    if (full)
      return Error{ErrorCode::kIo, "cannot write to standard output: No space left on device", ""};
    text.append(written);
    return {};
  }
  bool terminal() const override { return terminal_; }
  std::size_t columns() const override { return columns_; }

  std::string text;
  bool full = false;  // every write fails

 private:
  bool terminal_;
  std::size_t columns_;
};

}  // namespace caesar
