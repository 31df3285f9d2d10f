// Asks for feedback at the terminal, on standard error, with the live status line out of the way.
#pragma once

#include <optional>
#include <string>

#include "report/console.h"
#include "report/sink.h"
#include "session/reviewer.h"
#include "sys/keyboard.h"

namespace caesar {

class TerminalReviewer : public Reviewer {
 public:
  // `keyboard` may be null: nobody is there.
  TerminalReviewer(Keyboard* keyboard, Sink& err, Console& console)
      : keyboard_(keyboard), err_(err), console_(console) {}
  Result<std::optional<std::string>> Review(const RoundToReview& round, StopToken stop) override;

 private:
  Keyboard* keyboard_;
  Sink& err_;
  Console& console_;
};

}  // namespace caesar
