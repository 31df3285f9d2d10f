// journal.jsonl: one line for each step of a sample, the only truth about it.
//
//   {"v":1,"seq":7,"utc":"...","round":2,"from":"Compile","outcome":"CompileFailed","to":"Start","ms":1312,
//    "data":{...},"files":{"compile.log":{"bytes":512,"xxh":"..."}}}
//
// A torn last line (no newline, or not JSON) is dropped; any other damage is an Error that names
// line and byte.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caesar {

struct FileStamp {
  std::uint64_t bytes = 0;
  std::string xxh;  // HashHex of the content
};

struct JournalLine {
  int version = 1;
  std::int64_t seq = 0;  // 1, 2, 3, ...: a gap is damage
  std::string utc;
  int round = 0;     // 1-based
  std::string from;  // names of session/state.h
  std::string outcome;
  std::string to;
  std::int64_t ms = 0;                     // how long the step took
  std::string data = "{}";                 // the outcome's payload: a JSON object
  std::map<std::string, FileStamp> files;  // files of the round folder that this step wrote
};

std::string ToJsonLine(const JournalLine& line);  // with "\n"

struct Journal {
  std::vector<JournalLine> lines;
  std::uint64_t good_bytes = 0;  // the file is cut to this before the next append
  bool torn = false;             // a torn last line was dropped
};

// `name` is the path for messages. Errors: kBadInput, naming line, byte offset and what is wrong;
// also for a version that is newer than ours.
Result<Journal> ParseJournal(std::string_view content, std::string_view name);

}  // namespace caesar
