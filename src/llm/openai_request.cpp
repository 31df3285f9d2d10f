#include "llm/openai_request.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace caesar {
namespace {

using nlohmann::json;

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

const char* CapField(const ChatDialect& dialect) {
  return dialect.max_completion_tokens ? "max_completion_tokens" : "max_tokens";
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool HasWord(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !IsWordByte(text[at - 1])) && (end == text.size() || !IsWordByte(text[end])))
      return true;
  }
  return false;
}

// True if the error says that a field as such is not taken, as opposed to its value being bad.
bool SaysUnsupported(const ApiError& error) {
  const std::string text =
      ToLower(error.code + " " + error.type + " " + error.message + " " + error.raw);
  static constexpr std::array<std::string_view, 9> kSigns = {
      "unsupported",   "not support", "unknown",    "unrecognized", "extra_forbidden",
      "not permitted", "not allowed", "unexpected", "extra input"};
  for (const std::string_view sign : kSigns) {
    if (text.find(sign) != std::string::npos) return true;
  }
  return false;
}

bool Names(const ApiError& error, std::string_view field) {
  // A server that names the field in `param` mentions others only as advice ("use
  // 'max_completion_tokens' instead").
  if (!error.param.empty()) return HasWord(error.param, field);
  return HasWord(error.raw, field) || HasWord(error.message, field);
}

}  // namespace

ChatDialect GuessDialect(std::string_view base_url) {
  ChatDialect dialect;
  dialect.max_completion_tokens = StartsWith(base_url, "https://api.openai.com/");
  return dialect;
}

Result<std::string> ChatRequestBody(const ModelConfig& config,
                                    const std::vector<ChatMessage>& messages,
                                    const ChatDialect& dialect) {
  json body = json::object();
  body["model"] = config.model;
  body["messages"] = json::array();
  for (const ChatMessage& message : messages) {
    body["messages"].push_back({{"role", RoleName(message.role)}, {"content", message.text}});
  }
  body["stream"] = true;
  if (dialect.stream_options) body["stream_options"] = {{"include_usage", true}};
  if (config.max_tokens) body[CapField(dialect)] = *config.max_tokens;
  if (config.temperature) body["temperature"] = *config.temperature;
  if (config.top_p) body["top_p"] = *config.top_p;
  if (config.seed) body["seed"] = *config.seed;
  if (!config.reasoning_effort.empty()) body["reasoning_effort"] = config.reasoning_effort;
  for (const std::string& field : dialect.dropped) body.erase(field);
  if (!config.extra_json.empty()) {
    const json extra = json::parse(config.extra_json, nullptr, /*allow_exceptions=*/false);
    if (!extra.is_object()) {
      return Error{
          ErrorCode::kUsage, "The extra JSON for the request is not a JSON object.",
          "Expected something like {\"top_k\": 20}; got: " + Shorten(config.extra_json, 200)};
    }
    body.merge_patch(extra);
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Repair> RepairDialect(const ChatDialect& dialect, const ModelConfig& config,
                                    const CallFailure& failure) {
  const int status = failure.EffectiveStatus();
  if ((status != 400 && status != 422) || !SaysUnsupported(failure.error)) return std::nullopt;
  Repair repair{dialect, "", false};
  if (dialect.stream_options &&
      (Names(failure.error, "stream_options") || Names(failure.error, "include_usage"))) {
    repair.dialect.stream_options = false;
    repair.what = "without stream_options";
    return repair;
  }
  if (config.max_tokens && !dialect.cap_swapped && Names(failure.error, CapField(dialect))) {
    repair.dialect.max_completion_tokens = !dialect.max_completion_tokens;
    repair.dialect.cap_swapped = true;
    repair.what = std::string("with ") + CapField(repair.dialect);
    return repair;
  }
  const auto drop = [&](const char* field, bool sent) -> bool {
    if (!sent || dialect.dropped.contains(field) || !Names(failure.error, field)) return false;
    repair.dialect.dropped.insert(field);
    repair.what = std::string("without ") + field;
    repair.loses = true;
    return true;
  };
  if (drop("temperature", config.temperature.has_value()) ||
      drop("top_p", config.top_p.has_value()))
    return repair;
  return std::nullopt;
}

}  // namespace caesar
