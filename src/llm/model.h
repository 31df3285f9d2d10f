// A model as the session sees it: one question, one reply, streamed. Providers stand behind this
// seam.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
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

struct ModelRequest {
  std::vector<ChatMessage> messages;
  int round = 1;  // for replay
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

using ModelOutcome = std::variant<ModelReply, ModelRefused>;

class Model {
 public:
  virtual ~Model() = default;
  // Errors: kEnvironment (bad key, unknown model, unreachable, retries used up), kInterrupted, or
  // what the sink returned.
  virtual Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink,
                                   StopToken stop) = 0;
  // The last round that has an answer: a recorded model runs out of replies.
  virtual int rounds_max() const { return std::numeric_limits<int>::max(); }
};

}  // namespace caesar
