#include "llm/chat_chunk.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "llm/json_guard.h"

namespace caesar {
namespace {

using nlohmann::json;

bool InRange(std::string_view hex, std::string_view low, std::string_view high) {
  return hex >= low && hex <= high;
}

// Proxies that cut text between two chunks leave half a surrogate pair as "\ud83d", which is no
// JSON text; U+FFFD is what a tolerant decoder makes of it. Escapes are read from the left, so that
// "\\ud83d" stays what it is.
std::string ReplaceLoneSurrogates(std::string text) {
  const auto escape =
      [&](std::size_t at) -> std::string {  // the four digits of \uXXXX at `at`, or nothing
    const bool here = at + 6 <= text.size() && text[at] == '\\' && text[at + 1] == 'u';
    return here ? ToLower(std::string_view(text).substr(at + 2, 4)) : std::string();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    const std::string first = escape(i);
    if (InRange(first, "d800", "dbff") && InRange(escape(i + 6), "dc00", "dfff")) {
      i += 11;
    } else if (!first.empty()) {
      if (InRange(first, "d800", "dfff")) text.replace(i + 2, 4, "fffd");
      i += 5;
    } else {
      ++i;  // the escaped character
    }
  }
  return text;
}

// Discarded (is_discarded()) if the text is no JSON, or nests deeper than any answer does.
json ParseJson(std::string_view text) {
  if (JsonDepth(text) > kJsonDepthMax) return json(json::value_t::discarded);
  const std::string valid = ToValidUtf8(text);
  json parsed = json::parse(valid, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded())
    parsed = json::parse(ReplaceLoneSurrogates(valid), nullptr, /*allow_exceptions=*/false);
  return parsed;
}

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string TextOf(const json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

std::int64_t CountOf(const json& object, const char* key) {
  const json* value = Find(object, key);
  if (value == nullptr || !value->is_number()) return 0;
  return static_cast<std::int64_t>(std::clamp(value->get<double>(), 0.0, 1e15));
}

// {"error":...} (an `error` of null is none), vLLM's {"object":"error",...}, Gemini's
// [{"error":...}].
bool IsError(const json& document) {
  if (document.is_array()) return !document.empty() && Find(document[0], "error") != nullptr;
  return Find(document, "error") != nullptr || TextOf(Find(document, "object")) == "error";
}

TokenUsage UsageOf(const json& usage) {
  TokenUsage tokens;
  tokens.reported = true;
  tokens.input = CountOf(usage, "prompt_tokens");
  tokens.output = CountOf(usage, "completion_tokens");
  if (const json* details = Find(usage, "prompt_tokens_details"))
    tokens.cached = CountOf(*details, "cached_tokens");
  if (const json* details = Find(usage, "completion_tokens_details")) {
    tokens.reasoning = CountOf(*details, "reasoning_tokens");
  }
  return tokens;
}

// A list of parts: the text of those whose type begins with `type`. It is under `text`, `summary`
// (OpenRouter) or `thinking` (Mistral, where it is a list of parts again).
std::string PartsOf(const json* parts, std::string_view type, int depth = 0) {
  std::string text;
  if (parts == nullptr || !parts->is_array() || depth > 1) return text;
  for (const json& part : *parts) {
    if (!StartsWith(TextOf(Find(part, "type")), type)) continue;
    for (const char* key : {"text", "summary", "thinking"}) {
      const json* value = Find(part, key);
      text +=
          value != nullptr && value->is_array() ? PartsOf(value, "text", depth + 1) : TextOf(value);
    }
  }
  return text;
}

// The first field that has text, in inspect_ai's order: servers that send two of them send the same
// text twice.
std::string ReasoningOf(const json& message) {
  std::string text = PartsOf(Find(message, "reasoning_details"), "reasoning.");
  for (const char* key : {"reasoning_content", "reasoning"}) {
    if (text.empty()) text = TextOf(Find(message, key));
  }
  return text.empty() ? PartsOf(Find(message, "content"), "thinking") : text;
}

std::string ContentOf(const json& message) {
  const json* content = Find(message, "content");
  return content != nullptr && content->is_array() ? PartsOf(content, "text") : TextOf(content);
}

}  // namespace

std::variant<ChatDelta, CallFailure> ParseChatChunk(std::string_view json_text) {
  const json chunk = ParseJson(json_text);
  if (!chunk.is_discarded() && IsError(chunk))
    return FailedAnswer(CallFailure::Kind::kInStream, json_text);
  if (!chunk.is_object()) return FailedAnswer(CallFailure::Kind::kMalformed, json_text);
  ChatDelta delta;
  delta.model = TextOf(Find(chunk, "model"));
  if (const json* usage = Find(chunk, "usage"); usage != nullptr && usage->is_object())
    delta.tokens = UsageOf(*usage);
  const json* choices = Find(chunk, "choices");
  if (choices == nullptr || !choices->is_array()) return delta;
  delta.has_choices = !choices->empty();
  for (const json& choice : *choices) {
    if (CountOf(choice, "index") != 0) continue;  // only one was asked for
    const std::string finish = TextOf(Find(choice, "finish_reason"));
    if (finish == "error" ||
        Find(choice, "error") != nullptr) {  // OpenRouter: the server behind it failed
      return FailedAnswer(CallFailure::Kind::kInStream,
                          choice.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    if (!finish.empty()) delta.finish_reason = finish;
    const json* message = Find(choice, "delta");
    if (message == nullptr) message = Find(choice, "message");
    if (message == nullptr) continue;
    delta.reasoning += ReasoningOf(*message);
    delta.text += ContentOf(*message);
    delta.refusal += TextOf(Find(*message, "refusal"));
  }
  return delta;
}

CallFailure FailedAnswer(CallFailure::Kind kind, std::string_view body) {
  CallFailure failure;
  failure.kind = kind;
  failure.status = 200;
  failure.error = ParseApiError(body);
  return failure;
}

}  // namespace caesar
