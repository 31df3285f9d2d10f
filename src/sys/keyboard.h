// A person at the terminal, as a seam: whether there is one, and what they type.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "sys/stop.h"

namespace caesar {

struct Typed {
  std::string text;
  bool cut = false;  // there was more than the limit
};

class Keyboard {
 public:
  virtual ~Keyboard() = default;
  // Whether somebody can be asked now.
  virtual bool Attended() = 0;
  // Forgets what was typed before anything was asked, so that it answers nothing.
  virtual void Discard() = 0;
  // Lines up to an empty one, which is left out, or to the end of input (Ctrl-D); at most
  // `bytes_max` bytes. Waits as long as it takes. Errors: kIo; kInterrupted at every level of
  // `stop`, since a question can be asked again for nothing.
  virtual Result<Typed> ReadLines(std::size_t bytes_max, StopToken stop) = 0;
};

// Reads `input`, and thinks that questions are shown on `output`: both must be terminals.
class FdKeyboard : public Keyboard {
 public:
  FdKeyboard(int input, int output) : input_(input), output_(output) {}
  bool Attended() override;
  void Discard() override;
  Result<Typed> ReadLines(std::size_t bytes_max, StopToken stop) override;

 private:
  Status WaitForInput(StopToken stop) const;

  int input_;
  int output_;
};

}  // namespace caesar
