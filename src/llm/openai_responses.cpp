// OpenAI's responses, and the servers that speak them too: vLLM, llama.cpp, Azure. Nothing is kept
// at the server: every request holds the whole conversation.
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "llm/codec.h"
#include "llm/wire_json.h"

namespace caesar {
namespace {

using nlohmann::json;

std::string Url(std::string_view base_url, std::string_view) {
  return std::string(base_url) + "/responses";
}

Dialect Guess(const ModelConfig&, std::string_view) { return {}; }

void AddMessages(const ModelRequest& request, json& body) {
  std::string system;
  body["input"] = json::array();
  for (const ChatMessage& message : request.messages) {
    if (message.role == ChatMessage::Role::kSystem) {
      system += (system.empty() ? "" : "\n\n") + message.text;
      continue;
    }
    const bool user = message.role == ChatMessage::Role::kUser;
    body["input"].push_back({{"role", user ? "user" : "assistant"}, {"content", message.text}});
  }
  if (!system.empty()) body["instructions"] = std::move(system);
}

Result<std::string> Body(const ModelConfig& config, const ModelRequest& request,
                         const Dialect& dialect) {
  if (config.seed) {
    return Error{ErrorCode::kUsage, "OpenAI's responses take no seed.",
                 "Leave --seed out, or use --provider openai."};
  }
  json body = json::object();
  body["model"] = config.model;
  AddMessages(request, body);
  body["stream"] = true;
  body["store"] = false;
  if (const auto limit = AskedLimit(config, dialect)) body["max_output_tokens"] = *limit;
  if (config.temperature) body["temperature"] = *config.temperature;
  if (config.top_p) body["top_p"] = *config.top_p;
  if (!config.reasoning_effort.empty())
    body["reasoning"] = {{"effort", config.reasoning_effort}, {"summary", "auto"}};
  if (dialect.dropped.contains("summary") && body.contains("reasoning"))
    body["reasoning"].erase("summary");
  for (const std::string& field : dialect.dropped) body.erase(field);
  return WithExtraJson(body.dump(-1, ' ', false, json::error_handler_t::replace),
                       config.extra_json);
}

TokenUpdate UsageOf(WireValue usage) {
  TokenUpdate tokens;
  TakeCount(usage["input_tokens"], tokens.input);
  TakeCount(usage["output_tokens"], tokens.output);
  TakeCount(usage["input_tokens_details"]["cached_tokens"], tokens.cached);
  TakeCount(usage["input_tokens_details"]["cache_write_tokens"], tokens.cache_written);
  TakeCount(usage["output_tokens_details"]["reasoning_tokens"], tokens.reasoning);
  return tokens;
}

void AddParagraph(std::string& text, const std::string& paragraph) {
  if (!text.empty() && !paragraph.empty()) text += "\n\n";
  text += paragraph;
}

// What was said, all together: for servers that streamed nothing of it.
void TakeOutput(WireValue output, AnswerDelta& delta) {
  for (const WireValue item : output) {
    if (item["type"].is("reasoning")) {
      for (const WireValue part : item["summary"])
        AddParagraph(delta.whole_reasoning, part["text"].text());
    }
    for (const WireValue part : item["content"]) {
      const WireValue type = part["type"];
      if (type.is("output_text")) delta.whole_text += part["text"].text();
      if (type.is("refusal")) delta.whole_refusal += part["refusal"].text();
      if (type.is("reasoning_text")) AddParagraph(delta.whole_reasoning, part["text"].text());
    }
  }
}

// Empty: it goes on.
std::string FinishOf(std::string_view status, WireValue response) {
  if (status == "completed") return "stop";
  if (status != "incomplete") return "";
  const std::string reason = response["incomplete_details"]["reason"].text();
  if (reason == "max_output_tokens") return "length";
  return reason.empty() ? "incomplete" : ToLower(reason);
}

CallFailure Failed(WireValue holder) {
  const WireValue error = holder["error"];
  if (!error.is_object()) return FailedAnswer(CallFailure::Kind::kInStream, holder.raw());
  return FailedAnswer(CallFailure::Kind::kInStream, "{\"error\":" + std::string(error.raw()) + "}");
}

// The response object: what a document is, and what begins and ends a stream.
ParsedAnswer ResponseOf(WireValue response, std::string_view status) {
  if (response["error"].exists() || status == "failed" || status == "cancelled")
    return Failed(response);
  AnswerDelta delta;
  delta.model = response["model"].text();
  delta.request_id = response["id"].text();
  delta.tokens = UsageOf(response["usage"]);
  delta.finish_reason = FinishOf(status, response);
  delta.last = !delta.finish_reason.empty();
  delta.answer = response["output"].is_array();
  if (delta.last) TakeOutput(response["output"], delta);
  return delta;
}

// Of an event with a response object. The event's name says whether the response is at its end;
// its status, which may say more ("incomplete" in a `response.completed`), counts only then.
std::string StatusOf(std::string_view type, WireValue response) {
  static constexpr std::string_view kPrefix = "response.";
  if (StartsWith(type, kPrefix)) type.remove_prefix(kPrefix.size());
  const bool last =
      type == "completed" || type == "incomplete" || type == "failed" || type == "cancelled";
  const std::string status = response["status"].text();
  const bool refined = type == "completed" && (status == "incomplete" || status == "failed");
  return !last ? "" : refined ? status : std::string(type);
}

AnswerDelta DeltaOf(std::string_view type, WireValue event) {
  AnswerDelta delta;
  delta.answer = true;
  const std::string text = event["delta"].text();
  if (type == "response.output_text.delta") delta.text = text;
  if (type == "response.refusal.delta") delta.refusal = text;
  if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta")
    delta.reasoning = text;
  const bool later = event["summary_index"].count() > 0 || event["output_index"].count() > 0;
  if (type == "response.reasoning_summary_part.added" && later) delta.reasoning = "\n\n";
  return delta;
}

ParsedAnswer Event(const SseEvent& event) {
  if (StartsWith(Trim(event.data), "[DONE]")) return AnswerDelta{};  // gateways add it
  WireJson parsed;
  parsed.Parse(event.data);
  const WireValue fields = parsed.root();
  std::string type = fields["type"].text();
  if (type.empty()) type = ToValidUtf8(event.name);
  if (fields["error"].is_object()) return Failed(fields);
  if (type == "error" || fields["error"].exists() || fields["object"].is("error"))
    return FailedAnswer(CallFailure::Kind::kInStream, event.data);
  if (!fields.is_object() || type.empty())
    return FailedAnswer(CallFailure::Kind::kMalformed, event.data);
  const WireValue response = fields["response"];
  if (!response.is_object()) return DeltaOf(type, fields);
  return ResponseOf(response, StatusOf(type, response));
}

ParsedAnswer Document(std::string_view json_text) {
  WireJson parsed;
  parsed.Parse(json_text);
  WireValue response = parsed.root();
  if (response.is_array() && response[0]["error"].exists()) response = response[0];
  if (response["object"].is("error")) return FailedAnswer(CallFailure::Kind::kInStream, json_text);
  if (!response.is_object()) return FailedAnswer(CallFailure::Kind::kMalformed, json_text);
  return ResponseOf(response, response["status"].text());
}

// `reasoning` comes whole: models that refuse an effort refuse the rest of it, too. Organisations
// that are not verified get neither summaries nor, for some models, streams.
std::optional<Repair> RepairRefused(const Dialect& dialect, const ModelConfig& config,
                                    const CallFailure& failure) {
  if (!SaysUnsupported(failure.error)) return std::nullopt;
  const bool reasoning = !config.reasoning_effort.empty() && !dialect.dropped.contains("reasoning");
  return DropRefused(dialect, failure,
                     {{"summary", "summary", reasoning, false},
                      {"summaries", "summary", reasoning, false},
                      {"store", "store", true, false},
                      {"temperature", "temperature", config.temperature.has_value()},
                      {"top_p", "top_p", config.top_p.has_value()},
                      {"effort", "reasoning", reasoning},
                      {"reasoning", "reasoning", reasoning},
                      {"stream", "stream", true, false}});
}

}  // namespace

const Codec kOpenAiResponses = {.name = "responses",
                                .url_tail = "/responses",
                                .url = &Url,
                                .headers = &NoHeaders,
                                .guess = &Guess,
                                .body = &Body,
                                .output_limit = &AskedLimit,
                                .event = &Event,
                                .document = &Document,
                                .repair = &RepairRefused};

}  // namespace caesar
