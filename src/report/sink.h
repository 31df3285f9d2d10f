// Where text for people (or JSON for programs) goes: standard output, standard error, or a string
// in a test.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caesar {

class Sink {
 public:
  virtual ~Sink() = default;
  // All of it, or an Error (kIo: the disk is full). A reader who went away is no error: the rest is
  // dropped in silence.
  virtual Status Write(std::string_view text) = 0;
  virtual bool terminal() const = 0;  // a terminal that understands escapes and carriage returns
  virtual std::size_t columns() const = 0;  // of the terminal now; 80 where unknown
};

// A file descriptor that others own. `name` is for messages ("standard output").
class FdSink : public Sink {
 public:
  FdSink(int fd, std::string name, bool dumb) : fd_(fd), name_(std::move(name)), dumb_(dumb) {}
  Status Write(std::string_view text) override;
  bool terminal() const override;
  std::size_t columns() const override;

 private:
  int fd_;
  std::string name_;
  bool dumb_;  // TERM=dumb
  bool closed_ = false;
};

// Whether to colour what goes to `sink`. NO_COLOR (present and not empty) and --no-color say no;
// CLICOLOR_FORCE is not read.
bool ColorWanted(const Sink& sink, bool no_color_flag,
                 const std::function<std::string(const std::string&)>& environment);

enum class Tone { kPlain, kGood, kBad, kWarn, kDim, kBold };

// `text` in that tone, or unchanged without colour.
std::string Paint(std::string_view text, Tone tone, bool color);

}  // namespace caesar
