#include "record/ledger.h"

#include <map>

#include "base/format.h"
#include "record/json_io.h"

namespace caesar {

constexpr std::int64_t kTokensMax =
    1'000'000'000'000;  // of one call: a million of them still add up
constexpr double kUsdMax = 1e9;

static void Describe(JsonIo& io, LedgerLine& line) {
  io.Version("v", line.version, 1);
  io.Field("utc", line.utc);
  io.Field("who", line.who);
  io.Field("ends", line.ends);
  io.Field("tokens", line.tokens);
  std::optional<double> usd;
  if (!io.reading() && line.priced) usd = line.usd;
  io.Field("usd", usd);
  io.Field("estimated", line.estimated);
  if (!io.reading() || io.failed()) return;
  line.priced = usd.has_value();
  line.usd = usd.value_or(0);
  if (line.tokens < 0 || line.tokens > kTokensMax)
    io.FailField("tokens", Format("must be from 0 to {}", kTokensMax));
  if (!(line.usd >= 0 && line.usd <= kUsdMax))
    io.FailField("usd", Format("must be from 0 to {}", kUsdMax));
}

std::string ToJsonLine(const LedgerLine& line) { return WriteJson(line, -1) + "\n"; }

namespace {

// Folds the lines; `open` are the announced calls by their line's number.
struct Fold {
  Ledger ledger;
  std::map<std::int64_t, LedgerLine> open;

  // False: the line ends a call that is not open.
  bool Add(const LedgerLine& line) {
    ++ledger.lines;
    if (line.ends == 0) {
      open[ledger.lines] = line;
      return true;
    }
    if (open.erase(line.ends) == 0) return false;
    if (line.tokens > 0) ++ledger.calls;
    ledger.tokens += line.tokens;
    ledger.usd += line.usd;
    ledger.priced = ledger.priced && line.priced;
    return true;
  }

  Ledger Done() {
    for (const auto& [number, line] : open) ledger.open.push_back(line);
    return ledger;
  }
};

}  // namespace

Result<Ledger> ParseLedger(std::string_view content, std::string_view name) {
  Fold fold;
  std::size_t begin = 0;
  while (begin < content.size()) {
    const std::size_t end = content.find('\n', begin);
    if (end == std::string_view::npos) break;  // torn
    const auto line = ReadJson<LedgerLine>(content.substr(begin, end - begin), "the line");
    const bool last = end + 1 == content.size();
    if (!line.ok() && last && !IsJson(content.substr(begin, end - begin))) break;  // torn
    if (!line.ok() || !fold.Add(line.value())) {
      return Error{ErrorCode::kBadInput,
                   Format("{}: line {}: {}", name, fold.ledger.lines + (line.ok() ? 0 : 1),
                          line.ok() ? "ends a call that is not open" : line.error().message),
                   "Restore it, or start a new run directory with --out."};
    }
    begin = end + 1;
    fold.ledger.good_bytes = begin;
  }
  return fold.Done();
}

}  // namespace caesar
