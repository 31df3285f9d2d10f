#include "llm/anthropic_request.h"

#include <nlohmann/json.hpp>

#include "base/format.h"
#include "base/strings.h"
#include "llm/anthropic_thinking.h"

namespace caesar {
namespace {

using nlohmann::json;

constexpr const char* kCacheControl = "cache_control";  // in Dialect::dropped

bool ExtraSaysLimit(const ModelConfig& config) {
  if (config.extra_json.empty()) return false;
  const json extra = json::parse(config.extra_json, nullptr, /*allow_exceptions=*/false);
  return extra.is_object() && extra.contains("max_tokens");
}

void AddThinking(const AnthropicThinking& thinking, const Dialect& dialect, json& body) {
  if (thinking.form.empty()) return;
  json& said = body["thinking"];
  said["type"] = thinking.form.substr(thinking.form.find('.') + 1);
  if (thinking.form == kEnabled) said["budget_tokens"] = thinking.budget;
  // Newer models keep what they think to themselves unless a summary is asked for.
  if (thinking.form == kAdaptive && !dialect.dropped.contains(kDisplay))
    said["display"] = "summarized";
  if (!thinking.effort.empty()) body["output_config"]["effort"] = thinking.effort;
}

// Where `text` is cut so that its start is a block of its own; 0: nowhere. The API takes no blank
// block.
std::size_t CutOf(std::string_view text, std::size_t stable_bytes) {
  if (stable_bytes >= text.size()) return 0;
  std::size_t cut = stable_bytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  const bool blank = Trim(text.substr(0, cut)).empty() || Trim(text.substr(cut)).empty();
  return blank ? 0 : cut;
}

// A string where that is enough: compatible servers take it rather than a list of blocks.
json ContentOf(const std::string& text, std::size_t stable_bytes) {
  const std::size_t cut = CutOf(text, stable_bytes);
  if (cut == 0) return text;
  return json::array({{{"type", "text"},
                       {"text", text.substr(0, cut)},
                       {"cache_control", {{"type", "ephemeral"}}}},
                      {{"type", "text"}, {"text", text.substr(cut)}}});
}

void AddMessages(const ModelRequest& request, const Dialect& dialect, json& body) {
  std::size_t stable_bytes = dialect.dropped.contains(kCacheControl) ? 0 : request.stable_bytes;
  std::string system;
  body["messages"] = json::array();
  for (const ChatMessage& message : request.messages) {
    if (message.role == ChatMessage::Role::kSystem) {
      system += (system.empty() ? "" : "\n\n") + message.text;
      continue;
    }
    const bool user = message.role == ChatMessage::Role::kUser;
    body["messages"].push_back({{"role", user ? "user" : "assistant"},
                                {"content", ContentOf(message.text, user ? stable_bytes : 0)}});
    if (user) stable_bytes = 0;
  }
  if (!system.empty()) body["system"] = system;
}

bool Says(const ApiError& error, std::string_view words) {
  return error.message.find(words) != std::string::npos;
}

// That a value is none of those that are taken, which validators say in many words.
bool SaysWrongValue(const ApiError& error) {
  return SaysUnsupported(error) || Says(error, "does not match") || Says(error, "should be") ||
         Says(error, "must be") || Says(error, "invalid");
}

Repair Without(const Dialect& dialect, std::string_view key, std::string what, bool loses) {
  Repair repair{dialect, std::move(what), loses};
  repair.dialect.dropped.emplace(key);
  return repair;
}

// "`temperature` is deprecated for this model." (Claude 4.7 and later), "`temperature` may only be
// set to 1 when thinking is enabled or in adaptive mode.", "`temperature` and `top_p` cannot both
// be specified for this model."
std::optional<Repair> RepairSampling(const Dialect& dialect, const ModelConfig& config,
                                     const CallFailure& failure) {
  const ApiError& error = failure.error;
  if (!SaysUnsupported(error) && !Says(error, "thinking is enabled") &&
      !Says(error, "adaptive mode") && !Says(error, "cannot both"))
    return std::nullopt;
  return DropRefused(dialect, failure,
                     {{"top_p", "top_p", config.top_p.has_value()},
                      {"temperature", "temperature", config.temperature.has_value()}});
}

// The next form that is not refused yet, or none.
Repair WithoutForm(const Dialect& dialect, const ModelConfig& config,
                   const AnthropicThinking& thinking, const ApiError& error) {
  Repair repair = Without(dialect, thinking.form, "without thinking", true);
  if (thinking.form == kDisabled || thinking.form == kBetweenTools) {
    if (!NamesField(error, "between_tools")) repair.dialect.dropped.insert(kBetweenTools);
    repair.what = "without turning its thinking off";
  }
  const Result<AnthropicThinking> next = AnthropicThinkingOf(config, repair.dialect);
  if (!next.ok()) {  // an effort that has no other form
    for (const char* form : {kAdaptive, kEnabled}) repair.dialect.dropped.insert(form);
  } else if (!next.value().form.empty()) {
    repair.what = "with " + std::string(next.value().form);
    repair.loses = next.value().form == kAdaptive && next.value().effort.empty();
  }
  return repair;
}

// "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" ...",
// "thinking: Input tag 'adaptive' found using 'type' does not match any of the expected tags: ...",
// "adaptive thinking is not supported on this model".
std::optional<Repair> RepairThinking(const Dialect& dialect, const ModelConfig& config,
                                     const AnthropicThinking& thinking, const ApiError& error) {
  const bool about_number = NamesField(error, "budget_tokens") && !SaysUnsupported(error);
  if (thinking.form.empty() || about_number || !NamesField(error, "thinking") ||
      !SaysWrongValue(error))
    return std::nullopt;
  const bool displayed = thinking.form == kAdaptive && !dialect.dropped.contains(kDisplay);
  if (displayed && NamesField(error, "display"))
    return Without(dialect, kDisplay, "without thinking.display", false);
  return WithoutForm(dialect, config, thinking, error);
}

// "This model does not support the effort parameter.", "output_config.effort: Input should be ...".
std::optional<Repair> RepairEffort(const Dialect& dialect, const AnthropicThinking& thinking,
                                   const ApiError& error) {
  const bool named = NamesField(error, "effort") || NamesField(error, "output_config");
  if (thinking.effort.empty() || !named || !SaysWrongValue(error)) return std::nullopt;
  if (thinking.effort == "xhigh" || thinking.effort == "max")
    return Without(dialect, kEffortAboveHigh, "with an effort of high", true);
  return Without(dialect, kEffort, "without output_config.effort", true);
}

// "`max_tokens` must be greater than `thinking.budget_tokens`": the budget is extra_json's, since
// ours never is that large. A limit that the user set is the user's to raise.
std::optional<Repair> RepairLimit(const Dialect& dialect, const ModelConfig& config,
                                  const ApiError& error) {
  const bool too_low = NamesField(error, "max_tokens") && NamesField(error, "budget_tokens") &&
                       Says(error, "greater than");
  if (!too_low || config.max_tokens || ExtraSaysLimit(config)) return std::nullopt;
  const std::int64_t limit = 2 * AnthropicLimit(config, dialect);
  Repair repair{dialect, Format("for at most {} tokens", FormatCount(limit)), false};
  repair.dialect.max_tokens = limit;
  return repair;
}

// Without it the content is a string, which helps with servers that take nothing else
// ("messages.0.content: Input should be a valid string").
std::optional<Repair> RepairCache(const Dialect& dialect, const ApiError& error) {
  const bool refused = NamesField(error, kCacheControl) && SaysUnsupported(error);
  const bool wants_string = NamesField(error, "content") && Says(error, "valid string");
  if (dialect.dropped.contains(kCacheControl) || (!refused && !wants_string)) return std::nullopt;
  return Without(dialect, kCacheControl, "without cache_control", false);
}

}  // namespace

std::optional<std::int64_t> AnthropicOutputLimit(const ModelConfig& config,
                                                 const Dialect& dialect) {
  if (ExtraSaysLimit(config)) return std::nullopt;
  return AnthropicLimit(config, dialect);
}

Result<std::string> AnthropicBody(const ModelConfig& config, const ModelRequest& request,
                                  const Dialect& dialect) {
  if (config.seed) {
    return Error{ErrorCode::kUsage, "Anthropic's messages take no seed.", "Leave --seed out."};
  }
  json body = json::object();
  body["model"] = config.model;
  body["max_tokens"] = AnthropicLimit(config, dialect);
  body["stream"] = true;
  AddMessages(request, dialect, body);
  if (config.temperature) body["temperature"] = *config.temperature;
  if (config.top_p) body["top_p"] = *config.top_p;
  for (const char* field : {"temperature", "top_p"}) {
    if (dialect.dropped.contains(field)) body.erase(field);
  }
  AddThinking(TRY(AnthropicThinkingOf(config, dialect)), dialect, body);
  return WithExtraJson(body.dump(-1, ' ', false, json::error_handler_t::replace),
                       config.extra_json);
}

std::optional<Repair> AnthropicRepair(const Dialect& dialect, const ModelConfig& config,
                                      const CallFailure& failure) {
  CallFailure lowered = failure;  // servers write of "Thinking", too
  ApiError& error = lowered.error;
  error.message = ToLower(error.message);
  error.raw = ToLower(error.raw);
  if (auto repair = RepairSampling(dialect, config, lowered)) return repair;
  const Result<AnthropicThinking> said = AnthropicThinkingOf(config, dialect);
  const AnthropicThinking thinking = said.ok() ? said.value() : AnthropicThinking{};
  if (auto repair = RepairThinking(dialect, config, thinking, error)) return repair;
  if (auto repair = RepairEffort(dialect, thinking, error)) return repair;
  if (auto repair = RepairLimit(dialect, config, error)) return repair;
  return RepairCache(dialect, error);
}

}  // namespace caesar
