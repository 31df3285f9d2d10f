#include "llm/codec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace caesar {
namespace {

using nlohmann::json;

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

// The whole numbers in a text, without those inside words ("gpt4"): at most 8.
std::vector<std::int64_t> NumbersIn(std::string_view text) {
  static constexpr std::size_t kDigitsMax = 12;
  std::vector<std::int64_t> numbers;
  for (std::size_t at = 0; at < text.size() && numbers.size() < 8;) {
    std::size_t end = at;
    while (end < text.size() && (IsWordByte(text[end]) || (end > at && text[end] == ','))) ++end;
    if (end == at) {
      ++at;
      continue;
    }
    const std::string word = ReplaceAll(text.substr(at, end - at), ",", "");
    const bool number =
        !word.empty() && word.size() <= kDigitsMax &&
        std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (number) numbers.push_back(std::stoll(word));
    at = end;
  }
  return numbers;
}

}  // namespace

std::optional<std::int64_t> AskedLimit(const ModelConfig& config, const Dialect& dialect) {
  return dialect.max_tokens ? dialect.max_tokens : config.max_tokens;
}

Headers NoHeaders() { return {}; }

void TakeCount(WireValue number, std::optional<std::int64_t>& count) {
  if (number.is_number()) count = number.count();
}

CallFailure FailedAnswer(CallFailure::Kind kind, std::string_view body) {
  CallFailure failure;
  failure.kind = kind;
  failure.status = 200;
  failure.error = ParseApiError(body);
  return failure;
}

bool SaysUnsupported(const ApiError& error) {
  const std::string text =
      ToLower(error.code + " " + error.type + " " + error.message + " " + error.raw);
  static constexpr std::array<std::string_view, 12> kSigns = {
      "unsupported",     "not support",    "unknown",     "unrecognized",
      "extra_forbidden", "not permitted",  "not allowed", "unexpected",
      "extra input",     "not compatible", "deprecated",  "must be verified"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return text.find(sign) != std::string::npos; });
}

bool NamesField(const ApiError& error, std::string_view field) {
  // A server that names the field in `param` mentions others only as advice ("use
  // 'max_completion_tokens' instead").
  if (!error.param.empty()) return HasWord(error.param, field);
  return HasWord(error.raw, field) || HasWord(error.message, field);
}

std::optional<std::int64_t> SaidOutputLimit(const ApiError& error, std::int64_t asked) {
  const std::string text = ToLower(error.message);
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  const bool about = says("max_tokens") || says("max_completion_tokens") ||
                     says("max_output_tokens") || says("maxoutputtokens");
  const bool limit = says("maximum") || says("at most") || says("too large") || says("less than") ||
                     says("range") || says("limit");
  if (!about || !limit) return std::nullopt;
  std::optional<std::int64_t> said;
  for (const std::int64_t number : NumbersIn(error.message)) {
    if (number >= 256 && number < asked) said = std::max(said.value_or(0), number);
  }
  return said;
}

std::optional<Repair> DropRefused(const Dialect& dialect, const CallFailure& failure,
                                  const std::vector<Optional>& fields) {
  for (const Optional& optional : fields) {
    const std::string key(optional.key);
    if (!optional.sent || dialect.dropped.contains(key) ||
        !NamesField(failure.error, optional.field))
      continue;
    Repair repair{dialect, "without " + key, optional.loses};
    repair.dialect.dropped.insert(key);
    return repair;
  }
  return std::nullopt;
}

Result<std::string> WithExtraJson(std::string body, const std::string& extra_json) {
  if (extra_json.empty()) return body;
  const json extra = json::parse(extra_json, nullptr, /*allow_exceptions=*/false);
  if (!extra.is_object()) {
    return Error{ErrorCode::kUsage, "The extra JSON for the request is not a JSON object.",
                 "Expected something like {\"top_k\": 20}; got: " + Shorten(extra_json, 200)};
  }
  json merged = json::parse(body);
  merged.merge_patch(extra);
  return merged.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace caesar
