// One JSON object of a chat-completions answer, a stream's chunk or a whole completion, read field
// by field. Pure. The servers differ in many small ways; all of them are known here and nowhere
// else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "llm/api_error.h"
#include "record/tokens.h"

namespace caesar {

struct ChatDelta {
  std::string text;
  std::string reasoning;
  std::string refusal;
  std::string finish_reason;
  std::string model;
  std::optional<TokenUsage> tokens;  // so far, not since the last chunk
  bool has_choices = false;          // false in a usage chunk
};

// Failures: kInStream for an error object (also of a choice), kMalformed for what is no JSON
// object.
std::variant<ChatDelta, CallFailure> ParseChatChunk(std::string_view json_text);

// A failure of an answer whose status said 200.
CallFailure FailedAnswer(CallFailure::Kind kind, std::string_view body);

}  // namespace caesar
