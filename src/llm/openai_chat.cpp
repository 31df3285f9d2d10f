// OpenAI's chat completions, and the many servers that speak them: vLLM, SGLang, llama.cpp, Ollama,
// DeepSeek, Together, OpenRouter, Groq, Azure. They differ in many small ways; all of them are
// known here and nowhere else.
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "llm/codec.h"
#include "llm/wire_json.h"

namespace caesar {
namespace {

using nlohmann::json;

constexpr const char* kCapSwapped = "cap";  // in Dialect::chosen: the cap's other name

const char* RoleName(ChatMessage::Role role) {
  switch (role) {
    case ChatMessage::Role::kSystem:
      return "system";
    case ChatMessage::Role::kUser:
      return "user";
    case ChatMessage::Role::kAssistant:
      return "assistant";
  }
  return "user";
}

std::string Url(std::string_view base_url, std::string_view) {
  return std::string(base_url) + "/chat/completions";
}

// api.openai.com's reasoning models know only max_completion_tokens; compatible servers know
// max_tokens.
Dialect Guess(const ModelConfig&, std::string_view base_url) {
  Dialect dialect;
  if (StartsWith(base_url, "https://api.openai.com/"))
    dialect.chosen.insert("max_completion_tokens");
  return dialect;
}

const char* CapField(const Dialect& dialect) {
  return dialect.chosen.contains("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
}

Result<std::string> Body(const ModelConfig& config, const ModelRequest& request,
                         const Dialect& dialect) {
  json body = json::object();
  body["model"] = config.model;
  body["messages"] = json::array();
  for (const ChatMessage& message : request.messages) {
    body["messages"].push_back({{"role", RoleName(message.role)}, {"content", message.text}});
  }
  body["stream"] = true;
  body["stream_options"] = {{"include_usage", true}};
  if (const auto limit = AskedLimit(config, dialect)) body[CapField(dialect)] = *limit;
  if (config.temperature) body["temperature"] = *config.temperature;
  if (config.top_p) body["top_p"] = *config.top_p;
  if (config.seed) body["seed"] = *config.seed;
  if (!config.reasoning_effort.empty()) body["reasoning_effort"] = config.reasoning_effort;
  for (const std::string& field : dialect.dropped) body.erase(field);
  return WithExtraJson(body.dump(-1, ' ', false, json::error_handler_t::replace),
                       config.extra_json);
}

// {"error":...} (an `error` of null is none), vLLM's {"object":"error",...}, Gemini's
// [{"error":...}].
bool IsError(WireValue document) {
  if (document.is_array()) return document[0]["error"].exists();
  return document["error"].exists() || document["object"].is("error");
}

TokenUpdate UsageOf(WireValue usage) {
  TokenUpdate tokens;
  TakeCount(usage["prompt_tokens"], tokens.input);
  TakeCount(usage["completion_tokens"], tokens.output);
  TakeCount(usage["prompt_tokens_details"]["cached_tokens"], tokens.cached);
  TakeCount(usage["prompt_tokens_details"]["cache_write_tokens"], tokens.cache_written);
  TakeCount(usage["completion_tokens_details"]["reasoning_tokens"], tokens.reasoning);
  // DeepSeek's name for the part that came from its cache.
  if (!tokens.cached) TakeCount(usage["prompt_cache_hit_tokens"], tokens.cached);
  return tokens;
}

// A list of parts: the text of those whose type begins with `type`. It is under `text`, `summary`
// (OpenRouter) or `thinking` (Mistral, where it is a list of parts again).
std::string PartsOf(WireValue parts, std::string_view type, int depth = 0) {
  std::string text;
  if (depth > 1) return text;
  for (const WireValue part : parts) {
    if (!StartsWith(part["type"].text(), type)) continue;
    for (const std::string_view key : {"text", "summary", "thinking"}) {
      const WireValue value = part[key];
      text += value.is_array() ? PartsOf(value, "text", depth + 1) : value.text();
    }
  }
  return text;
}

// The first field that has text, in inspect_ai's order: servers that send two of them send the same
// text twice.
std::string ReasoningOf(WireValue message) {
  std::string text = PartsOf(message["reasoning_details"], "reasoning.");
  for (const std::string_view key : {"reasoning_content", "reasoning"}) {
    if (text.empty()) text = message[key].text();
  }
  return text.empty() ? PartsOf(message["content"], "thinking") : text;
}

std::string ContentOf(WireValue message) {
  const WireValue content = message["content"];
  return content.is_array() ? PartsOf(content, "text") : content.text();
}

ParsedAnswer Document(std::string_view json_text) {
  WireJson parsed;
  const bool is_json = parsed.Parse(json_text);
  const WireValue chunk = parsed.root();
  if (is_json && IsError(chunk)) return FailedAnswer(CallFailure::Kind::kInStream, json_text);
  if (!chunk.is_object()) return FailedAnswer(CallFailure::Kind::kMalformed, json_text);
  AnswerDelta delta;
  delta.model = chunk["model"].text();
  delta.tokens = UsageOf(chunk["usage"]);
  delta.answer = !chunk["choices"].empty();
  for (const WireValue choice : chunk["choices"]) {
    if (choice["index"].count() != 0) continue;  // only one was asked for
    const WireValue finish = choice["finish_reason"];
    if (finish.is("error") ||
        choice["error"].exists()) {  // OpenRouter: the server behind it failed
      return FailedAnswer(CallFailure::Kind::kInStream, choice.raw());
    }
    if (!finish.empty()) delta.finish_reason = finish.text();
    const WireValue message = choice["delta"].exists() ? choice["delta"] : choice["message"];
    delta.reasoning += ReasoningOf(message);
    delta.text += ContentOf(message);
    delta.refusal += message["refusal"].text();
  }
  return delta;
}

ParsedAnswer Event(const SseEvent& event) {
  if (StartsWith(Trim(event.data), "[DONE]")) {
    AnswerDelta done;
    done.last = true;
    return done;
  }
  if (event.name == "error") return FailedAnswer(CallFailure::Kind::kInStream, event.data);
  return Document(event.data);
}

std::optional<Repair> RepairCap(const Dialect& dialect, const ModelConfig& config,
                                const CallFailure& failure) {
  const auto limit = AskedLimit(config, dialect);
  if (!limit || !NamesField(failure.error, CapField(dialect))) return std::nullopt;
  Repair repair{dialect, "", false};
  if (dialect.chosen.contains(kCapSwapped)) return std::nullopt;  // a second refusal is final
  if (repair.dialect.chosen.erase("max_completion_tokens") == 0)
    repair.dialect.chosen.insert("max_completion_tokens");
  repair.dialect.chosen.insert(kCapSwapped);
  repair.what = std::string("with ") + CapField(repair.dialect);
  return repair;
}

std::optional<Repair> RepairRefused(const Dialect& dialect, const ModelConfig& config,
                                    const CallFailure& failure) {
  if (!SaysUnsupported(failure.error)) return std::nullopt;
  if (auto repair = DropRefused(dialect, failure,
                                {{"stream_options", "stream_options", true, false},
                                 {"include_usage", "stream_options", true, false}}))
    return repair;
  if (auto repair = RepairCap(dialect, config, failure)) return repair;
  return DropRefused(dialect, failure,
                     {{"temperature", "temperature", config.temperature.has_value()},
                      {"top_p", "top_p", config.top_p.has_value()},
                      {"seed", "seed", config.seed.has_value()},
                      {"reasoning_effort", "reasoning_effort", !config.reasoning_effort.empty()}});
}

}  // namespace

const Codec kOpenAiChat = {.name = "chat-completions",
                           .url_tail = "/chat/completions",
                           .url = &Url,
                           .headers = &NoHeaders,
                           .guess = &Guess,
                           .body = &Body,
                           .output_limit = &AskedLimit,
                           .event = &Event,
                           .document = &Document,
                           .repair = &RepairRefused};

}  // namespace caesar
