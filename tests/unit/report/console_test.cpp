#include "report/console.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/strings.h"
#include "golden.h"
#include "string_sink.h"

namespace caesar {
namespace {

class ManualClock : public Clock {
 public:
  SteadyTime Now() override { return now; }
  std::chrono::system_clock::time_point Utc() override { return {}; }
  Status Sleep(Milliseconds, StopToken) override { return {}; }
  SteadyTime now{};
};

StepDone Step(int round, std::string from, std::string outcome, std::int64_t ms,
              std::string headline, std::int64_t tokens = 0) {
  StepDone step{round, 4, std::move(from), std::move(outcome), "", ms, std::move(headline), {}};
  step.tokens.output = tokens;
  return step;
}

// A run as the session tells it.
void TellARun(Console& console, ManualClock& clock) {
  console.OnState("Start", 1, 4);
  console.OnStep(Step(1, "Start", "RoundOpened", 0, ""));
  console.OnState("Generate", 1, 4);
  console.OnReply(0, 12'345);
  clock.now += std::chrono::seconds(7);
  console.Tick();
  console.OnReply(2'048, 12'345);
  console.OnRetry("503 from the server", 1'500, 1);
  console.OnStep(Step(1, "Generate", "Replied", 12'300, "1,204 tokens", 1'204));
  console.OnState("Compile", 1, 4);
  console.OnStep(Step(1, "Compile", "CompileFailed", 1'312, "1 error: expected a ';'", 1'204));
  console.OnState("Correct", 2, 4);
  console.OnDetail("checking shape odd");
  console.Tick();
  console.OnStep(Step(2, "Correct", "Correct", 840, "12 calls", 2'400));
  console.OnStep(Step(2, "Profile", "Measured", 3'100, "201.1 us, 1.61x (1.60-1.62)", 2'400));
  console.OnStep(Step(4, "Start", "RoundsUsedUp", 0, "", 2'400));
}

TEST(Console, InAPipeOneLinePerFinishedStep) {
  StringSink sink;
  ManualClock clock;
  {
    Console console(sink, clock, {false, false, false, false, ""});
    TellARun(console, clock);
  }
  ExpectGolden("report/console_pipe.txt", sink.text);
}

TEST(Console, OnATerminalOneLiveLine) {
  StringSink sink(true, 60);
  ManualClock clock;
  {
    Console console(sink, clock, {true, true, false, false, ""});
    TellARun(console, clock);
  }
  std::string shown = ReplaceAll(sink.text, "\x1b", "<ESC>");
  shown = ReplaceAll(shown, "\r", "<CR>");
  ExpectGolden("report/console_terminal.txt", shown);
}

TEST(Console, TheNameStartsEveryLine) {
  StringSink sink;
  ManualClock clock;
  {
    Console console(sink, clock, {false, false, false, false, "softmax#3"});
    console.Line("run directory: x");
    TellARun(console, clock);
  }
  const auto lines = Lines(sink.text);
  EXPECT_EQ(lines.size(), 7U);
  for (const std::string_view line : lines) EXPECT_TRUE(StartsWith(line, "softmax#3 ")) << line;
}

TEST(Console, TheNameStartsTheLiveLine) {
  StringSink sink(true);
  ManualClock clock;
  Console console(sink, clock, {true, false, false, false, "softmax"});
  console.OnState("Correct", 1, 4);
  EXPECT_EQ(sink.text, "\rsoftmax [1/4] Correct  0 s\x1b[K");
}

TEST(Console, QuietSaysNothing) {
  StringSink sink(true);
  ManualClock clock;
  Console console(sink, clock, {true, true, true, false, ""});
  TellARun(console, clock);
  console.Line("run directory: x");
  EXPECT_EQ(sink.text, "");
}

TEST(Console, TheLiveLineFitsTheTerminal) {
  StringSink sink(true, 20);
  ManualClock clock;
  Console console(sink, clock, {true, false, false, false, ""});
  console.OnState("Correct", 1, 4);
  console.OnDetail("checking a shape with a very long name");
  sink.text.clear();
  console.Tick();
  EXPECT_EQ(sink.text, "\r[1/4] Correct  0...\x1b[K");
}

TEST(Console, TextOfTheModelCannotMoveTheCursor) {
  StringSink sink;
  ManualClock clock;
  Console console(sink, clock, {false, false, false, false, ""});
  console.OnStep(
      Step(1, "Compile", "CompileFailed", 5, "error: \x1b[2J\x1b[1;1Hgone\nsecond\rthird"));
  EXPECT_EQ(sink.text.find('\x1b'), std::string::npos);
  EXPECT_EQ(sink.text.find('\r'), std::string::npos);
  EXPECT_EQ(Lines(sink.text).size(), 1U);
}

TEST(Console, LogMessagesGoAboveTheLiveLine) {
  StringSink sink(true);
  ManualClock clock;
  Console console(sink, clock, {true, false, false, false, ""});
  console.OnState("Generate", 1, 4);
  sink.text.clear();
  testing::internal::CaptureStderr();
  LogInfo("hello");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "caesar: hello\n");
  EXPECT_EQ(sink.text, "\r\x1b[K");
}

TEST(Console, TheTickerEndsWithTheConsole) {
  StringSink sink(true);
  Console console(sink, RealClock(), {true, false, false, true, ""});
  console.OnState("Generate", 1, 4);
}

TEST(ToneOf, KnowsEveryOutcome) {
  EXPECT_EQ(ToneOf("Measured"), Tone::kGood);
  EXPECT_EQ(ToneOf("Cheated"), Tone::kBad);
  EXPECT_EQ(ToneOf("Ambiguous"), Tone::kWarn);
  EXPECT_EQ(ToneOf("timed_out"), Tone::kBad);
  EXPECT_EQ(ToneOf("RoundsUsedUp"), Tone::kPlain);
}

}  // namespace
}  // namespace caesar
