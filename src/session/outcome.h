// What the world answered in one step, as named structs: what the journal keeps of it, so that
// folding the journal needs no other file. Texts in here are short and single-line; the long ones
// are files of the round folder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "record/journal.h"
#include "record/tokens.h"
#include "record/verdict.h"
#include "session/state.h"

namespace caesar {

struct RoundOpened {
  std::string device;             // its name; empty: no device was found
  std::string problem_xxh;        // of everything that the verdict depends on: a changed problem is
                                  // another problem
  std::int64_t stable_bytes = 0;  // of the prompt's start, which is the same in every round
};

// RoundsUsedUp, TargetReached, Plateaued, BudgetSpent.
struct Finished {
  std::string reason;  // empty: the outcome says it all
  TokenUsage tokens;   // BudgetSpent in Generate: of calls that brought no reply
};

// Replied, ReplyKept.
struct Replied {
  std::string model;
  std::string finish_reason;
  std::string request_id;
  TokenUsage tokens;
  int attempts = 1;
  bool shortened = false;     // prompt_short.md was asked: prompt.md was too long
  std::int64_t model_ms = 0;  // from the question to the end of the reply
};

// reply.json: what resuming must know of a reply, and the proof that it is complete.
struct ReplyMeta {
  Replied about;
  std::string reply_xxh;
};

struct NoCode {
  Replied reply;
  std::string missing;  // why there is no code
};

struct Refused {
  std::string reason;
  TokenUsage tokens;
};

// Compiled, CompileFailed, CompileTimedOut: the compiler's words are in compile.log.
struct CompilePassed {
  CompileInfo info;
};

struct CompileRejected {
  std::string headline;
  int errors = 0;
  std::int64_t compile_ms = 0;
  bool cached = false;
};

struct CompileCutOff {
  std::int64_t timeout_ms = 0;
};

// Everything that Correct and Profile can end in: the verdict in short, which is in full in
// verdict.json.
struct Judged {
  VerdictKind kind = VerdictKind::kInfra;
  std::string reason;
  std::string headline;
  std::vector<Flag> flags;
  std::string device;
  double median_us = 0;    // 0: not timed
  double baseline_us = 0;  // 0: not timed
  std::optional<Ratio> speedup;
  bool verified = false;
  std::optional<Change> change;  // against the best one so far; empty: not compared
  double estimated_us = 0;       // simulated GPU alone; 0: none
  double estimated_speedup = 0;  // of estimates; 0: unknown
  std::string estimated_shape;   // which both are for
};

using Payload = std::variant<RoundOpened, Finished, Replied, NoCode, Refused, CompilePassed,
                             CompileRejected, CompileCutOff, Judged>;

using FileStamps = std::map<std::string, FileStamp>;

// What performing an action gives.
struct Answer {
  Outcome outcome = Outcome::kRoundOpened;
  Payload payload;
  FileStamps files;
};

// One line of the journal, in types.
struct Step {
  int round = 0;
  State from = State::kStart;
  Outcome outcome = Outcome::kRoundOpened;
  State to = State::kStart;
  std::int64_t ms = 0;
  Payload payload;
  FileStamps files;
};

// outcome_json.cpp
std::string ToJson(const Payload& payload);
Result<Payload> ParsePayload(Outcome outcome, std::string_view json);
std::string ToJson(const ReplyMeta& meta);
Result<ReplyMeta> ParseReplyMeta(std::string_view json);

// Untrusted text for a journal line: one line of valid UTF-8, at most `bytes_max` bytes.
std::string OneLine(std::string_view text, std::size_t bytes_max = 300);

}  // namespace caesar
