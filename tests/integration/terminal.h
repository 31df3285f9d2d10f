// A program at a terminal of its own: a pseudo terminal, which the test sees and types on.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "sys/fd.h"

namespace caesar {

class Terminal {
 public:
  // Starts `argv` in `folder`, with the terminal as its standard input, output and error, and in
  // charge of it, so that Ctrl-C reaches it.
  Terminal(std::vector<std::string> argv, const std::map<std::string, std::string>& environment,
           const std::string& folder);
  ~Terminal();  // kills it
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void Type(std::string_view keys) const;
  // Waits until all that was shown so far holds `text`, at most a minute; false if it never did.
  bool Shows(const std::string& text);
  // Waits for its end: the exit code; -1: a signal, or it did not end within a minute.
  int Wait();
  const std::string& screen() const { return screen_; }  // everything so far, with "\r\n"

  static constexpr std::string_view kCtrlC = "\x03";
  static constexpr std::string_view kCtrlD = "\x04";

 private:
  // Takes what comes within `ms`; false once nothing can come any more.
  bool Read(int ms);

  UniqueFd ours_;
  pid_t pid_ = -1;
  std::string screen_;
};

}  // namespace caesar
