#include "llm/gemini_answer.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/strings.h"
#include "llm/wire_json.h"

namespace caesar {
namespace {

// Reasons to stop that are a judgement on the content.
constexpr std::array<std::string_view, 5> kFilterReasons = {
    "SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION"};

void Add(WireValue number, std::optional<std::int64_t>& count) {
  if (number.is_number()) count = count.value_or(0) + number.count();
}

// Thoughts are output, but are not counted among the candidates' tokens.
TokenUpdate UsageOf(WireValue usage) {
  TokenUpdate tokens;
  TakeCount(usage["promptTokenCount"], tokens.input);
  Add(usage["toolUsePromptTokenCount"], tokens.input);
  TakeCount(usage["cachedContentTokenCount"], tokens.cached);
  TakeCount(usage["candidatesTokenCount"], tokens.output);
  Add(usage["thoughtsTokenCount"], tokens.output);
  TakeCount(usage["thoughtsTokenCount"], tokens.reasoning);
  return tokens;
}

std::string Judgement(std::string_view what, const std::string& reason, WireValue explanation) {
  const std::string why = explanation.text();
  return Format("Gemini {}: {}{}", what, Shorten(reason, 100),
                why.empty() ? "." : " (" + Shorten(why, 500) + ").");
}

void TakeFinish(WireValue candidate, AnswerDelta& delta) {
  const std::string reason = candidate["finishReason"].text();
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") return;
  const bool filtered =
      std::find(kFilterReasons.begin(), kFilterReasons.end(), reason) != kFilterReasons.end();
  delta.finish_reason = filtered                 ? "content_filter"
                        : reason == "MAX_TOKENS" ? "length"
                                                 : ToLower(reason);
  if (filtered) delta.refusal = Judgement("stopped the reply", reason, candidate["finishMessage"]);
}

void TakeChunk(WireValue chunk, AnswerDelta& delta) {
  delta.model = chunk["modelVersion"].text();
  delta.request_id = chunk["responseId"].text();
  delta.tokens = UsageOf(chunk["usageMetadata"]);
  const WireValue feedback = chunk["promptFeedback"];
  const std::string blocked = feedback["blockReason"].text();
  const WireValue candidates = chunk["candidates"];
  if (!blocked.empty() && candidates.empty()) {
    delta.answer = true;
    delta.finish_reason = "content_filter";
    delta.refusal = Judgement("blocked the prompt", blocked, feedback["blockReasonMessage"]);
  }
  for (const WireValue candidate : candidates) {
    if (candidate["index"].count() != 0) continue;  // only one was asked for
    delta.answer = true;
    for (const WireValue part : candidate["content"]["parts"]) {
      (part["thought"].boolean() ? delta.reasoning : delta.text) += part["text"].text();
    }
    TakeFinish(candidate, delta);
  }
}

void Keep(std::string& kept, std::string&& next) {
  if (!next.empty()) kept = std::move(next);
}

template <class T>
void Keep(std::optional<T>& kept, const std::optional<T>& next) {
  if (next) kept = next;
}

// As if the chunks had come as events.
void Append(AnswerDelta&& next, AnswerDelta& all) {
  all.text += next.text;
  all.reasoning += next.reasoning;
  all.refusal += next.refusal;
  Keep(all.finish_reason, std::move(next.finish_reason));
  Keep(all.model, std::move(next.model));
  Keep(all.request_id, std::move(next.request_id));
  Keep(all.tokens.input, next.tokens.input);
  Keep(all.tokens.cached, next.tokens.cached);
  Keep(all.tokens.output, next.tokens.output);
  Keep(all.tokens.reasoning, next.tokens.reasoning);
  all.answer = all.answer || next.answer;
}

}  // namespace

ParsedAnswer GeminiDocument(std::string_view json) {
  WireJson parsed;
  parsed.Parse(json);
  const WireValue document = parsed.root();
  AnswerDelta all;
  if (document.is_object()) {
    if (document["error"].exists()) return FailedAnswer(CallFailure::Kind::kInStream, json);
    TakeChunk(document, all);
    return all;
  }
  if (!document.is_array()) return FailedAnswer(CallFailure::Kind::kMalformed, json);
  for (const WireValue chunk : document) {
    if (chunk["error"].exists()) return FailedAnswer(CallFailure::Kind::kInStream, chunk.raw());
    AnswerDelta next;
    TakeChunk(chunk, next);
    Append(std::move(next), all);
  }
  return all;
}

// Nothing says that an event is the last one. The format has no [DONE], but gateways add it.
ParsedAnswer GeminiEvent(const SseEvent& event) {
  if (StartsWith(Trim(event.data), "[DONE]")) return AnswerDelta{};
  if (event.name == "error") return FailedAnswer(CallFailure::Kind::kInStream, event.data);
  return GeminiDocument(event.data);
}

}  // namespace caesar
