// Anthropic's messages, and the servers that speak them too. What is asked is in
// anthropic_request.cpp; here is how answers are read. Source of the fields: the types of
// Anthropic's Python client 2.12.
#include <array>

#include "base/format.h"
#include "base/strings.h"
#include "llm/anthropic_request.h"
#include "llm/anthropic_thinking.h"
#include "llm/codec.h"
#include "llm/wire_json.h"

namespace caesar {
namespace {

constexpr std::size_t kExplanationBytesMax = 2000;

// The base URL with or without the version that is part of every other provider's.
std::string Url(std::string_view base_url, std::string_view) {
  return std::string(base_url) + (EndsWith(base_url, "/v1") ? "/messages" : "/v1/messages");
}

// 2023-06-01 is what compatible servers know, and takes all that we send; from 2026-10-21 on no
// model takes a temperature.
Headers VersionHeader() { return {{"anthropic-version", "2023-06-01"}}; }

// Sums so far, of which later events repeat some or all.
TokenUpdate UsageOf(WireValue usage) {
  TokenUpdate tokens;
  tokens.input_excludes_cache = true;
  TakeCount(usage["input_tokens"], tokens.input);
  TakeCount(usage["cache_read_input_tokens"], tokens.cached);
  TakeCount(usage["cache_creation_input_tokens"], tokens.cache_written);
  TakeCount(usage["output_tokens"], tokens.output);
  TakeCount(usage["output_tokens_details"]["thinking_tokens"], tokens.reasoning);
  return tokens;
}

std::string FinishOf(std::string reason) {
  reason = ToLower(reason);
  if (reason == "end_turn" || reason == "stop_sequence") return "stop";
  if (reason == "max_tokens") return "length";
  if (reason == "model_context_window_exceeded") return "context_length";
  return reason;
}

// What harmless work does to be refused, as far as the provider says so.
std::string_view AdviceFor(std::string_view category) {
  if (category == "frontier_llm")
    return " Harmless work on kernels for machine learning can trigger this category: ask again, "
           "or ask another model.";
  if (category == "reasoning_extraction")
    return " A prompt that asks for the model's own reasoning can trigger this category.";
  return "";
}

// A sentence or two; empty: no details are said.
std::string RefusalOf(WireValue details) {
  const std::string category = Shorten(details["category"].text(), 100);
  const std::string explanation(Trim(Shorten(details["explanation"].text(), kExplanationBytesMax)));
  if (category.empty() && explanation.empty()) return "";
  std::string text = "The model declined to answer";
  if (!category.empty()) text += Format(" (category {})", category);
  text += explanation.empty() ? "." : ": " + explanation;
  if (std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
  return text.append(AdviceFor(category));
}

// Of a whole message, or of the delta that ends one.
void TakeStop(WireValue message, AnswerDelta& delta) {
  delta.finish_reason = FinishOf(message["stop_reason"].text());
  if (delta.finish_reason == "refusal") delta.refusal = RefusalOf(message["stop_details"]);
}

// A block, or a piece of one. Those of tools, signatures, redacted thinking and what is yet to come
// say nothing to us.
void TakeBlock(WireValue block, AnswerDelta& delta) {
  const WireValue type = block["type"];
  if (type.is("text") || type.is("text_delta")) delta.text += block["text"].text();
  if (type.is("thinking") || type.is("thinking_delta")) delta.reasoning += block["thinking"].text();
}

void TakeHead(WireValue message, AnswerDelta& delta) {
  delta.model = message["model"].text();
  delta.request_id = message["id"].text();
  delta.tokens = UsageOf(message["usage"]);
}

struct EventForm {
  std::string_view type;
  void (*take)(WireValue event, AnswerDelta& delta);
};

constexpr std::array<EventForm, 5> kEvents = {{
    {"message_start",
     [](WireValue event, AnswerDelta& delta) { TakeHead(event["message"], delta); }},
    {"content_block_start",
     [](WireValue event, AnswerDelta& delta) { TakeBlock(event["content_block"], delta); }},
    {"content_block_delta",
     [](WireValue event, AnswerDelta& delta) { TakeBlock(event["delta"], delta); }},
    {"message_delta",
     [](WireValue event, AnswerDelta& delta) {
       delta.tokens = UsageOf(event["usage"]);
       TakeStop(event["delta"], delta);
     }},
    {"message_stop", [](WireValue, AnswerDelta& delta) { delta.last = true; }},
}};

const EventForm* FindEvent(std::string_view type) {
  for (const EventForm& form : kEvents) {
    if (form.type == type) return &form;
  }
  return nullptr;
}

// {"type":"error","error":{...}}, and compatible servers' own: without the type, or vLLM's
// {"object":"error",...}.
bool IsError(WireValue document) {
  return document["error"].exists() || document["type"].is("error") ||
         document["object"].is("error");
}

ParsedAnswer Event(const SseEvent& event) {
  if (event.name == "error") return FailedAnswer(CallFailure::Kind::kInStream, event.data);
  WireJson parsed;
  const bool is_json = parsed.Parse(event.data);
  const WireValue json = parsed.root();
  if (is_json && IsError(json)) return FailedAnswer(CallFailure::Kind::kInStream, event.data);
  const std::string said = json["type"].text();
  const EventForm* form = FindEvent(said.empty() ? std::string_view(event.name) : said);
  AnswerDelta delta;
  if (form == nullptr) {
    // Pings, kinds that are yet to come, and the [DONE] that some gateways add. What has neither a
    // name nor a type is none of the format's.
    const bool known =
        !event.name.empty() || !said.empty() || StartsWith(Trim(event.data), "[DONE]");
    if (known) return delta;
    return FailedAnswer(CallFailure::Kind::kMalformed, event.data);
  }
  if (!json.is_object()) return FailedAnswer(CallFailure::Kind::kMalformed, event.data);
  form->take(json, delta);
  delta.answer = true;
  return delta;
}

ParsedAnswer Document(std::string_view json_text) {
  WireJson parsed;
  const bool is_json = parsed.Parse(json_text);
  const WireValue message = parsed.root();
  if (is_json && IsError(message.is_array() ? message[0] : message))
    return FailedAnswer(CallFailure::Kind::kInStream, json_text);
  if (!message.is_object()) return FailedAnswer(CallFailure::Kind::kMalformed, json_text);
  AnswerDelta delta;
  TakeHead(message, delta);
  TakeStop(message, delta);
  for (const WireValue block : message["content"]) TakeBlock(block, delta);
  delta.answer = message["content"].is_array();
  return delta;
}

}  // namespace

const Codec kAnthropic = {.name = "anthropic-messages",
                          .url_tail = "/v1/messages",
                          .url = &Url,
                          .headers = &VersionHeader,
                          .guess = &AnthropicGuess,
                          .body = &AnthropicBody,
                          .output_limit = &AnthropicOutputLimit,
                          .event = &Event,
                          .document = &Document,
                          .repair = &AnthropicRepair};

}  // namespace caesar
