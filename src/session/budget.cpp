#include "session/budget.h"

#include "base/format.h"
#include "base/strings.h"
#include "record/paths.h"
#include "record/usd.h"

namespace caesar {
namespace {

constexpr std::uint64_t kLedgerBytesMax = std::uint64_t{256} << 20;
constexpr Milliseconds kLockWait{30'000};  // each holder needs one write to disk
constexpr Milliseconds kLockPoll{5};
constexpr Milliseconds kOthersPoll{500};

// Of a run without calls yet: an empty one.
Result<Ledger> ReadLedger(const std::string& run, Files& files) {
  const std::string path = LedgerFile(run);
  if (!TRY(files.Stat(path))) return Ledger{};
  return ParseLedger(TRY(files.Read(path, kLedgerBytesMax)), path);
}

}  // namespace

Result<std::string> Budget::Exhausted() {
  if (!Limited()) return std::string();
  const auto lock = TRY(Lock());
  return WhyNot(WithoutLiving(TRY(ReadLedger(run_, world_.files))));
}

Result<bool> Budget::Begin(const TokenUsage& expected) {
  if (!Limited()) return true;
  // Longer than any call of the others takes, retries aside.
  const Milliseconds wait_max{2 * config_.model.timeout_ms};
  for (Milliseconds waited{0}; waited <= wait_max; waited += kOthersPoll) {
    auto lock = TRY(Lock());
    const Ledger ledger = TRY(ReadLedger(run_, world_.files));
    if (WhyNot(ledger).empty()) {
      TRY(Announce(ledger, expected));
      return true;
    }
    if (!WhyNot(WithoutLiving(ledger)).empty()) return false;
    lock.reset();
    world_.progress.OnDetail("waiting for other samples' calls, which may use up the budget");
    if (world_.stop.level() != StopLevel::kNone)
      return Error{ErrorCode::kInterrupted, "interrupted while waiting for the budget", ""};
    TRY(world_.clock.Sleep(kOthersPoll, world_.stop));
  }
  return false;
}

Status Budget::Announce(const Ledger& ledger, const TokenUsage& expected) {
  LedgerLine line;
  line.tokens = ledger.calls > 0 ? ledger.tokens / ledger.calls : expected.total();
  line.usd = ledger.calls > 0 ? ledger.usd / static_cast<double>(ledger.calls) : expected.usd;
  line.priced = ledger.calls > 0 ? ledger.priced : expected.priced;
  line.estimated = true;
  announced_ = ledger.lines + 1;
  return Write(ledger, std::move(line));
}

// Only the open calls of processes that are gone: those will not end any more.
Ledger Budget::WithoutLiving(Ledger ledger) {
  std::erase_if(ledger.open, [&](const LedgerLine& line) { return Lives(line.who); });
  return ledger;
}

// A sample's process holds the lock of its folder. What this one has left open was before it began.
bool Budget::Lives(const std::string& who) {
  const std::vector<std::string> parts = Split(who, '/');
  const bool plain = parts.size() == 2 && PathComponent(parts[0]) == parts[0] &&
                     PathComponent(parts[1]) == parts[1];
  if (!plain || who == who_) return false;
  const std::string path = LockFile(run_ + "/" + who);
  const auto there = world_.files.Stat(path);
  if (!there.ok() || !there.value()) return false;
  const auto lock = world_.files.TryLock(path, LockMode::kExclusive);
  return lock.ok() && lock.value() == nullptr;
}

Status Budget::End(const TokenUsage& counted) {
  if (!Limited() || announced_ == 0) return {};
  const auto lock = TRY(Lock());
  const Ledger ledger = TRY(ReadLedger(run_, world_.files));
  LedgerLine line;
  line.ends = announced_;
  line.tokens = counted.total();
  line.usd = counted.usd;
  line.priced = counted.priced;
  line.estimated = counted.estimated;
  announced_ = 0;
  return Write(ledger, std::move(line));
}

std::string Budget::WhyNot(const Ledger& ledger) const {
  std::int64_t open_tokens = 0;
  double open_usd = 0;
  for (const LedgerLine& line : ledger.open) {
    open_tokens += line.tokens;
    open_usd += line.usd;
  }
  const auto more = [&](const std::string& text) {
    return ledger.open.empty() ? std::string() : Format(", {} more by calls that were cut", text);
  };
  if (config_.budget_tokens > 0 && ledger.tokens + open_tokens >= config_.budget_tokens) {
    return Format("{} of {} tokens are spent{}", FormatCount(ledger.tokens),
                  FormatCount(config_.budget_tokens), more(FormatCount(open_tokens)));
  }
  if (config_.budget_usd > 0 && ledger.usd + open_usd >= config_.budget_usd) {
    return Format("{} of {} are spent{}", FormatUsd(ledger.usd), FormatUsd(config_.budget_usd),
                  more(FormatUsd(open_usd)));
  }
  if (config_.budget_usd > 0 && !ledger.priced)
    return "what a call cost is not known, so that no budget of money can be kept";
  return "";
}

Result<std::unique_ptr<FileLock>> Budget::Lock() {
  const std::string path = LedgerLockFile(run_);
  for (Milliseconds waited{0}; waited <= kLockWait; waited += kLockPoll) {
    auto lock = TRY(world_.files.TryLock(path, LockMode::kExclusive));
    if (lock != nullptr) return lock;
    TRY(world_.clock.Sleep(kLockPoll, world_.stop));
  }
  return Error{ErrorCode::kIo, Format("{} is held by another process for too long", path),
               "Is another caesar of this run hanging? The same command goes on."};
}

Status Budget::Write(const Ledger& ledger, LedgerLine line) {
  line.utc = UtcText(world_.clock.Utc());
  line.who = who_;
  const auto file = TRY(world_.files.Append(LedgerFile(run_), ledger.good_bytes));
  TRY(file->Append(ToJsonLine(line)));
  return file->Sync();
}

Result<std::string> SpentText(const RunConfig& config, const std::string& run, Files& files) {
  const Ledger ledger = TRY(ReadLedger(run, files));
  if (ledger.lines == 0) return std::string();
  std::vector<std::string> parts;
  if (config.budget_tokens > 0)
    parts.push_back(
        Format("{} of {} tokens", FormatCount(ledger.tokens), FormatCount(config.budget_tokens)));
  if (config.budget_usd > 0)
    parts.push_back(Format("{} of {}", FormatUsd(ledger.usd), FormatUsd(config.budget_usd)));
  std::string text = Join(parts, ", ") + " spent by all samples of the run";
  if (!ledger.open.empty())
    text += Format(", and {} more under way or cut",
                   FormatCount(static_cast<std::int64_t>(ledger.open.size())));
  return text;
}

}  // namespace caesar
