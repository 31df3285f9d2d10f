// Progress on a terminal or in a pipe, on standard error. On a terminal one live status line is
// rewritten in place; a finished step is one line in both. Owns no results: those go to standard
// output, see summary.h.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "record/progress.h"
#include "report/sink.h"
#include "sys/clock.h"

namespace caesar {

struct ConsoleOptions {
  bool live = false;  // rewrite a status line; only for terminals
  bool color = false;
  bool quiet = false;  // nothing at all
  bool ticker = true;  // a thread that keeps the live line moving; tests call Tick() themselves
  std::string name;    // starts every line, so that lines of parallel runs can be told apart
};

// "good", "bad" or plain, for the outcome of a step or a verdict; unknown names are plain.
Tone ToneOf(std::string_view outcome);

// Thread-safe. At most one live console exists at a time: it erases its line before every log
// message.
class Console : public Progress {
 public:
  Console(Sink& sink, Clock& clock, ConsoleOptions options);
  ~Console() override;  // erases the live line
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  void OnState(std::string_view state, int round, int rounds) override;
  void OnReply(std::int64_t text_bytes, std::int64_t reasoning_bytes) override;
  void OnDetail(std::string_view text) override;
  void OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) override;
  void OnStep(const StepDone& step) override;

  void Line(std::string_view text);  // one line of its own, above the live line
  void Tick();                       // redraws the live line
  void Erase();                      // takes the live line away, until the next event

  // Keeps the live line away as long as it lives: somebody types there.
  class Hold {
   public:
    explicit Hold(Console& console) : console_(console) { console_.SetHeld(true); }
    ~Hold() { console_.SetHeld(false); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Console& console_;
  };

 private:
  void SetHeld(bool held);
  void Draw();                        // mutex_ is held
  void Clear();                       // mutex_ is held
  void Print(std::string_view line);  // mutex_ is held
  std::string Status() const;

  Sink& sink_;
  Clock& clock_;
  const ConsoleOptions options_;
  const std::string prefix_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  bool drawn_ = false;  // the live line is on the screen
  bool held_ = false;   // it must not come back
  std::string state_;   // empty: nothing is going on
  std::string detail_;
  int round_ = 0;
  int rounds_ = 0;
  std::int64_t text_bytes_ = 0;
  std::int64_t reasoning_bytes_ = 0;
  TokenUsage tokens_;  // of the sample so far
  SteadyTime since_{};
  std::thread ticker_;
};

}  // namespace caesar
