#include "llm/api_error.h"

#include <algorithm>

#include "base/strings.h"
#include "llm/wait_time.h"
#include "llm/wire_json.h"

namespace caesar {
namespace {

constexpr std::size_t kMessageBytesMax = 600;
constexpr std::size_t kWordBytesMax = 200;
constexpr std::size_t kReasonsMax = 16;
constexpr int kItemsMax = 8;   // of a list of complaints
constexpr int kNestedMax = 2;  // errors told inside errors: by a gateway, by the provider behind it

ApiError Read(std::string_view body, int nested);

// A string as it is, null as nothing, anything else as JSON text.
std::string Text(WireValue value) {
  if (value.is_string()) return value.text();
  return value.exists() ? ToValidUtf8(value.raw()) : "";
}

std::string Word(WireValue value) { return Shorten(Text(value), kWordBytesMax); }

void AddReason(ApiError& error, std::string reason) {
  if (!reason.empty() && error.reasons.size() < kReasonsMax)
    error.reasons.push_back(std::move(reason));
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

// Where FastAPI's servers found something wrong: ["body","messages",0] is messages.0.
std::string PlaceOf(WireValue loc) {
  std::vector<std::string> parts;
  for (const WireValue part : loc) {
    if (!part.is("body") && parts.size() < kItemsMax) parts.push_back(Word(part));
  }
  return Join(parts, ".");
}

// FastAPI's list of complaints (vLLM, SGLang, Mistral), or whatever else stands there.
std::string DetailOf(WireValue detail, ApiError& error) {
  if (!detail.is_array()) return Text(detail);
  std::vector<std::string> complaints;
  for (const WireValue item : detail) {
    if (complaints.size() == kItemsMax) break;
    const std::string place = PlaceOf(item["loc"]);
    if (!item["msg"].is_string()) {
      complaints.push_back(Text(item));
      continue;
    }
    if (error.param.empty()) error.param = place;
    AddReason(error, Word(item["type"]));
    complaints.push_back(place.empty() ? item["msg"].text() : place + ": " + item["msg"].text());
  }
  return Join(complaints, "; ");
}

std::string MessageOf(WireValue fields, ApiError& error) {
  const WireValue message = fields["message"];
  if (message.is_object() && message["detail"].exists())
    return DetailOf(message["detail"], error);  // Mistral
  for (const char* key : {"message", "detail", "msg", "title"}) {
    if (!fields[key].exists()) continue;
    const std::string text = DetailOf(fields[key], error);
    if (!text.empty()) return text;
  }
  return "";
}

// Anthropic's details are an object; Google's a list of objects, each of its own kind.
void ReadDetails(WireValue details, ApiError& error) {
  AddReason(error, Word(details["error_code"]));
  if (!details.is_array()) return;
  for (const WireValue detail : details) {
    AddReason(error, Word(detail["reason"]));
    if (detail["retryDelay"].is_string())
      error.retry_after_s = ParseDuration(detail["retryDelay"].text());
    for (const WireValue violation : detail["violations"]) {
      if (error.reasons.size() >= kReasonsMax) break;
      AddReason(error, Word(violation["quotaId"]));
    }
  }
}

// What the provider behind a gateway said is the reason; what the gateway said is where.
void TakeInner(ApiError inner, const std::string& who, ApiError& error) {
  if (inner.message.empty()) return;
  error.message +=
      (error.message.empty() ? "" : (who.empty() ? "" : " (" + who + ")") + ": ") + inner.message;
  for (std::string* word : {&inner.code, &inner.type, &inner.status})
    AddReason(error, std::move(*word));
  for (std::string& reason : inner.reasons) AddReason(error, std::move(reason));
  if (!error.retry_after_s) error.retry_after_s = inner.retry_after_s;
}

// OpenRouter's metadata: what its provider sent, or why its moderation did not ask one.
void ReadMetadata(WireValue metadata, int nested, ApiError& error) {
  if (metadata["flagged_input"].exists()) AddReason(error, "moderation");
  AddReason(error, Word(metadata["error_type"]));
  const WireValue raw = metadata["raw"];
  if (raw.exists() && nested < kNestedMax)
    TakeInner(Read(Text(raw), nested + 1), Word(metadata["provider_name"]), error);
}

void ReadFields(WireValue fields, int nested, ApiError& error) {
  error.type = Word(fields["type"]);
  if (error.type == "error" || error.type == "response.failed") error.type.clear();  // the event's
  error.code = Word(fields["code"].exists() ? fields["code"] : fields["statusCode"]);
  if (fields["status"].is_string()) error.status = Word(fields["status"]);
  error.param = Word(fields["param"]);
  error.message = MessageOf(fields, error);
  AddReason(error, Word(fields["innererror"]["code"]));
  ReadDetails(fields["details"], error);
  ReadMetadata(fields["metadata"], nested, error);
  // Google's clients and gateways put an answer's text into the message of another.
  if (nested < kNestedMax && StartsWith(Trim(error.message), "{")) {
    ApiError inner = Read(std::string(error.message), nested + 1);
    error.message.clear();
    TakeInner(std::move(inner), "", error);
  }
}

ApiError Read(std::string_view body, int nested) {
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
  WireValue field = document["error"];
  if (!field.exists()) field = document["response"]["error"];
  ReadFields(field.is_object() ? field : document, nested, error);
  if (document.is_string()) error.message = document.text();
  if (field.is_string()) error.message = field.text();
  error.request_id = Word(document["request_id"]);
  if (error.message.empty()) error.message = error.raw;
  error.message = Shorten(error.message, kMessageBytesMax);
  return error;
}

}  // namespace

bool LooksLikeHtml(std::string_view body) {
  const std::string head = ToLower(Trim(body.substr(0, 512)));
  return StartsWith(head, "<!doctype") || StartsWith(head, "<html") || StartsWith(head, "<head");
}

ApiError ParseApiError(std::string_view body) { return Read(body, 0); }

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

std::string_view CallFailure::RequestId() const {
  // OpenAI and most others, Anthropic, OpenRouter, Azure's gateway.
  for (const char* name : {"x-request-id", "request-id", "x-generation-id", "apim-request-id"}) {
    if (const std::string_view id = Trim(Header(name)); !id.empty()) return id;
  }
  return error.request_id;
}

}  // namespace caesar
