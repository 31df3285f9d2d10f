#include "report/console.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "record/usd.h"
#include "report/table.h"
#include "report/units.h"

namespace caesar {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);

std::atomic<Console*> live_console{nullptr};

void EraseLiveLine() {
  if (Console* console = live_console.load()) console->Erase();
}

// "[2/4] ", or nothing where there are no rounds (eval).
std::string RoundTag(int round, int rounds) {
  return rounds > 0 ? Format("[{}/{}] ", round, rounds) : "";
}

}  // namespace

Tone ToneOf(std::string_view outcome) {
  static constexpr std::array<std::string_view, 6> kGood = {"Compiled", "Correct",       "Measured",
                                                            "correct",  "TargetReached", "ok"};
  static constexpr std::array<std::string_view, 16> kBad = {
      "CompileFailed", "CompileTimedOut", "Wrong",          "Crashed", "TimedOut", "Cheated",
      "ProfileFailed", "NoCode",          "Refused",        "wrong",   "crashed",  "timed_out",
      "cheated",       "infra",           "compile_failed", "missing"};
  static constexpr std::array<std::string_view, 4> kWarn = {"Ambiguous", "ambiguous", "unverified",
                                                            "note"};
  const auto has = [&](const auto& names) {
    return std::find(names.begin(), names.end(), outcome) != names.end();
  };
  return has(kGood)   ? Tone::kGood
         : has(kBad)  ? Tone::kBad
         : has(kWarn) ? Tone::kWarn
                      : Tone::kPlain;
}

Console::Console(Sink& sink, Clock& clock, ConsoleOptions options)
    : sink_(sink),
      clock_(clock),
      options_(std::move(options)),
      prefix_(options_.name.empty() ? "" : options_.name + " ") {
  if (!options_.live || options_.quiet) return;
  live_console = this;
  SetBeforeLog(&EraseLiveLine);
  if (!options_.ticker) return;
  ticker_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kTick, [this] { return ending_; })) Draw();
  });
}

Console::~Console() {
  if (live_console == this) {
    SetBeforeLog(nullptr);
    live_console = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    Clear();
  }
  wake_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

void Console::OnState(std::string_view state, int round, int rounds) {
  const std::lock_guard lock(mutex_);
  state_ = FitLine(state, 20);
  detail_.clear();
  round_ = round;
  rounds_ = rounds;
  text_bytes_ = reasoning_bytes_ = 0;
  since_ = clock_.Now();
  Draw();
}

// Comes hundreds of times a second: only noted here, the ticker draws it.
void Console::OnReply(std::int64_t text_bytes, std::int64_t reasoning_bytes) {
  const std::lock_guard lock(mutex_);
  text_bytes_ = text_bytes;
  reasoning_bytes_ = reasoning_bytes;
}

void Console::OnDetail(std::string_view text) {
  const std::lock_guard lock(mutex_);
  detail_ = FitLine(text, 200);
}

void Console::OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) {
  const std::lock_guard lock(mutex_);
  Print(Format("{}{}: attempt {} failed ({}); the next one in {}", RoundTag(round_, rounds_),
               state_, attempt, FitLine(reason, 200), FormatDuration(delay_ms)));
}

void Console::OnStep(const StepDone& step) {
  const std::lock_guard lock(mutex_);
  state_.clear();
  tokens_ = step.tokens;
  // Opening a round takes no time and says nothing: the step after it names the round.
  if (step.outcome == "RoundOpened") return;
  const std::string outcome = FitLine(step.outcome, 20);
  std::string line = Format("{}{:<8}  {}{}  {:>9}", RoundTag(step.round, step.rounds),
                            FitLine(step.from, 20), Paint(outcome, ToneOf(outcome), options_.color),
                            std::string(outcome.size() < 15 ? 15 - outcome.size() : 0, ' '),
                            FormatDuration(step.ms));
  if (!step.headline.empty()) line += "  " + FitLine(step.headline, options_.live ? 160 : 1000);
  Print(line);
}

void Console::Line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  Print(text);
}

void Console::Tick() {
  const std::lock_guard lock(mutex_);
  Draw();
}

void Console::Erase() {
  const std::lock_guard lock(mutex_);
  Clear();
}

void Console::SetHeld(bool held) {
  const std::lock_guard lock(mutex_);
  held_ = held;
  if (held_) Clear();
}

std::string Console::Status() const {
  const auto elapsed = std::chrono::duration_cast<Milliseconds>(clock_.Now() - since_);
  std::string status = Format("{}{}{}  {} s", prefix_, RoundTag(round_, rounds_), state_,
                              std::max<std::int64_t>(0, elapsed.count()) / 1'000);
  if (reasoning_bytes_ > 0)
    status +=
        Format(", {} of reasoning", FormatBytes(static_cast<std::uint64_t>(reasoning_bytes_)));
  if (text_bytes_ > 0)
    status += Format(", {} of reply", FormatBytes(static_cast<std::uint64_t>(text_bytes_)));
  if (!detail_.empty()) status += ", " + detail_;
  if (tokens_.total() > 0) {
    const bool price = tokens_.priced && tokens_.usd > 0;
    status += Format(" ({} tokens{} so far)", FormatCount(tokens_.total()),
                     price ? ", " + FormatUsd(tokens_.usd) : "");
  }
  return status;
}

// Errors of standard error have nowhere to be told.
void Console::Draw() {
  if (!options_.live || options_.quiet || ending_ || held_ || state_.empty()) return;
  const std::size_t columns = sink_.columns();
  static_cast<void>(
      sink_.Write("\r" + FitLine(Status(), columns > 1 ? columns - 1 : 1) + "\x1b[K"));
  drawn_ = true;
}

void Console::Clear() {
  if (drawn_) static_cast<void>(sink_.Write("\r\x1b[K"));
  drawn_ = false;
}

void Console::Print(std::string_view line) {
  if (options_.quiet) return;
  Clear();
  static_cast<void>(sink_.Write(Format("{}{}\n", prefix_, line)));
  Draw();
}

}  // namespace caesar
