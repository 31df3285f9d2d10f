#include "llm/api_error.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "llm/wire_json.h"

namespace caesar {
namespace {

constexpr std::size_t kMessageBytesMax = 600;

// A string as it is, null as nothing, anything else as JSON text.
std::string Text(WireValue value) {
  if (value.is_string()) return value.text();
  return value.exists() ? ToValidUtf8(value.raw()) : "";
}

// A page's title, which is what an HTML error says in short ("502 Bad Gateway").
std::string HtmlTitle(std::string_view body) {
  const std::string lower = ToLower(body.substr(0, 4096));
  const std::size_t open = lower.find("<title");
  const std::size_t begin = open == std::string::npos ? open : lower.find('>', open);
  if (begin == std::string::npos) return "";
  const std::size_t end = std::min(lower.find("</title", begin), lower.size());
  return std::string(Trim(body.substr(begin + 1, end - begin - 1)));
}

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Sources: help.openai.com article 5955604; the error codes of openai-python and of compatible
// gateways.
constexpr std::array<std::string_view, 9> kQuotaCodes = {"insufficient_quota",
                                                         "credit_balance_exhausted",
                                                         "organization_usage_limit_exceeded",
                                                         "project_spend_limit_exceeded",
                                                         "organization_spend_limit_exceeded",
                                                         "billing_hard_limit_reached",
                                                         "billing_not_active",
                                                         "enforced_spend_limit_reached",
                                                         "quota_exceeded"};
constexpr std::array<std::string_view, 6> kPolicyCodes = {
    "content_policy_violation",     "content_filter",      "cyber_policy", "invalid_prompt",
    "ResponsibleAIPolicyViolation", "content_filter_error"};
constexpr std::array<std::string_view, 4> kPermanentCodes = {
    "invalid_request_error", "authentication_error", "permission_error", "not_found_error"};

bool SaysContextTooLong(const ApiError& error) {
  if (error.code == "context_length_exceeded" || error.type == "exceed_context_size_error")
    return true;
  const std::string message = ToLower(error.message);
  for (const std::string_view phrase :
       {"maximum context length", "exceeds the available context size", "context length exceeded",
        "context window exceeded", "prompt is too long", "input is too long"}) {
    if (message.find(phrase) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

bool LooksLikeHtml(std::string_view body) {
  const std::string head = ToLower(Trim(body.substr(0, 512)));
  return StartsWith(head, "<!doctype") || StartsWith(head, "<html") || StartsWith(head, "<head");
}

ApiError ParseApiError(std::string_view body) {
  ApiError error;
  error.raw = Shorten(ToValidUtf8(Trim(body)), kMessageBytesMax);
  if (LooksLikeHtml(body)) {
    const std::string title = Shorten(ToValidUtf8(HtmlTitle(body)), 120);
    error.message = title.empty() ? "an HTML page" : "an HTML page titled \"" + title + "\"";
    return error;
  }
  WireJson parsed;
  parsed.Parse(body);
  WireValue document = parsed.root();
  if (document.is_array()) document = document[0];
  if (document.is_string()) error.message = document.text();
  const WireValue field = document["error"];
  const WireValue fields = field.is_object() ? field : document;
  if (field.is_string()) error.message = field.text();
  if (error.message.empty()) error.message = Text(fields["message"]);
  if (error.message.empty()) error.message = Text(fields["detail"]);
  error.type = Text(fields["type"]);
  error.code = Text(fields["code"]);
  error.param = Text(fields["param"]);
  if (error.message.empty()) error.message = error.raw;
  error.message = Shorten(error.message, kMessageBytesMax);
  return error;
}

std::string_view CallFailure::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

int CallFailure::EffectiveStatus() const {
  if (kind != Kind::kInStream) return status;
  const std::string& code = error.code;
  const bool number = code.size() == 3 && std::all_of(code.begin(), code.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  return number ? std::stoi(code) : 0;
}

FailureClass Classify(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::kTransport:
      return failure.transport == HttpFailure::Kind::kBadUrl ||
                     failure.transport == HttpFailure::Kind::kCertificate ||
                     failure.transport == HttpFailure::Kind::kProxy ||
                     failure.transport == HttpFailure::Kind::kTooLarge ||
                     failure.transport == HttpFailure::Kind::kStopped
                 ? FailureClass::kPermanent
                 : FailureClass::kTransient;
    case CallFailure::Kind::kTruncated:
      return FailureClass::kTransient;
    case CallFailure::Kind::kMalformed:
      return LooksLikeHtml(failure.error.raw) ? FailureClass::kPermanent : FailureClass::kTransient;
    case CallFailure::Kind::kStatus:
    case CallFailure::Kind::kInStream:
      break;
  }
  const ApiError& error = failure.error;
  const int status = failure.EffectiveStatus();
  if (Contains(kQuotaCodes, error.code) || Contains(kQuotaCodes, error.type) || status == 402)
    return FailureClass::kQuota;
  if (Contains(kPolicyCodes, error.code) || Contains(kPolicyCodes, error.type))
    return FailureClass::kPolicy;
  const bool may_be_length = status == 0 || status == 400 || status == 413 || status == 422;
  if (status == 413 || (may_be_length && SaysContextTooLong(error)))
    return FailureClass::kContextTooLong;
  if (failure.kind == CallFailure::Kind::kInStream && status < 300) {
    return Contains(kPermanentCodes, error.type) ? FailureClass::kPermanent
                                                 : FailureClass::kTransient;
  }
  // A server that overrules its own status says so in this header (OpenAI's clients obey it).
  const std::string should_retry = ToLower(Trim(failure.Header("x-should-retry")));
  if (should_retry == "true") return FailureClass::kTransient;
  if (should_retry == "false") return FailureClass::kPermanent;
  const bool transient = status == 408 || status == 409 || status == 429 || status >= 500;
  return transient ? FailureClass::kTransient : FailureClass::kPermanent;
}

}  // namespace caesar
