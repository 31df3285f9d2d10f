// ledger.jsonl of a run directory: what its samples have spent on calls and what the calls under
// way are expected to cost, so that all of them share one budget. Only a run with a budget has it.
//
//   {"v":1,"utc":"...","who":"softmax/sample_0000","ends":0,"tokens":6100,"usd":0.05,"estimated":true}
//   {"v":1,"utc":"...","who":"softmax/sample_0000","ends":1,"tokens":5821,"usd":0.047,"estimated":false}
//
// A line with "ends" 0 announces a call; one with "ends" N says what the call that line N announced
// has cost. A call that never ended (its process was killed) stays counted as expected: it may have
// been billed. A torn last line is dropped; any other damage is an Error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caesar {

struct LedgerLine {
  int version = 1;
  std::string utc;
  std::string who;
  std::int64_t ends = 0;
  std::int64_t tokens = 0;
  double usd = 0;
  bool priced = true;      // false: usd says nothing, and is null in JSON
  bool estimated = false;  // the tokens: nobody has counted them
};

std::string ToJsonLine(const LedgerLine& line);  // with "\n"

struct Ledger {
  std::int64_t lines = 0;
  std::int64_t calls = 0;        // that ended and cost something
  std::int64_t tokens = 0;       // spent by them
  double usd = 0;                // of those whose price is known
  bool priced = true;            // all of them
  std::vector<LedgerLine> open;  // under way, or cut short: what they are expected to cost
  std::uint64_t good_bytes = 0;  // the file is cut to this before the next append
};

// `name` is the path for messages. Errors: kBadInput, naming the line.
Result<Ledger> ParseLedger(std::string_view content, std::string_view name);

}  // namespace caesar
