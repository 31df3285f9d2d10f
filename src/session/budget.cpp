#include "session/budget.h"

#include "base/format.h"
#include "base/strings.h"
#include "record/paths.h"

namespace caesar {
namespace {

constexpr std::uint64_t kLedgerBytesMax = std::uint64_t{256} << 20;
constexpr Milliseconds kLockWait{30'000};  // each holder needs one write to disk
constexpr Milliseconds kLockPoll{5};

}  // namespace

Result<std::string> Budget::Exhausted() {
  if (!Limited()) return std::string();
  const auto lock = TRY(Lock());
  return WhyNot(TRY(Read()));
}

Result<bool> Budget::Begin(const TokenUsage& expected) {
  if (!Limited()) return true;
  const auto lock = TRY(Lock());
  const Ledger ledger = TRY(Read());
  if (!WhyNot(ledger).empty()) return false;
  LedgerLine line;
  line.tokens = ledger.calls > 0 ? ledger.tokens / ledger.calls : expected.total();
  line.usd = ledger.calls > 0 ? ledger.usd / static_cast<double>(ledger.calls) : expected.usd;
  line.priced = ledger.calls > 0 ? ledger.priced : expected.priced;
  line.estimated = true;
  announced_ = ledger.lines + 1;
  TRY(Write(ledger, std::move(line)));
  return true;
}

Status Budget::End(const TokenUsage& counted) {
  if (!Limited() || announced_ == 0) return {};
  const auto lock = TRY(Lock());
  const Ledger ledger = TRY(Read());
  LedgerLine line;
  line.ends = announced_;
  line.tokens = counted.total();
  line.usd = counted.usd;
  line.priced = counted.priced;
  line.estimated = !counted.reported && counted.total() > 0;
  announced_ = 0;
  return Write(ledger, std::move(line));
}

std::string Budget::WhyNot(const Ledger& ledger) const {
  const std::int64_t tokens = ledger.tokens + ledger.open_tokens;
  if (config_.budget_tokens > 0 && tokens >= config_.budget_tokens) {
    const std::string open =
        ledger.open_calls > 0 ? Format(", {} more under way", FormatCount(ledger.open_tokens)) : "";
    return Format("{} of {} tokens are spent{}", FormatCount(ledger.tokens),
                  FormatCount(config_.budget_tokens), open);
  }
  if (config_.budget_usd > 0 && ledger.usd + ledger.open_usd >= config_.budget_usd) {
    const std::string open =
        ledger.open_calls > 0 ? Format(", {:.4g} more under way", ledger.open_usd) : "";
    return Format("{:.4g} of {:.4g} USD are spent{}", ledger.usd, config_.budget_usd, open);
  }
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

Result<Ledger> Budget::Read() {
  const std::string path = LedgerFile(run_);
  if (!TRY(world_.files.Stat(path))) return Ledger{};
  return ParseLedger(TRY(world_.files.Read(path, kLedgerBytesMax)), path);
}

Status Budget::Write(const Ledger& ledger, LedgerLine line) {
  line.utc = UtcText(world_.clock.Utc());
  line.who = who_;
  const auto file = TRY(world_.files.Append(LedgerFile(run_), ledger.good_bytes));
  TRY(file->Append(ToJsonLine(line)));
  return file->Sync();
}

}  // namespace caesar
