// A model as the session sees it: one question, one reply, streamed. Providers stand behind this
// seam.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "record/run_config.h"
#include "record/tokens.h"
#include "sys/stop.h"

namespace caesar {

struct ChatMessage {
  enum class Role { kSystem, kUser, kAssistant } role = Role::kUser;
  std::string text;
};

// One call of a provider, as it is sent and as it ended. Without secrets.
struct CallStart {
  int attempt = 1;  // of this question
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // A guess of what it will cost: its input at four bytes a token, and kOutputGuess tokens of
  // output.
  TokenUsage expected;
};

inline constexpr std::int64_t kOutputGuess = 4096;
inline constexpr std::int64_t kBytesPerToken = 4;  // of English and code, roughly

struct CallEnd {
  int status = 0;  // of HTTP; 0: there was none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // as it came, as far as it is kept
  bool body_cut = false;
  std::string failure;  // what was wrong with it, in short; empty: it is a complete answer
  TokenUsage tokens;
  // The same, or where the provider did not count them a guess: four bytes a token.
  TokenUsage counted;
  std::int64_t ms = 0;
};

// Told of every call: keeps its words, and counts what it costs.
class CallLog {
 public:
  virtual ~CallLog() = default;
  // A call is about to be made. False: it must not be, since the budget does not allow it.
  virtual Result<bool> OnCall(const CallStart& call) = 0;
  // The call that was announced last has ended.
  virtual Status OnCallEnd(const CallEnd& end) = 0;
};

struct ModelRequest {
  std::vector<ChatMessage> messages;
  int round = 1;  // for replay
  // Bytes at the start of the first message that later questions will repeat: worth caching.
  std::size_t stable_bytes = 0;
  // Whether a reply that was cut at its limit of tokens has what it was asked for; unset: yes.
  std::function<bool(std::string_view text)> sufficient;
  CallLog* log = nullptr;  // may be null
};

// Receives the reply as it streams. Reset: the attempt failed and starts again from nothing.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual Status OnText(std::string_view delta) = 0;
  virtual Status OnReasoning(std::string_view delta) = 0;
  virtual Status OnReset() = 0;
  // A retry is due in `delay_ms`, because of `reason`.
  virtual void OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) = 0;
};

struct ModelReply {
  std::string text;
  std::string reasoning;
  std::string finish_reason;  // stop, length, content_filter, ...
  std::string model;          // as the provider names it
  std::string request_id;
  std::string note;   // for people: why the reply is empty or cut, and what to do; mostly empty
  TokenUsage tokens;  // of all attempts
  int attempts = 1;
};

// The model or its provider declined: an outcome, not an error. Costs what `tokens` says.
struct ModelRefused {
  std::string reason;
  TokenUsage tokens;
};

// The prompt does not fit into the model's context. A shorter one may.
struct PromptTooLong {
  std::string reason;
  TokenUsage tokens;
};

// The log allowed no further call.
struct BudgetReached {
  TokenUsage tokens;
};

using ModelOutcome = std::variant<ModelReply, ModelRefused, PromptTooLong, BudgetReached>;

class Model {
 public:
  virtual ~Model() = default;
  // Errors: kEnvironment (bad key, unknown model, unreachable, retries used up), kInterrupted, or
  // what the sink returned.
  virtual Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink,
                                   StopToken stop) = 0;
  // What it is whose price is not known ("model x at host"), so that no budget of money can hold;
  // empty: every call's price will be known, as far as its tokens are.
  virtual std::string unpriced() const { return ""; }
  // The last round that has an answer: a recorded model runs out of replies.
  virtual int rounds_max() const { return std::numeric_limits<int>::max(); }
};

}  // namespace caesar
