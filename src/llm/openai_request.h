// The body of a chat-completions request, and what is changed in it after a server refused a field.
// Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/api_error.h"
#include "llm/model.h"
#include "record/run_config.h"

namespace caesar {

// What a server takes. Starts as a guess, and is corrected by the server's own refusals.
struct ChatDialect {
  bool stream_options = true;          // ask for usage; refused by some gateways
  bool max_completion_tokens = false;  // else max_tokens
  bool cap_swapped = false;            // swapped once already: a second refusal is final
  std::set<std::string> dropped;       // sampling fields that the model does not take

  bool operator==(const ChatDialect&) const = default;
};

// api.openai.com's reasoning models know only max_completion_tokens; compatible servers know
// max_tokens.
ChatDialect GuessDialect(std::string_view base_url);

// The JSON text. `config.extra_json` is merged last as an RFC 7386 merge patch: it adds, replaces,
// and with null removes. Errors: kUsage if extra_json is no JSON object.
Result<std::string> ChatRequestBody(const ModelConfig& config,
                                    const std::vector<ChatMessage>& messages,
                                    const ChatDialect& dialect);

struct Repair {
  ChatDialect dialect;
  std::string what;    // "without stream_options"
  bool loses = false;  // something the user asked for is gone, so say so
};

// A dialect that avoids the field which a 400 or 422 says it does not support; empty if there is
// none to avoid. Values out of range ("temperature must be at most 2") are the user's to correct
// and never repaired.
std::optional<Repair> RepairDialect(const ChatDialect& dialect, const ModelConfig& config,
                                    const CallFailure& failure);

}  // namespace caesar
